"""
Ends or fails whatever changes a file system, at a chosen step.

Python announces every such call before it is made (audit events); raising there keeps the call from being made.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# `ctypes.dlsym` stands for renameat2 and renamex_np, which are looked up before each call.
_CHANGES = {
    "os.chmod",
    "os.chown",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.truncate",
    "os.utime",
    "ctypes.dlsym",
}


class Killed(BaseException):
    """The process ends here: no `except` of the program's own, nothing is tidied up."""


class Interruption:
    """A countdown of changes. `happened`: whether the chosen one came."""

    def __init__(self, step: int, failure: BaseException) -> None:
        self.left = step
        self.failure = failure
        self.happened = False


_active: list[Interruption] = []
_installed: list[bool] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if not _active or not _is_change(event, arguments):
        return
    interruption = _active[0]
    interruption.left -= 1
    if interruption.left < 0 and not interruption.happened:
        interruption.happened = True
        raise interruption.failure


def _is_change(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        flags = arguments[2]
        return isinstance(flags, int) and bool(flags & os.O_ACCMODE)
    return event in _CHANGES


@contextmanager
def interrupted(step: int, failure: BaseException) -> Iterator[Interruption]:
    """Raise `failure` instead of the change number `step` (from 0) that is made in the block."""
    if not _installed:
        sys.addaudithook(_hook)  # for good: Python has no way of taking one away
        _installed.append(True)
    interruption = Interruption(step, failure)
    _active.append(interruption)
    try:
        yield interruption
    finally:
        _active.clear()
