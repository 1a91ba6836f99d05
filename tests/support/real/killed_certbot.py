#!/usr/bin/python3
"""
certbot, killed before one of its changes of the certificate's files; a program for the container of certbot.

The variable CHANGES has the number of changes that it makes. The first process of the container is asked to end as well: it
would ignore a KILL from inside.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any

FOLDERS = ("/etc/letsencrypt/live/", "/etc/letsencrypt/archive/", "/etc/letsencrypt/renewal/")
CHANGES = {"os.symlink": 1, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.chmod": 0, "os.chown": 0}
"""The argument of each event that names what is changed."""


def changed(event: str, arguments: tuple[Any, ...]) -> str:
    """The file that an event of Python changes, or nothing."""
    if event == "open":
        path, _, flags = arguments
        return str(path) if flags & (os.O_WRONLY | os.O_RDWR) else ""
    return str(arguments[CHANGES[event]]) if event in CHANGES else ""


def main() -> None:
    """Run certbot."""
    made = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal made
        if changed(event, arguments).startswith(FOLDERS):
            if made == int(os.environ["CHANGES"]):
                os.kill(1, signal.SIGTERM)
                os.kill(os.getpid(), signal.SIGKILL)
            made += 1

    sys.addaudithook(count)
    sys.exit(importlib.import_module("certbot.main").main())


if __name__ == "__main__":
    main()
