"""
Entry point of `orthgen` and `python -m orthgen`, with three settings for a short process.

A render is over in a fraction of a second, most of which is starting Python. Processor time of a `render` that took
241 ms (CPython 3.11, idle machine): 260 ms with a search for pydantic's plugins, 265 ms with the default thresholds of
the garbage collector, 349 ms with the interpreter's own end.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from io import TextIOWrapper

from orthgen.cli.app import main as run
from orthgen.errors import system_reason

# A disk that is full, a quota, a limit of the size, a disk that fails.
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Pydantic looks for plugins in the metadata of every installed package (documented variable); orthgen has none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # Imports make half a million objects that live to the end; a process of seconds need not search them often.
    gc.set_threshold(1_000_000, 20, 20)
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, TextIOWrapper
        ):  # a terminal without UTF-8 shows a code instead of the character
            stream.reconfigure(errors="backslashreplace")
    code: object = 0
    try:
        try:
            run()
        except SystemExit as end:
            code = end.code
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = 1
    except OSError as error:
        # A file has a name; the streams of the process have none.
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        code = 1
        with suppress(OSError):
            sys.stderr.write(f"error: the output cannot be written: {system_reason(error)}\n")
            sys.stderr.flush()
    # The interpreter would take every object apart first. All files are closed, and all child processes have ended.
    os._exit(code if isinstance(code, int) else int(code is not None))


def _replace_closed_streams() -> None:
    """Let a stream that the caller closed (`>&-`) lead nowhere: Python has None for it, and a file would get its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(
                sys,
                name,
                os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if number == 0 else "w", encoding="utf-8"),
            )
