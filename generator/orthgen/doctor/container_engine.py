"""The container engine, as its command line answers: versions, settings, containers of a project; their start."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from orthgen.errors import system_reason

_SECONDS = 30
# Keycloak takes minutes where it migrates its database.
_START_SECONDS = 600


class NoAnswer(Exception):
    """The command is missing, failed, or took too long; the text is the reason."""


class ContainerEngine:
    """Docker on this machine, or where DOCKER_HOST leads. Each answer is asked for once, so that all checks see the same state."""

    def __init__(self) -> None:
        self._containers: dict[str, list[dict[str, Any]]] = {}
        self._resolved: dict[Path, dict[str, Any]] = {}

    def run(self, *command: str, stdin: str = "", seconds: float = _SECONDS) -> str:
        """What a command prints; raises NoAnswer where it fails."""
        try:
            done = subprocess.run(
                command, input=stdin.encode(), capture_output=True, check=False, timeout=seconds
            )
        except FileNotFoundError:
            raise NoAnswer(f"`{command[0]}` is not installed") from None
        except subprocess.TimeoutExpired:
            raise NoAnswer(f"`{command[0]} {command[1]}` did not end within {seconds:g} seconds") from None
        except OSError as error:
            raise NoAnswer(f"`{command[0]}` cannot be started: {system_reason(error)}") from None
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise NoAnswer(lines[0])
        return done.stdout.decode(errors="replace").strip()

    def _json(self, *command: str) -> Any:
        text = self.run(*command)
        try:
            return json.loads(text)
        except ValueError:
            raise NoAnswer(f"`{' '.join(command[:2])}` printed no JSON") from None

    @cached_property
    def is_podman(self) -> bool:
        """Whether `docker` is Podman under Docker's name (package `podman-docker`)."""
        return self.run("docker", "--version").lower().startswith("podman")

    @cached_property
    def version(self) -> str:
        """The version of the engine itself (the server)."""
        return str(self._json("docker", "version", "--format", "{{json .Server.Version}}"))

    @cached_property
    def info(self) -> dict[str, Any]:
        """The settings of the engine, as `docker info` prints them."""
        info = self._json("docker", "info", "--format", "{{json .}}")
        if not isinstance(info, dict) or info.get("ServerErrors"):
            raise NoAnswer(
                "; ".join(info.get("ServerErrors", [])) if isinstance(info, dict) else "no settings"
            )
        return info

    @cached_property
    def compose(self) -> tuple[str, ...]:
        """The beginning of a command line of Docker Compose: the plugin, or the program of its own."""
        try:
            self.run("docker", "compose", "version", "--short")
        except NoAnswer as error:
            try:
                self.run("docker-compose", "version", "--short")
            except NoAnswer:
                raise error from None
            return ("docker-compose",)
        return ("docker", "compose")

    @cached_property
    def compose_version(self) -> str:
        """The version of Docker Compose."""
        return self.run(*self.compose, "version", "--short").removeprefix("v")

    def containers(self, project: str) -> list[dict[str, Any]]:
        """The containers of a compose project, also those that stopped, as `docker inspect` describes them."""
        if project not in self._containers:
            label = f"label=com.docker.compose.project={project}"
            names = self.run("docker", "ps", "--all", "--quiet", "--filter", label).split()
            self._containers[project] = list(self._json("docker", "inspect", *names)) if names else []
        return self._containers[project]

    def resolved(self, folder: Path) -> dict[str, Any]:
        """The compose file in the folder, as Docker Compose understands it."""
        if folder not in self._resolved:
            line = (*self.compose, "--project-directory", str(folder), "config", "--format", "json")
            value = self._json(*line)
            self._resolved[folder] = value if isinstance(value, dict) else {}
        return self._resolved[folder]

    def hashes(self, folder: Path) -> dict[str, str]:
        """The hash of each service's settings, which Docker Compose writes on its containers."""
        text = self.run(*self.compose, "--project-directory", str(folder), "config", "--hash", "*")
        return dict(line.split(maxsplit=1) for line in text.splitlines() if len(line.split()) == 2)

    def inside(self, container: str, *argv: str, stdin: str = "") -> str:
        """What a command in a container prints."""
        return self.run("docker", "exec", "--interactive", container, *argv, stdin=stdin)

    def recreate(self, folder: Path, services: Sequence[str]) -> None:
        """Start services of the compose file in the folder again, and wait until they are healthy."""
        line = (*self.compose, "--project-directory", str(folder), "up", "--detach", "--force-recreate")
        self.run(*line, "--no-deps", "--wait", *services, seconds=_START_SECONDS)
