"""The properties of the fast suite, with three times as many examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_properties_hold_for_many_examples() -> None:
    """Every property outside this folder is tried in a process of its own, with the profile `many` of Hypothesis."""
    files = [
        str(path)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if "real" not in path.relative_to(ROOT).parts and "@given(" in path.read_text(encoding="utf-8")
    ]

    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n0",
        "--hypothesis-profile=many",
        "-m",
        "hypothesis",
        *files,
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout[-4000:]
