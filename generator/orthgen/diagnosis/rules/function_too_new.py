"""Functions that a release does not have yet."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers, identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment


class Needed(Struct, frozen=True):
    """A function, the setting that asks for it, and the first release of each component that has it."""

    what: str
    path: tuple[str, ...]
    authorization: str
    auth_service: str


_FUNCTIONS = (
    Needed("audit logs", ("Authorization", "EnableAuditLogs"), "0.10.1", "25.8.0"),
    Needed("rows added to the permissions", ("Authorization", "ExtraPermissions"), "0.10.0", "0"),
    Needed("shares by e-mail", ("OrthancExplorer2", "UiOptions", "EnableSharesByEmail"), "0.11.2", "26.4.0"),
)
RULE = Rule(
    "function-too-new",
    Severity.ERROR,
    summary="A function is configured that the authorization plugin or the auth-service of this release does not have.",
    consequence="The function does nothing, or its page answers 403 or 404.",
    remedy="Take newer images: the finding names the first versions that have it.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:25.7.0
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {
                    "WebServiceRootUrl": "http://auth.example.org:8000/",
                    "StandardConfigurations": ["orthanc-explorer-2"],
                    "CheckedLevel": "studies",
                    "ExtraPermissions": [["get", "^/my-plugin/(.*)$", "all|view"]]
                  }
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {
                    "WebServiceRootUrl": "http://auth.example.org:8000/",
                    "StandardConfigurations": ["orthanc-explorer-2"],
                    "CheckedLevel": "studies",
                    "ExtraPermissions": [["get", "^/my-plugin/(.*)$", "all|view"]]
                  }
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    also=("vulnerable-image",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The release has the functions that are configured."""
    for orthanc in deployment.orthancs:
        auth_service = identity.auth_service_of(deployment, orthanc)
        for function in _FUNCTIONS:
            value = orthanc.settings.get(*function.path)
            if not value:
                continue
            location = orthanc.settings.locate(function.path)
            if orthancs.plugin_is_before(orthanc, function.authorization):
                has = orthancs.component_version(orthanc, "authorization")
                related = ((orthanc.service.image_place, "the image"),) if orthanc.service is not None else ()
                yield Finding(
                    RULE,
                    f"the authorization plugin {has} has no {function.what}",
                    location,
                    f"take an image with {function.authorization} or newer",
                    related=related,
                )
            has = containers.version(auth_service.service) if auth_service is not None else ""
            if (
                auth_service is not None
                and auth_service.service is not None
                and has
                and not at_least(has, function.auth_service)
            ):
                yield Finding(
                    RULE,
                    f"the auth-service {has} has no {function.what}",
                    location,
                    f"take {function.auth_service} or newer",
                    related=((auth_service.service.image_place, "the auth-service"),),
                )
