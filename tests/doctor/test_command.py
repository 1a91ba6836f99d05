"""`orthgen doctor` as a command: without an engine, with `--url`, and its documentation."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.doctor import CHECKS, examine
from orthgen.doctor.model import CheckStatus, ExaminedSystem
from orthgen.report.doctor_forms import DoctorForm
from tests.support.command import orthgen
from tests.support.examined_system import Machine, free_port

ROOT = Path(__file__).parents[2]

# -------------------------------------------------------------------------------------------- the command


def test_a_machine_without_engine_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a profile: the machine alone, each line with its remedy, and exit code 5; for programs too."""
    monkeypatch.setenv("PATH", str(tmp_path))
    text = orthgen("doctor", cwd=tmp_path)
    form = msgspec.json.decode(orthgen("doctor", "--format", "json", cwd=tmp_path).stdout, type=DoctorForm)

    assert text.returncode == ExitCode.DENIED
    assert "`docker` is not installed" in text.stdout
    assert [result.id for result in form.results if result.status == "error"] == ["engine", "compose"]
    assert text.stdout.splitlines()[-1].startswith("2 errors")


def test_an_address_that_does_not_answer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--url` needs no profile; an address that is none is refused."""
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = orthgen("doctor", "--url", f"https://127.0.0.1:{free_port()}", cwd=tmp_path)
    wrong = orthgen("doctor", "--url", "pacs.example.org", cwd=tmp_path)

    assert "connection refused" in outcome.stdout
    assert (wrong.returncode, "does not begin with http" in wrong.stderr) == (ExitCode.FAILED, True)


def test_a_check_that_does_not_concern_the_subject_is_silent() -> None:
    """Without a profile and an address, only the machine is examined."""
    checks = {result.id for result in examine(ExaminedSystem(Machine()))}

    assert checks == {"engine", "compose", "kernel", "clock", "disk", "memory"}


def test_every_check_is_documented() -> None:
    """docs/doctor.md has a row for each check, in their order."""
    page = (ROOT / "docs/doctor.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]

    assert rows == [*(status.value for status in CheckStatus), *(check.id for check in CHECKS)]
