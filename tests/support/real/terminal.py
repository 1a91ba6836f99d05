"""Commands that a person types into a shell on a terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.real import parts


class CommandError(RuntimeError):
    """A command failed; the message is all that the terminal showed."""


def run(commands: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run commands in `folder`, which gets the project's launcher; what the terminal shows."""
    launcher = folder / "orthgen"
    if not launcher.exists():
        launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m orthgen "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)
    (folder / "typed.sh").write_text(commands, encoding="utf-8")
    done = subprocess.run(
        [parts.command("script"), "--quiet", "--return", "--command", "sh -eu typed.sh", "/dev/null"],
        cwd=folder,
        env={**environment, "TERM": "dumb", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    shown = done.stdout.decode(errors="replace")
    if done.returncode:
        raise CommandError(shown)
    return shown
