"""
Entry point of `orthgen` and `python -m orthgen`, with three settings for a short process.

A render is over in a fraction of a second, most of which is starting Python. Processor time of a `render` that took
241 ms (CPython 3.11, idle machine): 260 ms with a search for pydantic's plugins, 265 ms with the default thresholds of
the garbage collector, 349 ms with the interpreter's own end.
"""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper

from orthgen.cli.app import main as run


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Pydantic looks for plugins in the metadata of every installed package (documented variable); orthgen has none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Imports make half a million objects that live to the end; a process of seconds need not search them often.
    gc.set_threshold(1_000_000, 20, 20)
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
    # The interpreter would take every object apart first. All files are closed, and all child processes have ended.
    os._exit(code if isinstance(code, int) else int(code is not None))
