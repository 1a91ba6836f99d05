"""A dollar sign in a value that Docker Compose takes for a variable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment, SourceKind
from orthgen.observed.shown_texts import ShownTexts
from orthgen.secret_detection import is_secret_name

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC_PASSWORD: "VALUE"}
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
"""
RULE = Rule(
    "dollar-in-value",
    Severity.ERROR,
    summary="A password, or the hash of one, has a `$`, and Docker Compose takes what follows for a variable.",
    consequence="Compose stops (`invalid interpolation format`), or the part behind `$` is missing in the password, and nobody may sign in.",
    remedy="Write `$$` for each `$` of the value, or keep the value in `.env` between single quotes, or in a secret's file.",
    file="docker-compose.yml",
    example=_FILES.replace("VALUE", "Summer$2027-9kd"),
    counterexample=_FILES.replace("VALUE", "Summer$$2027-9kd"),
    also=("secret-in-file",),
)
_USERS = re.compile(r"(?i)users?$")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Docker Compose leaves the values of secrets as they are."""
    texts = deployment.texts
    if not isinstance(texts, ShownTexts):
        return
    files = {source.file for source in deployment.sources if source.kind is SourceKind.COMPOSE}
    for name, value, location in _secrets(deployment):
        words = texts.bare_dollars(location) if location.file in files else []
        broken = next((word for word in words if not re.match("[A-Za-z_]", word)), None)
        # Variables have capital letters; a word of a password seldom has these alone.
        inserted = next((word for word in words if word != word.upper() and f"${{{word}}}" in value), None)
        if broken is None and inserted is None:
            continue
        yield Finding(
            RULE,
            f"Docker Compose stops at a `$` in the value of `{name}`"
            if broken is not None
            else f"Docker Compose takes a part of the value of `{name}` for a variable",
            location,
            "write `$$` for each `$` of the value",
            is_sensitive=True,
        )


def _secrets(deployment: ObservedDeployment) -> Iterator[tuple[str, str, Location]]:
    """The variables and labels of containers that hold passwords, or hashes of passwords."""
    for service in deployment.services:
        for name, value in service.environment.value.items():
            if isinstance(value, str) and (is_secret_name(name) or _USERS.search(name)):
                yield name, value, service.locate_variable(name)
        labels = service.definition.get("labels")
        listed = labels.items() if isinstance(labels, Mapping) else enumerate(as_list(labels))
        for key, value in listed:
            name, text = (key, value) if isinstance(key, str) else str(value).partition("=")[::2]
            if name.lower().endswith("auth.users"):
                yield name, str(text), service.definition.locate(("labels", key))
