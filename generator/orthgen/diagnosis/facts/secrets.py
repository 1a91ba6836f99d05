"""Secrets in an observed deployment: the variables and settings that carry them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Service
from orthgen.observed.shown_texts import ShownTexts
from orthgen.secret_detection import PLACEHOLDER, may_be_secret


class Secret(Struct, frozen=True):
    """A value that should be secret: the setting that carries it, its service, its place."""

    name: str
    value: str
    location: Location
    service: str = ""
    has_file: bool = False
    """Whether it has a file of its own below /run/secrets; the location is that of the mount then."""


def secrets_of(deployment: ObservedDeployment) -> Iterator[Secret]:
    """The secrets in the environments of services, and in the configurations of Orthancs and auth-services."""
    for service in deployment.services:
        for name, value in service.environment.value.items():
            if name == "USERS" and isinstance(value, str | Mapping):
                continue  # read below, with the names of the users
            if isinstance(value, str) and _carries_secret(name, value):
                yield Secret(name, value, service.locate_variable(name), service.name)
    for orthanc in deployment.orthancs:
        for path in _SETTINGS:
            value = orthanc.settings.get(*path)
            if isinstance(value, str) and is_known(value):
                place = orthanc.settings.locate(path)
                yield Secret(".".join(path), value, place, orthanc.name, _has_file(orthanc, path))


def _has_file(orthanc: Orthanc, path: tuple[str, ...]) -> bool:
    stating = [layer for layer in orthanc.settings.layers if layer.has(path)]
    return bool(stating) and stating[-1].name == "secrets"


_SETTINGS = (
    ("Authorization", "WebServicePassword"),
    ("PostgreSQL", "Password"),
    ("MySQL", "Password"),
    ("AwsS3Storage", "SecretKey"),
    ("OrthancExplorer2", "Emails", "Server", "Password"),
)


# Variables about secrets, or about where they are made: they are none.
_ABOUT = re.compile(
    r"(?:_|^)(?:URL|URI|ADDRESS|HOST|PORT|TYPE|ROOT|VALIDITY|DURATION|HEADERS?|ARGUMENTS|FOR_LINKS)$"
)


def _carries_secret(name: str, value: str) -> bool:
    is_file = name.endswith(("_FILE", "_SECRET")) and ("/" in value or name.startswith("ORTHANC"))
    is_about = _ABOUT.search(name) is not None or value.startswith(("http://", "https://"))
    return is_known(value) and not is_file and not is_about and may_be_secret(name, value)


def is_known(value: str) -> bool:
    """Whether a secret was read: not a variable without a value, nor the content of a file that is not there."""
    return bool(value) and "${" not in value and value != PLACEHOLDER


def is_written(deployment: ObservedDeployment, secret: Secret) -> bool:
    """Whether the secret itself is written in a file, and not a variable that has it."""
    texts = deployment.texts
    return not secret.has_file and not (
        isinstance(texts, ShownTexts) and texts.has_reference(secret.location)
    )


def targets(service: Service, *parts: str) -> Iterator[str]:
    """The secrets of a service whose name in the container holds one of these parts."""
    for mount in service.mounts:
        if mount.kind == "secret" and any(part in mount.target for part in parts):
            yield mount.target
