"""What `orthgen doctor` examines in tests: an engine with given answers, a profile on a free port, a certificate."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

from orthgen.doctor.container_engine import ContainerEngine, NoAnswer
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.rendering.pipeline import resolve_profile

HOST = "pacs.example.org"

SITE = """
orthgen: 1
institution: {name: Clinic, url: "https://pacs.example.org:%(port)s"}
identity: {sign-in: [accounts: {}]}
roles: {staff: {can: [everything], collections: all}}
deployment: {tls: {certificate: tls.crt, key: tls.key}, compose: {http-port: %(http)s%(more)s}}
"""

INFO = {
    "MemTotal": 64 * 2**30,
    "DockerRootDir": "/",
    "OSType": "linux",
    "KernelVersion": "6.1",
    "Warnings": None,
}


class Machine(ContainerEngine):
    """An engine with given answers; each other command fails."""

    def __init__(self, **answers: Any) -> None:
        super().__init__()
        self.answers = {
            "--version": "Docker version 28.2.2",
            "version": "28.2.2",
            "info": INFO,
            "compose": "v2.39.1",
            "containers": [],
        } | answers

    def run(self, *command: str, stdin: str = "", seconds: float = 0) -> str:  # noqa: ARG002 - as the engine's
        """The answer of the machine to a command of docker."""
        name = {"ps": "containers", "inspect": "containers"}.get(command[1], command[1])
        name = "compose" if command[0] == "docker-compose" else name
        if name == "compose" and "config" in command:
            name = "hashes" if "--hash" in command else "config"
        answer = self.answers.get(name)
        if answer is None or isinstance(answer, NoAnswer):
            raise answer or NoAnswer(f"`{name}` has no answer here")
        if command[1] == "ps":
            return "\n".join(str(index) for index, _ in enumerate(answer))
        return answer if name in {"compose", "hashes", "--version"} else json.dumps(answer)


def free_port() -> int:
    """A port of this machine that no program has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def site(folder_: Path, engine: ContainerEngine | None = None, **values: Any) -> ExaminedSystem:
    """A profile below a folder, with its deployment."""
    path = folder_ / "clinic.yaml"
    path.write_text(SITE % ({"port": free_port(), "http": free_port(), "more": ""} | values))
    place = folder_ / "deployment/clinic"
    deployment, _ = resolve_profile(str(path), folder=place)
    return ExaminedSystem(engine or Machine(), deployment, str(path), place)


def statuses(facts: Any) -> list[CheckStatus]:
    """The status of each fact."""
    return [fact.status for fact in facts]


def only(facts: Any) -> Fact:
    """The only fact."""
    (fact,) = facts
    return fact


def issued(folder_: Path, days: str = "90", host: str = HOST, *more: str) -> tuple[bytes, bytes]:
    """A certificate of openssl with its key."""
    line = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-subj",
        "/CN=test",
    ]
    line += [
        "-days",
        days,
        "-addext",
        f"subjectAltName=DNS:{host}",
        "-keyout",
        "k",
        "-out",
        "c",
        *(more or ("-nodes",)),
    ]
    subprocess.run(line, cwd=folder_, check=True, capture_output=True)
    return (folder_ / "c").read_bytes(), (folder_ / "k").read_bytes()
