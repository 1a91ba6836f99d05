"""
How many decisions a second the model makes in one process, for one configuration.

    python benchmarks/access.py [SECONDS]

Counts processor time, so that other work on the machine does not show. Beside the model it measures a
baseline on the same requests in the same run: a plain loop over the permission table with `re.fullmatch`,
which is the least that any implementation in Python would do (no tokens, labels, links or reasons). The ratio
of the two says on any machine whether the model got slower. Exits with 1 where the model makes fewer than
50,000 decisions a second, or where the ratio falls below a third.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from orthgen.authz.auth_service import AuthService
from orthgen.authz.decide import decide
from orthgen.authz.permissions import default_table
from orthgen.authz.plugin_config import PluginConfiguration
from orthgen.authz.request_log import RecordedRequestReader
from orthgen.authz.request_target import read_target
from orthgen.authz.stored_studies import StoredStudies
from tests.authz.builders import ORACLE, configuration, recorded_lines

CONFIGURATION = "c02-empty-anon"
WANTED = 50_000


def main(seconds: float) -> int:
    """Measure, print, judge."""
    content = configuration(CONFIGURATION)
    reader = RecordedRequestReader(StoredStudies.read(json.loads((ORACLE / "resources.json").read_text())))
    requests = [
        reader.read(line) for line in map(json.loads, recorded_lines()) if line["config"] == CONFIGURATION
    ]
    service = AuthService.compile(content["permissions"], content["anonymous_profile"])

    def model() -> None:
        # Compiled anew for each round: the first meeting with every path is part of the measure.
        plugin = PluginConfiguration.compile(content["orthanc"])
        for request in requests:
            decide(plugin, service, request)

    table = [(row.method, re.compile(row.pattern)) for row in default_table("0.11.4")]

    def baseline() -> None:
        for request in requests:
            target = read_target(request.method, request.target)
            method, path = target.method.lower(), target.path
            next((row for row in table if row[0] == method and row[1].fullmatch(path)), None)

    fast, slow = (rate(work, len(requests), seconds) for work in (model, baseline))
    print(f"model:    {fast:>9,.0f} decisions a second")  # noqa: T201 - a benchmark prints
    print(f"baseline: {slow:>9,.0f} look-ups a second in the table alone")  # noqa: T201
    print(f"ratio:    {fast / slow:>9.2f}")  # noqa: T201
    return 0 if fast >= WANTED and fast >= slow / 3 else 1


def rate(work: Callable[[], None], count: int, seconds: float) -> float:
    """Decisions a second of the best of the rounds that fit in the time."""
    best, spent = 0.0, 0.0
    while spent < seconds:
        start = time.process_time()
        work()
        used = time.process_time() - start
        spent += used
        best = max(best, count / used)
    return best


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0))
