"""Commas that are missing between the lines of a JSON file."""

from __future__ import annotations

from orthgen.diagnosis.check import findings_of
from orthgen.observed.files import TextFile
from orthgen.observed.json_text import read_json
from orthgen.observed.read import observe_texts


def _read(text: str) -> tuple[object, list[str]]:
    read = read_json(TextFile("orthanc.json", text))
    return read.document.value, [f"{each.location}: {each.message}" for each in read.findings]


def test_each_missing_comma_is_named_and_the_rest_is_read() -> None:
    """The finding is at the end of the value that lacks its comma; values below keep their places."""
    text = '{\n  "Name": "clinic" // the name\n  "DicomWeb": {"Enable": true}\n"HttpPort": 8042\n}\n'
    value, findings = _read(text)

    assert value == {"Name": "clinic", "DicomWeb": {"Enable": True}, "HttpPort": 8042}
    assert findings == [
        "orthanc.json:2:18: not valid JSON: there is no comma behind this value",
        "orthanc.json:3:30: not valid JSON: there is no comma behind this value",
    ]
    place = read_json(TextFile("orthanc.json", text)).document.locate(("HttpPort",))
    assert (place.line, place.column) == (4, 13)


def test_other_mistakes_are_no_missing_comma() -> None:
    """Two values on one line, and a word that is no value, leave the text unread."""
    assert _read('{"Name": "a" "HttpPort": 8042}')[0] is None
    assert _read('{\n"Name": fals,\n"HttpPort": 8042\n"DicomAet": "A"\n}')[0] is None


def test_what_was_not_read_is_not_called_missing() -> None:
    """A configuration with a mistake lacks nothing that may stand in it."""
    texts = {
        "docker-compose.yml": "services:\n  orthanc:\n    image: orthancteam/orthanc:26.8.1\n"
        '    volumes: ["./orthanc.json:/etc/orthanc/orthanc.json:ro", "studies:/var/lib/orthanc/db"]\n'
        "volumes: {studies: }\n",
        "orthanc.json": '{"RegisteredUsers": {"reception": pas-sword-4711}}\n',
    }

    assert {finding.rule.id for finding in findings_of(observe_texts(texts))} == {"invalid-json"}


def test_common_mistakes_have_a_remedy() -> None:
    """Backslashes of Windows and quotes of Python and YAML are no JSON, and the finding tells what is."""
    windows = read_json(TextFile("orthanc.json", '{"StorageDirectory": "C:\\Orthanc"}'))
    python = read_json(TextFile("orthanc.json", "{'Name': 'clinic'}"))

    assert [each.hint for each in windows.findings] == ["write each backslash twice, or `/` in its place"]
    assert [each.hint for each in python.findings] == ["write double quotes"]
