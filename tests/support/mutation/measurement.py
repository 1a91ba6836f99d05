"""Measurement of the unchanged code: which tests execute which line, and the processor time that they take."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

from tests.support.mutation.changes import SOURCES
from tests.support.mutation.processes import in_processes, run_tests

Lines = dict[str, dict[int, set[str]]]


class Measurement(NamedTuple):
    """
    The tests, and the files of tests, that execute each line of a module; the time of each test and file.

    `sources` is a digest of the modules and tests: another one has other lines.
    """

    tests: Lines
    files: Lines
    seconds: dict[str, float]
    sources: str


def sources() -> str:
    """A digest of the modules and tests in the working directory."""
    total = hashlib.sha256()
    for path in sorted(path for top in (SOURCES, Path("tests")) for path in top.rglob("*.py")):
        total.update(f"{path}\n".encode() + path.read_bytes())
    return total.hexdigest()


def measure(jobs: int) -> Measurement:
    """Run the fast tests in the working directory, each file in a process of its own."""
    measurement = Measurement({}, {}, {}, sources())
    paths = sorted(str(path) for path in Path("tests").rglob("test_*.py") if "real" not in path.parts)
    for path, answer in in_processes(_measured_file, paths, [Path.cwd()] * jobs):
        if answer is None:
            # A test of depth or time, which coverage changes, say.
            sys.stderr.write(f"{path} fails while it is measured, and is left out\n")
            continue
        lines, seconds = answer
        measurement.seconds.update(seconds)
        measurement.seconds[path] = sum(seconds.values())
        for module, rows in lines.items():
            for row, tests in rows.items():
                measurement.tests.setdefault(module, {}).setdefault(row, set()).update(filter(None, tests))
                measurement.files.setdefault(module, {}).setdefault(row, set()).add(path)
    return measurement


class _Measuring:
    """Plugin of pytest: tell coverage which test runs, and measure its processor time."""

    def __init__(self, lines: coverage.Coverage) -> None:
        self.lines = lines
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        start = time.process_time()
        self.lines.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.lines.switch_context("")
            self.seconds[item.nodeid] = time.process_time() - start


def _measured_file(path: str) -> tuple[dict[str, dict[int, list[str]]], dict[str, float]]:
    """The tests that execute each line, `""` for the import; the time of each test."""
    lines = coverage.Coverage(data_file=None, config_file=False, include=[f"{SOURCES}/*"])
    plugin = _Measuring(lines)
    lines.start()
    status = run_tests([path], plugin)
    lines.stop()
    if status:
        raise SystemExit(status)
    data = lines.get_data()
    return {
        str(Path(name).relative_to(Path.cwd())): data.contexts_by_lineno(name)
        for name in data.measured_files()
    }, plugin.seconds
