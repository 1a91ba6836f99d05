"""Commands for the containers of Docker Compose, given a profile for a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.builders import PROFILES
from tests.support.command import orthgen

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "words", [["doctor"], ["upgrade"], ["rotate"], ["rotate", "--check", "orthanc-db-password"]], ids=" ".join
)
def test_a_command_for_one_host_says_what_to_do_in_a_cluster(words: list[str], tmp_path: Path) -> None:
    """It names the page with the steps, and no command line of Docker Compose."""
    command, *names = words
    profile = tmp_path / "cluster.yaml"
    profile.write_text(
        f"extends: {PROFILES / 'minimal.yaml'}\ndeployment: {{kubernetes: {{namespace: pacs}}}}\n"
    )

    done = orthgen(command, profile.name, *names, cwd=tmp_path)

    assert done.returncode == 1
    assert "docs/kubernetes-operations.md" in done.stderr
    assert "docker compose" not in done.stdout + done.stderr
    assert (ROOT / "docs/kubernetes-operations.md").exists()
