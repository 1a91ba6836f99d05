"""Orthanc's configuration is read as Orthanc and its image read it, with the place of every value."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from orthgen.observed.model import SourceKind
from orthgen.observed.read import observe_texts

if TYPE_CHECKING:
    from orthgen.observed.model import ObservedDeployment, Orthanc


def _observed(**texts: str) -> ObservedDeployment:
    """The deployment of these files; `_` in an argument's name stands for the dot of a file's name."""
    return observe_texts(
        {name.replace("__", "/").replace("_", "."): dedent(text).lstrip("\n") for name, text in texts.items()}
    )


def _orthanc(**texts: str) -> Orthanc:
    (orthanc,) = _observed(**texts).orthancs
    return orthanc


def _ids(deployment: ObservedDeployment) -> list[str]:
    return [f"{finding.location} {finding.rule.id}" for finding in deployment.findings]


def test_comments_variables_and_a_mark_are_read() -> None:
    """Comments, a byte order mark and variables without quotes leave every value in its place."""
    orthanc = _orthanc(
        orthanc_json="""
        \ufeff{
          // the name
          "Name": "clinic", /* two
          lines */ "DicomPort": ${PORT},
          "Authorization": {"WebServiceRootUrl": "${URL}"}
        }
        """
    )

    assert orthanc.settings.value == {
        "Name": "clinic",
        "DicomPort": "${PORT}",
        "Authorization": {"WebServiceRootUrl": "${URL}"},
    }
    assert str(orthanc.settings.locate(("DicomPort",))) == "orthanc.json:4:25"
    assert str(orthanc.settings.locate(("Authorization", "WebServiceRootUrl"))) == "orthanc.json:5:42"


def test_a_repeated_key_is_found_at_both_places() -> None:
    """The second of two equal keys is in force, and the finding names the first one."""
    deployment = _observed(orthanc_json='{"DicomWeb": {"Enable": true},\n "DicomWeb": {"Root": "/x/"}}')

    assert deployment.orthancs[0].settings.value == {"DicomWeb": {"Root": "/x/"}}
    assert _ids(deployment) == ["orthanc.json:2:2 repeated-key"]
    assert [str(place) for place, _ in deployment.findings[0].related] == ["orthanc.json:1:2"]


def test_files_of_one_folder_are_one_configuration() -> None:
    """Files that share no key are one Orthanc, as Orthanc reads a folder; those that share one are two."""
    deployment = _observed(
        a__main_json='{"Name": "a", "DicomAet": "A"}',
        a__web_json='{"DicomWeb": {}}',
        a__other_json='{"Name": "b", "DicomAet": "B"}',
    )

    assert [list(orthanc.settings.value) for orthanc in deployment.orthancs] == [
        ["Name", "DicomAet", "DicomWeb"],
        ["Name", "DicomAet"],
    ]


def test_an_excerpt_is_not_complete() -> None:
    """A few keys without braces are read, at their places, and nothing is missed in them."""
    orthanc = _orthanc(orthanc_json='"Name": "x",\n  "DicomWeb": {"Root": "/x/"},\n')

    assert not orthanc.is_complete
    assert str(orthanc.settings.locate(("DicomWeb", "Root"))) == "orthanc.json:2:24"


COMPOSE = """
services:
  orthanc:
    image: orthancteam/orthanc:26.8.1
    volumes:
      - ./orthanc.json:/etc/orthanc/orthanc.json:ro
      - ./web.json:/etc/orthanc/web.json
    secrets: [ORTHANC__POSTGRESQL__PASSWORD, {source: pw, target: aet-file}]
    environment:
      ROOT: /from-variable/
      VERBOSE_ENABLED: "true"
      OHIF_PLUGIN_ENABLED: "true"
      ORTHANC_JSON: |
        {
          "Name": "from json", // why
          "DicomWeb": {"Enable": true}
        }
      ORTHANC__DICOM_WEB__STOW_MAX_SIZE: "5"
      ORTHANC__POSTGRESQL__HOST: db
      ORTHANC__DICOM_AET_SECRET: aet-file
      HTTP_PORT: "8043"
secrets:
  ORTHANC__POSTGRESQL__PASSWORD: {file: ./password}
  pw: {file: ./aet}
