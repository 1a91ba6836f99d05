"""Records of the doctor: a check, its result, and the system that it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from orthgen.deployment.model import Deployment
from orthgen.doctor.container_engine import ContainerEngine


class CheckStatus(StrEnum):
    """Status of a check: an error stops a deployment or its people, a warning can do so later."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


class Fact(Struct, frozen=True):
    """What a check found: its status, what it means, and what to do."""

    status: CheckStatus
    message: str
    remedy: str = ""


class ExaminedSystem(Struct, frozen=True):
    """The machine with its container engine, and the deployment of a profile on it where one is given."""

    engine: ContainerEngine
    deployment: Deployment | None = None
    profile: str = ""
    folder: Path = Path()
    ca_file: Path | None = None
    url: str = ""
    """The address to ask instead of the profile's."""
    target_option: str = ""
    """The option of `orthgen render` that the folder needs, with the blank before it."""


class DoctorCheck(Struct, frozen=True):
    """A check: its id, what it looks at, and the function. A check without a fact does not concern the system."""

    id: str
    title: str
    facts: Callable[[ExaminedSystem], Iterator[Fact]]


class CheckResult(Struct, frozen=True):
    """A fact with the id of its check."""

    id: str
    fact: Fact
