"""
The services of a rendered compose file, each run by itself as the file says.

There is no engine: `tests.support.real.container` starts programs with the user, root, memory, capabilities and files of
their service.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.targets.compose import COMPOSE_PATH, render
from tests.support.builders import write_artifacts
from tests.support.real import compose
from tests.support.real.container import command_line

# Python as the system has it: readable for every user, as in an image.
PYTHON = "/usr/bin/python3"


def write(deployment: Deployment, folder: Path) -> Path:
    """Write a deployment to a folder; returns its compose file."""
    write_artifacts(render(deployment), folder)
    return folder / COMPOSE_PATH


@dataclass
class Running:
    """A rendered deployment on disk, whose services can be run one by one."""

    folder: Path
    volumes: Path
    resolved: dict[str, Any]

    def service(self, name: str) -> compose.Service:
        """What the container of a service would be given."""
        return compose.service(self.resolved, name, self.volumes)

    def command(self, name: str) -> list[str]:
        """What a service starts with."""
        service = self.resolved["services"][name]
        return [
            word.replace("$$", "$") for word in (*(service["entrypoint"] or ()), *(service["command"] or ()))
        ]

    def health(self, name: str) -> list[str]:
        """The command of a service's health check."""
        kind, *words = self.resolved["services"][name]["healthcheck"]["test"]
        assert kind == "CMD"
        return [word.replace("$$", "$") for word in words]

    def line(self, name: str, root: Path, **more: Any) -> list[str]:
        """The command line that runs a service inside `root`, with mounts and variables on top of its own."""
        service = self.service(name)
        return command_line(
            root,
            more.get("argv") or self.command(name),
            work=self.folder.parent / f"work-{name}",
            mounts={**service.mounts, **more.get("mounts", {})},
            confinement=service.confinement,
            environment={**service.environment, **more.get("environment", {})},
        )


def start(deployment: Deployment, place: Path) -> Running:
    """Write a deployment with its secrets, in files of mode 0600 that belong to the user of the containers."""
    path = write(deployment, place / "deployment")
    resolved = compose.config(path)
    for name, secret in resolved.get("secrets", {}).items():
        file = Path(secret["file"])
        if not file.is_relative_to(path.parent):
            continue  # the host's certificate, which no test reads
        file.write_text(f"canary-{name}\n", encoding="ascii")
        file.chmod(0o600)
        os.chown(file, naming.CONTAINER_USER, naming.CONTAINER_USER)
    return Running(path.parent, place / "volumes", resolved)


def succeeds(command: list[str]) -> bool:
    """Whether a command ends with 0."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