"""


def test_the_image_merges_files_variables_and_secrets() -> None:
    """Files come first, then ORTHANC_JSON and single variables, then secrets; each value keeps its place."""
    orthanc = observe_texts(
        {
            "docker-compose.yml": COMPOSE,
            "orthanc.json": '{"Name": "from file", "DicomAet": "FILE", "DicomWeb": {"Root": "${ROOT}"}}',
            "web.json": '{"DicomWeb": {"StowMaxInstances": 2}}',
            "password": "hidden\n",
            "aet": "SECRET",
        }
    ).orthancs[0]

    assert orthanc.settings.value == {
        "Name": "from json",
        "DicomAet": "SECRET",
        "DicomWeb": {"Root": "/from-variable/", "StowMaxInstances": 2, "Enable": True, "StowMaxSize": 5},
        "PostgreSQL": {"Host": "db", "Password": "hidden"},
        "HttpPort": 8043,
    }
    places = {
        ".".join(path): str(orthanc.settings.locate(path))
        for path in (
            ("Name",),
            ("DicomAet",),
            ("DicomWeb", "Root"),
            ("DicomWeb", "Enable"),
            ("DicomWeb", "StowMaxSize"),
            ("PostgreSQL", "Password"),
        )
    }
    assert places == {
        "Name": "docker-compose.yml:15:19",
        "DicomAet": "docker-compose.yml:8:46",
        "DicomWeb.Root": "orthanc.json:1:64",
        "DicomWeb.Enable": "docker-compose.yml:16:34",
        "DicomWeb.StowMaxSize": "docker-compose.yml:18:42",
        "PostgreSQL.Password": "docker-compose.yml:8:15",
    }
    assert [str(place) for place in orthanc.settings.places(("Name",))] == [
        "orthanc.json:1:10",
        "docker-compose.yml:15:19",
    ]


def test_a_plugin_loads_by_its_section_its_variable_or_always() -> None:
    """The plugins are those that the image enables, and its defaults stand below what is stated."""
    orthanc = observe_texts({"docker-compose.yml": COMPOSE}).orthancs[0]

    assert orthanc.plugins is not None
    assert {"DicomWeb", "PostgreSQL", "Ohif", "OrthancExplorer2"} <= orthanc.plugins
    assert "Authorization" not in orthanc.plugins
    assert orthanc.effective.get("OrthancExplorer2", "Enable") is True
    assert orthanc.effective.get("PostgreSQL", "Host") == "db"
    assert str(orthanc.effective.locate(("RemoteAccessAllowed",))) == "docker-compose.yml:4:12"
    assert not orthanc.settings.has("RemoteAccessAllowed")


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ('ORTHANC_JSON: \'{"Name": "x"}\'', "compose.yml:5:31"),
        ('ORTHANC_JSON: "{\\"Name\\": \\"x\\"}"', "compose.yml:5:21"),
        ('- ORTHANC_JSON={"Name":"x"}', "compose.yml:5:30"),
        ("ORTHANC__NAME: x", "compose.yml:5:22"),
        ("- ORTHANC__NAME=x", "compose.yml:5:9"),
    ],
    ids=["single-quoted", "double-quoted", "in a list", "variable", "variable in a list"],
)
def test_a_value_in_a_variable_has_a_place(environment: str, place: str) -> None:
    """A value is found in the text of ORTHANC_JSON where it stands there as it is, else at the variable."""
    compose = (
        f"services:\n  o:\n    image: orthancteam/orthanc:26.8.1\n    environment:\n      {environment}\n"
    )
    orthanc = observe_texts({"compose.yml": compose}).orthancs[0]

    assert orthanc.settings.value == {"Name": "x"}
    assert str(orthanc.settings.locate(("Name",))) == place


def test_plain_orthanc_reads_no_variables() -> None:
    """An image of jodogne reads the files alone."""
    compose = """
services:
  orthanc:
    image: jodogne/orthanc-plugins:1.12.9
    environment: {ORTHANC__NAME: x}
    configs: [{source: main, target: /etc/orthanc/orthanc.json}]
configs:
  main:
    content: |
      {"DicomAet": "A",}
"""
    deployment = observe_texts({"compose.yml": compose})

    assert deployment.orthancs[0].settings.value == {"DicomAet": "A"}
    assert str(deployment.orthancs[0].settings.locate(("DicomAet",))) == "compose.yml:10:20"
    assert deployment.orthancs[0].plugins is None
    assert deployment.findings == ()


def test_a_trailing_comma_is_an_error_to_the_image() -> None:
    """Orthanc forgives a comma before a bracket; the image's reader of JSON does not."""
    deployment = observe_texts({"orthanc.json": '{\n  "Name": "x",\n}'})

    assert _ids(deployment) == ["orthanc.json:2:14 trailing-comma"]


@pytest.mark.parametrize("command", ["/run/secrets/", "[Orthanc, /run/secrets/pacs.json]"])
def test_a_plain_image_reads_the_path_of_its_command(command: str) -> None:
    """A configuration in a secret is that of the container, and its text is not shown."""
    deployment = observe_texts(
        {
            "compose.yml": "services:\n  pacs:\n    image: jodogne/orthanc:1.12.11\n"
            f"    command: {command}\n    secrets: [pacs.json]\nsecrets: {{pacs.json: {{file: pacs.json}}}}\n",
            "pacs.json": '{"DicomAet": "PACS"}',
        }
    )

    assert [orthanc.settings.value for orthanc in deployment.orthancs] == [{"DicomAet": "PACS"}]
    assert ("pacs.json", SourceKind.ORTHANC) in {(each.file, each.kind) for each in deployment.sources}
    assert "pacs.json" not in deployment.texts
