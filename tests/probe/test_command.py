"""`orthgen verify` as a command: what it says, what it sends without being told, how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.report.probe_forms import ProbeForm, RequestForm
from tests.support.builders import make_deployment
from tests.support.command import orthgen
from tests.support.deployed import GIVEN_STUDIES, TOKENS, Served, bare

if TYPE_CHECKING:
    from pathlib import Path

NAMED = (
    *("--user-token", "file:user", "--link-token", "env:ORTHGEN_TEST_LINK"),
    *(
        "--study",
        GIVEN_STUDIES.study,
        "--other-study",
        GIVEN_STUDIES.other,
        "--other-study-uid",
        GIVEN_STUDIES.other_uid,
    ),
)


@pytest.fixture(autouse=True)
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's token in a file, as a browser shows it; the link's in a variable."""
    (tmp_path / "user").write_text(f"Bearer {TOKENS.user}\n")
    monkeypatch.setenv("ORTHGEN_TEST_LINK", TOKENS.link)


def test_open_doors_are_told_with_reason_and_remedy(tmp_path: Path) -> None:
    """The samples' deployment: exit code 5, each open door with why it matters and what closes it, and a count."""
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, *NAMED, "--yes", cwd=tmp_path)

    lines = outcome.stdout.splitlines()
    first = next(at for at, line in enumerate(lines) if " anonymous-upload: " in line)
    assert outcome.returncode == ExitCode.DENIED
    assert lines[first].startswith("open         W4 ")
    assert "POST /instances" in lines[first]
    assert lines[first + 1].strip().startswith("matters: ")
    assert lines[first + 2].strip().startswith("closed by: ")
    assert lines[-1] == f"{server.url}/: 32 open, 13 closed, 6 cannot tell"


def test_json_tells_the_same(tmp_path: Path) -> None:
    """`--format json` has every check with its verdict, what was asked, what came back, why and what closes it."""
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, *NAMED, "--yes", "--format", "json", cwd=tmp_path)
    told = json.loads(outcome.stdout)
    by_name = {check["name"]: check for check in told["checks"]}

    msgspec.convert(told, ProbeForm)
    assert told["open"] == 32
    assert by_name["anonymous-upload"] == {
        "name": "anonymous-upload",
        "weakness": "W4",
        "verdict": "open",
        "asked": "signed out: POST /instances, a body that is not DICOM",
        "answer": "400, an error of Orthanc's own: it got there",
        "why": "anybody in the network can add studies to the archive",
        "closed_by": by_name["anonymous-upload"]["closed_by"],
    }


@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--yes",), ("--yes", "--format", "json")])
def test_no_token_and_no_contents_are_shown(options: tuple[str, ...], tmp_path: Path) -> None:
    """Neither a token, nor its parts, nor a link that was made, nor what an answer holds is in any output."""
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, *NAMED, *options, cwd=tmp_path)
    said = outcome.stdout + outcome.stderr

    assert [part for token in (TOKENS.user, TOKENS.link) for part in token.split(".") if part in said] == []
    assert [
        word for word in ("made", "CountStudies", GIVEN_STUDIES.other_uid) if word in outcome.stdout.split()
    ] == []


def test_without_consent_nothing_goes_beyond_reading(tmp_path: Path) -> None:
    """Where nobody is there to ask and `--yes` is not said, writes are not sent, and that is said of each."""
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, *NAMED, cwd=tmp_path)
        methods = {(heard.method, heard.path) for heard in server.heard if heard.method != "GET"}

    assert methods == {("POST", "/tools/lookup"), ("POST", "/tools/find")}
    assert outcome.stdout.count("not asked, because it goes beyond reading (`--yes`)") == 15


