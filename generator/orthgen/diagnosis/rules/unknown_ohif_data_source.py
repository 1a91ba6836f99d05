"""A word for OHIF's source of data that the auth-service does not know."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> docker-compose.yml <==
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:26.4.1
        environment:
          SECRET_KEY: ${SECRET_KEY:?}
          USERS: ${USERS:?}
          PUBLIC_OHIF_ROOT: https://pacs.example.org/ohif/
          OHIF_DATA_SOURCE: SOURCE
        volumes: ["./anonymous.json:/orthanc_auth_service/anonymous-profile.json:ro"]
    ==> anonymous.json <==
    {"name": "Anonymous", "permissions": [], "authorized-labels": [], "validity": 60}
"""
RULE = Rule(
    "unknown-ohif-data-source",
    Severity.WARNING,
    summary="`OHIF_DATA_SOURCE` of the auth-service is neither `dicom-web` nor `dicom-json`.",
    consequence="The auth-service makes links for `dicom-web`: where OHIF reads DICOM JSON, people who follow them see no study.",
    remedy="Write `dicom-web` or `dicom-json`.",
    file="docker-compose.yml",
    example=_FILES.replace("SOURCE: SOURCE", "SOURCE: dicomjson"),
    counterexample=_FILES.replace("SOURCE: SOURCE", "SOURCE: dicom-json"),
)
_KNOWN = ("dicom-web", "dicom-json")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service knows OHIF's source of data."""
    for service in addresses.auth_services(deployment):
        value = service.variable("OHIF_DATA_SOURCE")
        if value is None or value in _KNOWN or "$" in value:
            continue
        close = next(
            (known for known in _KNOWN if known.replace("-", "") == value.lower().replace("-", "")), ""
        )
        yield Finding(
            RULE,
            f"the auth-service knows no source of data `{value}`",
            service.locate_variable("OHIF_DATA_SOURCE"),
            f"write `{close}`" if close else "write `dicom-web` or `dicom-json`",
            replacement=close,
        )
