"""
How long people wait over a line: `python -m benchmarks.line [PART...]`, as root, with the tests' real parts installed.

A rendered deployment and the samples' configuration of nginx stand before the same Orthanc (with PostgreSQL) and the same
files of OHIF; curl and a browser ask both, in turn, over a line of 20 or 100 Mbit/s and 40 ms. The parts are `metadata`,
`frames`, `uploads`, `large`, `visits`, `questions`, `cost` and `connections`; all of them unless some are named. Exits
with 1 if a figure is above its goal.

The authorization plugin is in no registry, so it is not part of the times: it would take the same time behind both. Its
stand-in counts the questions to the auth-service.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.line.cost import connections, processor_time
from benchmarks.line.deployed import deployed
from benchmarks.line.rows import ROWS, Bench, Row
from tests.support.real import network as networks

PARTS = {**ROWS, "cost": processor_time, "connections": connections}
_ROUNDS = 3


def main() -> int:
    """Measure, print each row as soon as it is known, judge."""
    names = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        raise SystemExit(f"no such part: {', '.join(unknown)} (parts: {', '.join(PARTS)})")
    with tempfile.TemporaryDirectory(prefix="orthgen-line-") as text:
        folder = Path(text)
        (folder / "network").mkdir()
        network = networks.enter(folder / "network")
        with deployed(network, folder) as servers, sync_playwright() as playwright:
            bench = Bench(servers, playwright, _ROUNDS)
            rows = [shown(row) for name in names for row in PARTS[name](bench)]
    return int(any(row.goal is not None and row.figure > row.goal for row in rows))


def shown(row: Row) -> Row:
    """Print a row."""
    goal = "     " if row.goal is None else f"{row.goal:5.2f}"
    mark = " ABOVE THE GOAL" if row.goal is not None and row.figure > row.goal else ""
    sys.stdout.write(f"{row.what:58} {row.figure:6.3f}  goal {goal}{mark}  ({row.note})\n")
    sys.stdout.flush()
    return row


if __name__ == "__main__":
    sys.exit(main())
