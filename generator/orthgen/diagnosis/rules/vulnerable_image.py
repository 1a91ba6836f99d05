"""Releases with known problems."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least, data, image_versions
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "vulnerable-image",
    Severity.WARNING,
    summary="The release has a problem of security that a newer one does not have.",
    consequence="A person who knows the problem reads or deletes studies of others, or stops the archive.",
    remedy="Take a newer image: the finding names the version that is needed.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:25.4.2
            environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    is_about_absence=True,
    is_advice=True,
)
_PLUGINS = {"authorization": "Authorization", "explorer-2": "OrthancExplorer2"}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Images have no known problem of security."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is None:
            continue
        versions = containers.contained(service)
        is_older = image_versions.is_before_table(containers.repository(service), containers.tag(service))
        if is_older:
            # What is corrected after the oldest image of the table is corrected in no older one. Plugins may be missing there.
            oldest = image_versions.oldest_components(containers.repository(service))
            versions = {"orthanc": oldest["orthanc"]}
        problems = [
            entry
            for entry in data.read("features")["weaknesses"]
            if entry["component"] in versions
            and not at_least(versions[entry["component"]], entry["fixed"])
            and at_least("0" if is_older else versions[entry["component"]], entry.get("since", "0"))
            and _is_there(orthanc, entry["component"])
        ]
        if problems:
            worst = problems[0]
            more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
            yield Finding(
                RULE,
                f"this image has known problems: {worst['what']} (corrected in {worst['component']} {worst['fixed']}){more}",
                service.image_place,
                "take the newest image",
            )


def _is_there(orthanc: Orthanc, component: str) -> bool:
    """Whether a component runs: Orthanc itself, or a plugin that loads."""
    return component == "orthanc" or orthancs.loads(orthanc, _PLUGINS.get(component, component))
