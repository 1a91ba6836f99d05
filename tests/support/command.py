"""Runs a command line of orthgen in this process: the exit code, what it wrote to which stream."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

from orthgen.cli.app import main

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command line returned and wrote."""

    returncode: int
    stdout: str
    stderr: str


def orthgen(*arguments: str, cwd: Path, stdin: str | None = None) -> Outcome:
    """Run `orthgen ARGUMENTS` in the folder `cwd`; an exception that is not an expected failure comes through."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        patch.object(sys, "argv", ["orthgen", *arguments]),
        patch.object(sys, "stdin", sys.stdin if stdin is None else _text_stream(stdin)),
    ):
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    return Outcome(code, out.getvalue(), err.getvalue())


def _text_stream(text: str) -> io.TextIOWrapper:
    """Standard input that is no terminal and holds the text; also as bytes, in `buffer`."""
    return io.TextIOWrapper(io.BytesIO(text.encode(errors="surrogateescape")), encoding="utf-8")
