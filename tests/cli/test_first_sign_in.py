"""`orthgen first-sign-in` shows a password to a person, and to nobody else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from orthgen.report.error_forms import ErrorForm
from orthgen.report.first_sign_in_forms import FirstSignInForm
from tests.support.builders import MINIMAL, PROFILES
from tests.support.command import orthgen

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    """The smallest deployment with its secrets."""
    assert orthgen("render", MINIMAL, "--out", "o", cwd=tmp_path).returncode == 0
    assert orthgen("secrets", MINIMAL, "--out", "o", cwd=tmp_path).returncode == 0
    return tmp_path


def on_a_terminal(arguments: Sequence[str], cwd: Path) -> str:
    """What a command line writes to a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "orthgen", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "generator")}
    with subprocess.Popen(command, cwd=cwd, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(ours, 4096):
                text += piece
        except OSError:  # Linux reports the end of a terminal as an error
            pass
    os.close(ours)
    assert process.returncode == 0, text
    return text.decode().replace("\r\n", "\n")


def test_a_terminal_shows_address_name_and_password(rendered: Path) -> None:
    """All that the first person needs, and what Keycloak asks for next."""
    password = (rendered / "o/secrets/first-password-admin").read_text()

    assert on_a_terminal(["first-sign-in", MINIMAL, "--out", "o"], rendered) == (
        "Open http://localhost/ui/app/ and sign in:\n"
        "\n"
        "  user name  admin\n"
        f"  password   {password}\n"
        "  roles      staff\n"
        "\n"
        "Keycloak then asks for a new password, a name and an e-mail address and a second factor (an authenticator app "
        "on a phone). This password serves once.\n"
    )


def test_programs_at_the_terminal_get_json(rendered: Path) -> None:
    """`--format json` has address, user names, passwords and roles; it is refused in a pipe as the text is."""
    arguments = ("first-sign-in", MINIMAL, "--out", "o", "--format", "json")
    form = msgspec.json.decode(on_a_terminal(arguments, rendered), type=FirstSignInForm)
    refused = orthgen(*arguments, cwd=rendered)

    (account,) = form.accounts
    assert account.password == (rendered / "o/secrets/first-password-admin").read_text()
    assert (account.user_name, account.roles) == ("admin", ("staff",))
    assert refused.returncode == 1
    assert msgspec.json.decode(refused.stdout, type=ErrorForm).exit_code == 1
    assert account.password not in refused.stdout + refused.stderr


def test_no_log_ever_holds_the_password(rendered: Path) -> None:
    """Where standard output is no terminal the command refuses, and names the file."""
    password = (rendered / "o/secrets/first-password-admin").read_text()

    outcome = orthgen("first-sign-in", MINIMAL, "--out", "o", cwd=rendered)

    assert outcome.returncode == 1
    assert "standard output is not a terminal" in outcome.stderr
    assert f"`{Path('o/secrets/first-password-admin')}`" in outcome.stderr
    assert password not in outcome.stdout + outcome.stderr


def test_nobody_is_sent_to_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Before `orthgen secrets`, the missing file counts, whether or not standard output is a terminal."""
    outcome = orthgen("first-sign-in", MINIMAL, "--out", "o", cwd=tmp_path)

    assert outcome.returncode == 1
    assert "`o/secrets/first-password-admin` is not there" in outcome.stderr
    assert "orthgen secrets" in outcome.stderr


def test_a_profile_without_such_a_password_is_told(tmp_path: Path) -> None:
    """People of an institution's own provider have no password of ours."""
    outcome = orthgen("first-sign-in", str(PROFILES / "paradim.yaml"), "--out", "o", cwd=tmp_path)

    assert outcome.returncode == 1
    assert "has no account with a password that orthgen makes" in outcome.stderr
