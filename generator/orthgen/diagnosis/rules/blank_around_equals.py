"""Blanks around the `=` of an environment variable in a list of a Compose file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "blank-around-equals",
    Severity.ERROR,
    summary="A variable in a list has a blank before or after its `=`. In a list, the blank belongs to the name or to the value.",
    consequence="With a blank before `=`, Docker Compose 5.6.1 refuses the file, and another engine sets a variable of another "
    "name. With a blank behind it, the value begins with the blank: an address or a password is another one.",
    remedy="Write `NAME=value` without blanks, or a mapping: `NAME: value`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              - ORTHANC_PASSWORD = ${ORTHANC_PASSWORD:?}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              - ORTHANC_PASSWORD=${ORTHANC_PASSWORD:?}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Names and values of variables have no blank at the `=`."""
    for service in deployment.services:
        listed = service.definition.get("environment")
        for index, item in enumerate(listed if isinstance(listed, list) else ()):
            name, is_before, is_behind = _blanks(item)
            if not is_before and not is_behind:
                continue
            what = (
                f"the name of the variable `{name}` ends in a blank"
                if is_before
                else f"the value of `{name}` begins with a blank"
            )
            yield Finding(
                RULE,
                f"{what} in `{service.name}`",
                service.definition.locate(("environment", index)),
                f"write `{name}=` and the value without blanks around `=`",
                is_sensitive=True,
            )


def _blanks(item: object) -> tuple[str, bool, bool]:
    """The name of a variable, and whether a blank is before its `=`, and behind it where that changes the value."""
    text = str(item)
    match = re.match(r"\s*([^\s=]+)(\s*)=(\s*)", text)
    if match is None:
        return "", False, False
    # A reader of JSON passes over blanks.
    is_changed = text[match.end() : match.end() + 1] not in {"", "{", "["}
    return match[1], bool(match[2]), bool(match[3]) and is_changed
