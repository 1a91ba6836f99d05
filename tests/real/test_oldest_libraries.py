"""The libraries in the oldest versions that pyproject.toml allows: whoever has one of them may keep it."""

from __future__ import annotations

import json
import os
import subprocess
import tomllib

from packaging.requirements import Requirement

from tests.support.real import parts


def test_the_fast_suite_passes_with_the_oldest_libraries() -> None:
    """Every library is the one that pyproject.toml begins with, and every test without services passes."""
    python = parts.tool("oldest-libraries", "python")
    with (parts.REPOSITORY / "pyproject.toml").open("rb") as file:
        oldest = [
            Requirement(each.replace(">=", "==")) for each in tomllib.load(file)["project"]["dependencies"]
        ]
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "json"], check=True, capture_output=True, text=True
    )
    installed = {each["name"].lower(): each["version"] for each in json.loads(listed.stdout)}

    run = subprocess.run(
        [python, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--ignore=tests/real"],
        cwd=parts.REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(parts.REPOSITORY / "generator")},
        check=False,
        capture_output=True,
        text=True,
    )

    assert [one.name for one in oldest if not one.specifier.contains(installed[one.name])] == []
    assert run.returncode == 0, run.stdout[-6000:]
