"""
One command line as a process of its own: quick to start and quick to end. The program's entry point.

A render is over in a fraction of a second, most of which is starting Python: what is spent here on nothing is
spent by everybody who waits. `benchmarks/render.py` has the numbers.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from types import ModuleType


def main() -> None:
    """Run the command line and end the process with its exit code."""
    _skip_plugins_of_pydantic()
    from orthgen.cli.app import main as run

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


def _skip_plugins_of_pydantic() -> None:
    # Looking for plugins reads the metadata of every installed package, and imports e-mail and sockets for it.
    # None takes part here. Should pydantic rename the module, this costs that time again and breaks nothing.
    loader = ModuleType("pydantic.plugin._loader")
    loader.get_plugins = lambda: ()  # type: ignore[attr-defined]
    sys.modules[loader.__name__] = loader
