"""The project's sources as a clone has them, and programs in a network that reaches package registries."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.real.parts import REPOSITORY

# What a clone has not.
_OURS_ALONE = {".git", ".venv", "deployment", "dist", "build"}


def clone(folder: Path) -> Path:
    """The sources as a clone has them."""

    def ignored(parent: str, names: list[str]) -> set[str]:
        caches = {name for name in names if name == "__pycache__" or name.startswith((".hypo", ".pytest_c"))}
        caches |= {name for name in names if name.startswith((".mypy", ".ruff", ".import"))}
        return caches | (_OURS_ALONE if Path(parent) == REPOSITORY else set())

    return shutil.copytree(REPOSITORY, folder, ignore=ignored)


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as a person whom no configuration knows."""
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main")
    command = ["git", "-C", str(folder), *who, *arguments]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def run_outside(
    *command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program outside the tests' own network, in that of anybody who started them: package registries are there."""
    outside = ["nsenter", f"--net=/proc/{os.getppid()}/ns/net", "--"]
    return subprocess.run(
        [*outside, *(str(word) for word in command)],
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C", "TZ": "Asia/Tokyo", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    """The output of a program outside the tests' own network; it has to succeed."""
    outcome = run_outside(*command, cwd=cwd, environment=environment)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout
