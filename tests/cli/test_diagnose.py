"""`orthgen diagnose` explains a pasted text in three forms, and shows no token."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.report.diagnosis_forms import DiagnosisForm
from tests.diagnosis.test_refusal import LINK
from tests.support.command import orthgen

DATA = Path(__file__).parents[1] / "data"
# A recording that breaks off is a warning whatever rules there are.
BROKEN = '{"log": {"entries": [{"request": {"method": "GET", "url": "https://pacs.example/"}}, {"requ'


def test_the_report_is_explained_in_plain_words() -> None:
    """The report of the forum gets these words, which a person reviewed (`tests/diagnosis/golden`)."""
    outcome = orthgen("diagnose", "reported-403.txt", cwd=DATA)
    golden = DATA.parent / "diagnosis/golden/reported-403.txt"

    assert outcome.stdout == golden.read_text(encoding="utf-8")
    assert outcome.returncode == ExitCode.DONE


def test_json_has_its_form() -> None:
    """The JSON is what docs/commands.md describes."""
    outcome = orthgen("diagnose", "reported-403.txt", "--format", "json", cwd=DATA)
    diagnosis = msgspec.convert(json.loads(outcome.stdout), DiagnosisForm)

    assert [(each.method, each.path, each.status) for each in diagnosis.refusals] == [
        ("POST", "/dicom-web/studies", 403)
    ]
    assert len(diagnosis.answers) == 3
    assert diagnosis.profile is not None


@pytest.mark.parametrize("output", ["text", "json", "sarif"])
def test_no_token_is_shown(tmp_path: Path, output: str) -> None:
    """A token in a request, in an address and in prose is in no form of the output."""
    text = f"Why is {LINK} refused?\nGET /studies/1-2?token={LINK} HTTP/1.1\nCookie: {LINK}\n\nHTTP/1.1 403 Forbidden\n"

    outcome = orthgen("diagnose", "-", "--format", output, cwd=tmp_path, stdin=text)

    assert LINK.split(".")[1] not in outcome.stdout + outcome.stderr
    assert output == "sarif" or "403" in outcome.stdout


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [
        ("error", ExitCode.DONE),
        ("warning", ExitCode.DENIED),
        ("note", ExitCode.DENIED),
        ("never", ExitCode.DONE),
    ],
)
def test_the_exit_code_follows_the_gravest_finding(tmp_path: Path, fail_on: str, code: ExitCode) -> None:
    """`--fail-on` is the least severity that gives exit code 5."""
    (tmp_path / "a.har").write_text(BROKEN)

    assert orthgen("diagnose", "a.har", "--fail-on", fail_on, cwd=tmp_path).returncode == code


def test_accepted_findings_are_counted_and_shown_on_request(tmp_path: Path) -> None:
    """The file in the working folder is read; its reasons are shown with `--show-silenced`."""
    (tmp_path / "a.har").write_text(BROKEN)
    (tmp_path / ".orthgen-diagnose.yaml").write_text(
        "silence: [{finding: unreadable-recording, reason: known to be cut}]"
    )

    quiet = orthgen("diagnose", "a.har", "--fail-on", "note", cwd=tmp_path)
    shown = orthgen("diagnose", "a.har", "--show-silenced", cwd=tmp_path)
    sarif = json.loads(orthgen("diagnose", "a.har", "--format", "sarif", cwd=tmp_path).stdout)

    assert quiet.returncode == ExitCode.DONE
    assert quiet.stdout.endswith("1 silenced\n")
    assert "known to be cut" not in quiet.stdout
    assert "silenced: known to be cut" in shown.stdout
    assert sarif["runs"][0]["results"][0]["suppressions"][0]["justification"] == "known to be cut"


def test_a_file_of_silences_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    """A path that is given is not skipped."""
    (tmp_path / "a.har").write_text(BROKEN)

    outcome = orthgen("diagnose", "a.har", "--silence", "none.yaml", cwd=tmp_path)

    assert outcome.returncode == ExitCode.FAILED
    assert "`none.yaml` cannot be read" in outcome.stderr


def test_the_settings_in_force_are_shown(tmp_path: Path) -> None:
    """`--effective` shows values with their places as text and as JSON, and what could not be seen beside it."""
    (tmp_path / "compose.yml").write_text(
        "services:\n  o:\n    image: orthancteam/orthanc:26.8.1\n    environment: {ORTHANC__NAME: '${TITLE}', ORTHANC_PASSWORD: geheim}\n"
    )
    shown = orthgen("diagnose", "--effective", "compose.yml", cwd=tmp_path)
    parts = json.loads(
        orthgen("diagnose", "--effective", "--format", "json", "compose.yml", cwd=tmp_path).stdout
    )

    assert (shown.returncode, "geheim" in shown.stdout) == (0, False)
    assert "compose.yml:4:34 (environment)" in shown.stdout
    assert "the values of `TITLE` are not known" in shown.stderr
    assert parts[0]["values"][0] == {
        "path": ["Name"],
        "value": "${TITLE}",
        "place": {"file": "compose.yml", "line": 4, "column": 34},
        "source": "environment",
        "replaces": [],
    }
    assert (
        orthgen("diagnose", "--effective", "--format", "sarif", "compose.yml", cwd=tmp_path).returncode == 2
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("none.json", "`none.json` does not exist"),
        ("prose.txt", "nothing here was recognised as a part of a deployment"),
        (".", "nothing here was recognised as a part of a deployment"),
        ("-", "nothing to read: there is no text"),
    ],
)
def test_what_cannot_be_diagnosed_fails(tmp_path: Path, path: str, message: str) -> None:
    """A command that read nothing does not succeed."""
    (tmp_path / "prose.txt").write_text("Hello.")

    outcome = orthgen("diagnose", path, cwd=tmp_path, stdin="")

    assert outcome.returncode == ExitCode.FAILED
    assert message in outcome.stderr


@pytest.mark.parametrize("name", ["empty.txt", "nginx.conf", "compose.yml", "orthanc.json"])
@pytest.mark.parametrize("text", ["", "\ufeff\n \r\n"])
def test_a_file_without_text_is_called_empty(tmp_path: Path, name: str, text: str) -> None:
    """Whatever its name says: an engineer looks for a failed copy, and not for an unknown form."""
    (tmp_path / name).write_text(text)

    outcome = orthgen("diagnose", name, cwd=tmp_path)

    assert f"  {name}  empty\n" in outcome.stdout
    assert f"`{name}` is empty." in outcome.stdout
    assert outcome.returncode != ExitCode.DONE


@pytest.mark.parametrize("command", [("diagnose",), ("diagnose", "--effective"), ("adopt",)], ids=" ".join)
def test_every_reader_of_deployments_refuses_the_same_input(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A path that does not exist, and standard input that is no text."""
    missing = orthgen(*command, "none.json", cwd=tmp_path)
    binary = orthgen(*command, "-", cwd=tmp_path, stdin="\x7fELF\0\1\2")

    assert (missing.returncode, binary.returncode) == (ExitCode.FAILED, ExitCode.FAILED)
    assert "`none.json` does not exist" in missing.stderr
    assert "standard input is binary" in binary.stderr


def test_standard_input_may_be_utf_16(tmp_path: Path) -> None:
    """PowerShell pipes UTF-16."""
    text = "POST /instances HTTP/1.1\nHost: a\n\nHTTP/1.1 403 Forbidden\n"

    outcome = orthgen(
        "diagnose", "-", cwd=tmp_path, stdin=text.encode("utf-16").decode("utf-8", "surrogateescape")
    )

    assert "POST /instances → 403" in outcome.stdout
