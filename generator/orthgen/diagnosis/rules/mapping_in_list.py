"""A mapping where Docker Compose expects `NAME=value`."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mappings
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "mapping-in-list",
    Severity.ERROR,
    summary="An entry of a list has the form `- NAME: value`. A list of variables or labels has entries `- NAME=value`; with a colon, there "
    "are no dashes.",
    consequence="Docker Compose refuses the file: `unexpected type map[string]interface {}`.",
    remedy="Write `NAME: value` without the dash, or `- NAME=value`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              - ORTHANC_PASSWORD=${ORTHANC_PASSWORD:?}
              - ORTHANC__NAME: Archive
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              - ORTHANC_PASSWORD=${ORTHANC_PASSWORD:?}
              - ORTHANC__NAME=Archive
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)
_LISTS = ("environment", "labels", "extra_hosts", "sysctls")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Each entry of a list of variables is a text."""
    for service in deployment.services:
        for key in _LISTS:
            for index, item in mappings(service.definition.get(key))[:1]:
                name = next(iter(item), "")
                yield Finding(
                    RULE,
                    f"`{name}` is a mapping in the list `{key}` of `{service.name}`",
                    service.definition.locate((key, index)),
                    f"write `{name}: …` without the dash, as in all entries of `{key}`, or `- {name}=…`",
                    is_sensitive=True,
                )
