"""A landing page that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "wrong-landing-page",
    Severity.WARNING,
    summary="`PUBLIC_LANDING_ROOT` does not lead to the landing page of Orthanc Explorer 2.",
    consequence="A share link opens an empty page or 404, not the page that shows the study.",
    remedy="Write the public address of Orthanc, then `ui/app/token-landing.html`.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_LANDING_ROOT: https://pacs.example.org/orthanc/
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_LANDING_ROOT: https://pacs.example.org/orthanc/ui/app/token-landing.html
    """,
)
# The page of Orthanc Explorer 2 (1.14.1, Plugin/Plugin.cpp and WebApplication/token-landing.html).
_PAGE = "ui/app/token-landing.html"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The landing page is the one of Orthanc Explorer 2."""
    for service in addresses.auth_services(deployment):
        root = service.variable("PUBLIC_LANDING_ROOT")
        if root and "$" not in root and not addresses.split(root).path.endswith(f"/{_PAGE}"):
            better = f"{_above(root)}/{_PAGE}"
            yield Finding(
                RULE,
                f"`PUBLIC_LANDING_ROOT` does not end in `{_PAGE}`",
                service.locate_variable("PUBLIC_LANDING_ROOT"),
                f"write `{better}`",
                replacement=better,
                confidence=Confidence.LIKELY,
            )


def _above(root: str) -> str:
    """The part of the address above Orthanc Explorer 2."""
    above = root.partition("/ui/")[0].removesuffix("/token-landing.html").rstrip("/")
    return above.removesuffix("/app").removesuffix("/ui")
