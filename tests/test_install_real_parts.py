"""The installer of the real parts, up to the first package: what it says and asks. Programs of root are stand-ins."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "tools/install-real-parts"

_TOOLS = ("bash", "cat", "date", "dirname", "env", "flock", "ls", "mkdir", "tail")
_STAND_INS = {
    "id": "echo 0",
    "sleep": "true",
    "apt-get": 'echo "$*" >>"$CALLS"; exit 1',
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine of root's without any of the packages, whose registry does not answer."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in _TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    for name, text in _STAND_INS.items():
        (tools / name).write_text(f"#!{shutil.which('sh')}\n{text}\n")
        (tools / name).chmod(0o755)
    return {
        "PATH": str(tools),
        "CALLS": str(tmp_path / "calls"),
        "ORTHGEN_TEST_CACHE": str(tmp_path / "cache"),
    }


def test_without_a_terminal_it_says_what_it_installs_and_asks_nothing(environment: dict[str, str]) -> None:
    """Before the first call of apt-get it names size, places and packages; it does not wait for an answer."""
    run = subprocess.run(
        [SCRIPT], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )

    said, packages, _ = run.stdout.partition("packages: ")
    assert packages
    assert all(word in said for word in ("some 5 GB", environment["ORTHGEN_TEST_CACHE"], "chromium", "slapd"))
    assert "[y/N]" not in run.stdout + run.stderr
    assert Path(environment["CALLS"]).read_text().startswith("update")


def read_all(terminal: int) -> bytes:
    """All that was written to a terminal whose other side is closed: Linux reports its end as an error."""
    text = b""
    try:
        while piece := os.read(terminal, 65536):
            text += piece
    except OSError:
        pass
    return text


@pytest.mark.parametrize(
    ("answer", "more", "asks", "installs"),
    [
        ("n", {}, True, False),
        ("", {}, True, False),
        ("y", {}, True, True),
        ("n", {"CI": "true"}, False, True),
    ],
)
def test_on_a_terminal_it_asks(
    environment: dict[str, str], answer: str, more: dict[str, str], *, asks: bool, installs: bool
) -> None:
    """On a terminal nothing is installed unless somebody says yes; on CI nobody is asked, terminal or not."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    run = subprocess.run(
        [SCRIPT],
        env=environment | more,
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
        timeout=20,
    )
    os.close(theirs)
    said = read_all(ours).decode()
    os.close(ours)

    assert run.returncode == 1
    # bash writes the question to standard error.
    assert (b"Install?" in run.stderr) is asks
    assert ("nothing was installed" in said) is (not installs)
    assert Path(environment["CALLS"]).exists() is installs
