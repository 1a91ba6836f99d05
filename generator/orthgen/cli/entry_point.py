"""The program's entry point, `orthgen` and `python -m orthgen`."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from orthgen.cli.app import main as run


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Looking for pydantic's plugins reads the metadata of every installed package; orthgen uses none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, TextIOWrapper
        ):  # a terminal without UTF-8 shows a code instead of the character
            stream.reconfigure(errors="backslashreplace")
    code: object = 0
    try:
        run()
    except SystemExit as end:
        code = end.code
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = 1
    # Without taking every object apart first. All files are closed by now, and all processes have ended.
    os._exit(code if isinstance(code, int) else int(code is not None))
