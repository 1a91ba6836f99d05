"""Secrets in an observed deployment: which variables carry them, and which values everybody knows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.model import ObservedDeployment, Service
from orthgen.observed.shown_texts import ShownTexts
from orthgen.secret_detection import PLACEHOLDER, may_be_secret

# What samples and documentation write where a secret belongs.
_SAMPLE = re.compile(
    r"change.?(?:me|it|this)|replace.?(?:me|this)|your.?(?:secret|password|key)|my.?(?:secret|password)|(?:a|some|super).?secret|secret.?key"
    r"|<[^>]*>|p[a4@]ssw[o0]rd[0-9!]*|secret|admin[0-9]*|orthanc[0-9]*|keycloak|postgres|demo|test|root|user|guest|pacs|1234+|qwerty|letmein|share-user",
    re.IGNORECASE,
)
# SHA-256 of secrets that official samples carry: the client secret of orthanc-auth-service's minimal setup.
_PUBLISHED = frozenset({"cb2d30aab97560cd4de54e0b3766b98dedcc0e3e609ae5979ab6854b872a46d3"})


class Secret(Struct, frozen=True):
    """A value that should be secret: the setting that carries it, its service, its place."""

    name: str
    value: str
    location: Location
    service: str = ""


def is_sample(value: str) -> bool:
    """Whether a secret is one that everybody knows or guesses: of a sample, or a word."""
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return bool(_SAMPLE.fullmatch(value)) or "change-me" in value.lower() or digest in _PUBLISHED


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
                yield Secret(".".join(path), value, orthanc.settings.locate(path), orthanc.name)


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
    return not (isinstance(texts, ShownTexts) and texts.has_reference(secret.location))


def targets(service: Service, *parts: str) -> Iterator[str]:
    """The secrets of a service whose name in the container holds one of these parts."""
    for mount in service.mounts:
        if mount.kind == "secret" and any(part in mount.target for part in parts):
            yield mount.target
