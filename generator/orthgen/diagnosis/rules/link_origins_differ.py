"""Links whose parts are at different addresses."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "link-origins-differ",
    Severity.ERROR,
    summary="The public roots of the auth-service are on different hosts, schemes or ports.",
    consequence="Share links open a page that may not load the study from the other address, or that does not exist.",
    remedy="Write the one public address of the deployment in all of them.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
              PUBLIC_LANDING_ROOT: http://pacs.example.org/orthanc/ui/app/token-landing.html
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
              PUBLIC_LANDING_ROOT: https://pacs.example.org/orthanc/ui/app/token-landing.html
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """All parts of a link are at one address."""
    roots = [
        address for address in addresses.link_addresses(deployment) if address.name in addresses.LINK_ROOTS
    ]
    for address in roots[1:]:
        if address.origin != roots[0].origin and not (
            addresses.is_loopback(address.host) and addresses.is_loopback(roots[0].host)
        ):
            yield Finding(
                RULE,
                f"`{address.name}` is on `{address.origin}`, `{roots[0].name}` on `{roots[0].origin}`",
                address.location,
                f"write `{roots[0].origin}`",
                related=((roots[0].location, roots[0].name),),
                replacement=address.url.replace(address.origin, roots[0].origin, 1),
            )
