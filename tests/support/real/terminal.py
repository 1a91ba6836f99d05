"""Commands that a person types into a shell on a terminal."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.real import parts


class CommandError(RuntimeError):
    """A command failed; the message is all that the terminal showed."""


ACCOUNT = 1000
"""A person's account, which is not root's. It reads Python where that is installed for root alone."""
_AS_A_PERSON = (
    *("setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
)


def run(commands: str, folder: Path, environment: Mapping[str, str], *, as_root: bool = True) -> str:
    """Run commands in `folder`; what the terminal shows."""
    shell = ["sh", "-euc", commands]
    line = shlex.join(shell if as_root else [*_AS_A_PERSON, *shell])
    done = subprocess.run(
        [parts.command("script"), "--quiet", "--return", "--command", line, "/dev/null"],
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
