"""The command: draw changes, try each, print those that survive and the score."""

from __future__ import annotations

import argparse
import ast
import importlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest

from tests.support.mutation import changes
from tests.support.mutation.changes import Change
from tests.support.mutation.measurement import Lines, Measurement, measure, sources
from tests.support.mutation.processes import in_processes, limit_processor_time, run_tests

# Imported once, before the processes fork.
LIBRARIES = (
    "click",
    "cryptography",
    "httpx",
    "hypothesis",
    "jinja2",
    "jsonschema",
    "jwcrypto.jwt",
    "pydantic",
)
# Processor time of the tests that a change is tried with: single tests first, then whole files.
FIRST_SECONDS = 1.5
MAX_SECONDS = 15.0


def main(arguments: Sequence[str]) -> None:
    """Print each drawn change with the test that notices it, and the share of noticed changes."""
    parser = argparse.ArgumentParser(
        prog="tests/tools/mutation", description="Show the changes that no fast test notices."
    )
    parser.add_argument("count", nargs="?", type=int, default=200, help="places to change (200)")
    parser.add_argument("seed", nargs="?", type=int, default=1, help="draws places, and a change of each (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (one a core)")
    parser.add_argument(
        "--measurement", type=Path, help="file that keeps which tests execute which line, for further runs"
    )
    parser.add_argument(
        "--packages",
        nargs="+",
        choices=changes.packages(),
        default=changes.PURE,
        metavar="PACKAGE",
        help=f"packages to change ({' '.join(changes.PURE)})",
    )
    options = parser.parse_args(arguments)
    places, drawn = changes.sample(changes.all_changes(options.packages), options.count, options.seed)
    _say(f"{len(drawn)} of {places} places, drawn by seed {options.seed}")
    kept = options.measurement and options.measurement.absolute()
    for library in LIBRARIES:
        importlib.import_module(library)
    os.environ["CI"] = "1"  # the same examples of Hypothesis every time, and no limit of time for one
    with tempfile.TemporaryDirectory() as folder:
        unchanged = Path(folder, "unchanged")
        _copy_repository(unchanged)
        os.chdir(unchanged)
        started = time.monotonic()
        measurement = _kept(kept) or measure(options.jobs)
        if kept:
            kept.write_bytes(msgspec.json.encode(measurement))
        copies = [Path(shutil.copytree(unchanged, Path(folder, str(slot)))) for slot in range(options.jobs)]
        try_each(drawn, measurement, copies)
        _say(f"{(time.monotonic() - started) / 60:.0f} minutes")


def try_each(drawn: Sequence[Change], measurement: Measurement, copies: Sequence[Path]) -> None:
    """Try each change, but those that mean the same as the line that they change."""
    tried = changes.without_equivalent(drawn)
    survivors = 0
    noticing = partial(noticing_test, unchanged=Path.cwd(), measurement=measurement)
    for change, answer in in_processes(noticing, tried, copies):
        # A process without an answer met a limit of time or memory: nobody misses an endless loop.
        test = "a limit of time or memory" if answer is None else answer
        _say(f"{change}: {test or 'SURVIVED'}")
        if not test:
            survivors += 1
            _say("  - {}\n  + {}".format(*change.lines))
    score = 100 * (len(tried) - survivors) / len(tried)
    _say(f"{len(drawn) - len(tried)} of {len(drawn)} mean the same ({changes.EQUIVALENT})")
    _say(f"{survivors} of {len(tried)} survived: the tests notice {score:.1f} %")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _copy_repository(copy: Path) -> None:
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in subprocess.check_output(listing, text=True).rstrip("\0").split("\0"):
        if Path(name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, copy / name)


def _kept(path: Path | None) -> Measurement | None:
    if path is None or not path.exists():
        return None
    kept = msgspec.json.decode(path.read_bytes(), type=Measurement)
    return kept if kept.sources == sources() else None


class _Selecting:
    """Plugin of pytest: run only the tests of a set, where one is given; remember the first that fails."""

    def __init__(self, selected: frozenset[str] | None) -> None:
        self.selected = selected
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.selected is not None:
            items[:] = [item for item in items if item.nodeid in self.selected]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed = self.failed or f"import of {report.nodeid}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid


def noticing_test(change: Change, *, unchanged: Path, measurement: Measurement) -> str:
    """The test that fails under a change; empty where none does. Changes the copy in the working directory."""
    _change(change, unchanged)
    sys.dont_write_bytecode = True
    mirror = f"tests/{change.package}/"
    seconds = measurement.seconds

    def order(name: str) -> tuple[bool, bool, float, str]:
        """Tests of the package, then those of whole deployments, then others, each cheapest first."""
        return not name.startswith(mirror), not name.startswith("tests/test_"), seconds[name], name

    def cheapest_first(names: Iterable[str]) -> list[str]:
        return sorted(names, key=order)

    def affordable(names: Iterable[str], most: float) -> list[str]:
        ordered = cheapest_first(names)
        totals = itertools.accumulate(seconds[name] for name in ordered)
        return [name for name, total in zip(ordered, totals, strict=True) if total <= most]

    source = (unchanged / change.module).read_text(encoding="utf-8")
    tests = frozenset(affordable(_of_statement(measurement.tests, change, source), FIRST_SECONDS))
    files = affordable(_of_statement(measurement.files, change, source), MAX_SECONDS)
    for paths, selected in (
        (cheapest_first({name.partition("::")[0] for name in tests}), tests),
        (files, None),
    ):
        if paths:
            limit_processor_time(sum(seconds[path] for path in paths))
            plugin = _Selecting(selected)
            run_tests(paths, plugin)
            if plugin.failed:
                return plugin.failed
    return ""


def _of_statement(lines: Lines, change: Change, source: str) -> set[str]:
    """The names at any line of the changed statement, without the statements inside it."""
    statements = [
        range(
            node.lineno,
            min((child.lineno for child in getattr(node, "body", ())), default=(node.end_lineno or 0) + 1),
        )
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt | ast.ExceptHandler)
    ]
    rows = max(
        (rows for rows in statements if change.row in rows), key=lambda rows: rows.start, default=range(0)
    )
    executed = lines.get(change.module, {})
    return {name for row in {change.row, *rows} for name in executed.get(row, ())}


def _change(change: Change, unchanged: Path) -> None:
    """Make the change, and take back the one before, whose process may have ended at a limit."""
    for path in changes.modules(changes.packages()):
        if path.stat().st_mtime_ns != (unchanged / path).stat().st_mtime_ns:
            shutil.copy2(unchanged / path, path)
    module = Path(change.module)
    # Python tells by the second and the size whether bytecode is current.
    modified = module.stat().st_mtime_ns + 10**10
    module.write_text(change.changed_source, encoding="utf-8")
    os.utime(module, ns=(modified, modified))


if __name__ == "__main__":
    main(sys.argv[1:])