@pytest.mark.parametrize(("answer", "count"), [("y", 15), ("n", 0), ("", 0)])
def test_a_person_is_asked_first(
    answer: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is there sees every such request before it is sent, and only a yes sends them."""
    asked = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return answer == "y"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", confirm)
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, *NAMED, cwd=tmp_path)
        sent = [
            heard
            for heard in server.heard
            if heard.method in {"PUT", "DELETE"}
            or "_method" in heard.path
            or "x-http-method-override" in heard.headers
            or (heard.method == "POST" and heard.path not in {"/tools/lookup", "/tools/find"})
        ]

    assert asked == ["Send them?"]
    assert outcome.stderr.count("  ! ") == 15
    assert len(sent) == count


def test_the_list_is_shown_without_sending_anything(tmp_path: Path) -> None:
    """`--list` shows every request, those beyond reading marked, and sends none."""
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, "--list", cwd=tmp_path)

        assert server.heard == []
    assert outcome.returncode == ExitCode.DONE
    assert outcome.stdout.count("  ! ") == 15
    assert "POST {orthanc}/instances, a body that is not DICOM" in outcome.stdout


def test_the_list_is_told_to_programs_too(tmp_path: Path) -> None:
    """`--list --format json` has each request, and whether it goes beyond reading."""
    outcome = orthgen("verify", "http://localhost:1", "--list", "--format", "json", cwd=tmp_path)

    requests = msgspec.json.decode(outcome.stdout, type=list[RequestForm])
    assert sum(request.writes for request in requests) == 15


def test_what_is_not_open_ends_well(tmp_path: Path) -> None:
    """A server that refuses everybody everything: nothing open, exit code 0."""
    with Served(lambda _: (403, {}, b"")) as server:
        outcome = orthgen("verify", server.url, "--yes", cwd=tmp_path)

    assert outcome.returncode == ExitCode.DONE
    assert " 0 open, " in outcome.stdout.splitlines()[-1]


@pytest.mark.parametrize("status", [404, 500])
def test_what_is_no_orthanc_is_not_called_closed(status: int, tmp_path: Path) -> None:
    """Where nothing behaves like Orthanc nothing is concluded: exit code 6, with what to do."""
    with Served(lambda _: (status, {}, b"<html>hello</html>")) as server:
        outcome = orthgen("verify", server.url, cwd=tmp_path)

    assert outcome.returncode == ExitCode.UNREACHABLE
    assert outcome.stdout == ""
    assert "behaves like Orthanc" in outcome.stderr


def test_who_does_not_answer_is_told(tmp_path: Path) -> None:
    """A closed port: exit code 6 and the address."""
    outcome = orthgen("verify", "http://127.0.0.1:9/", cwd=tmp_path)

    assert outcome.returncode == ExitCode.UNREACHABLE
    assert "http://127.0.0.1:9: no answer (connection refused)" in outcome.stderr


def test_a_token_on_the_command_line_is_refused(tmp_path: Path) -> None:
    """A token instead of a reference is neither sent nor repeated."""
    with bare(make_deployment()) as server:
        outcome = orthgen("verify", server.url, "--user-token", TOKENS.user, cwd=tmp_path)

        assert server.heard == []
    assert outcome.returncode == ExitCode.FAILED
    assert "is not a reference" in outcome.stderr
    assert TOKENS.user not in outcome.stderr


def test_orthanc_is_found_below_its_usual_path(tmp_path: Path) -> None:
    """The samples publish Orthanc at /orthanc/; the origin alone leads there."""

    def answer(heard: object) -> tuple[int, dict[str, str], bytes]:
        path = heard.path  # type: ignore[attr-defined]
        return (403, {}, b"") if path.startswith("/orthanc/") else (404, {}, b"")

    with Served(answer) as server:
        outcome = orthgen("verify", server.url, cwd=tmp_path)

    assert "GET /orthanc/changes?limit=1 -> 403" in outcome.stdout


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_refuses_everything_is_no_orthanc(tmp_path: Path, status: int) -> None:
    """What answers every path alike tells nothing of Orthanc or Keycloak: exit code 6, and nothing is called open."""
    with Served(lambda _: (status, {"WWW-Authenticate": 'Basic realm="Intranet"'}, b"no")) as server:
        outcome = orthgen("verify", server.url, cwd=tmp_path)

    assert outcome.returncode == ExitCode.UNREACHABLE
    assert f"answers every path by {status}" in outcome.stderr
    assert outcome.stdout == ""


def test_an_orthanc_that_asks_everybody_for_a_password_is_one(tmp_path: Path) -> None:
    """Orthanc says who it is where it asks for a password; a 401 of it for Keycloak's paths opens nothing."""
    with Served(lambda _: (401, {"WWW-Authenticate": 'Basic realm="Orthanc Secure Area"'}, b"")) as server:
        outcome = orthgen("verify", server.url, "--format", "json", cwd=tmp_path)

    verdicts = {check["name"]: check["verdict"] for check in json.loads(outcome.stdout)["checks"]}
    assert verdicts["keycloak-administration"] == "cannot tell"
    assert "open" not in verdicts.values()
    assert outcome.returncode == ExitCode.DONE
