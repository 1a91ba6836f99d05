"""Two names of this machine that browsers take for two origins."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "mixed-loopback-names",
    Severity.ERROR,
    summary="Addresses that browsers are given use both `localhost` and `127.0.0.1` (or `::1`).",
    consequence="Browsers take them for two origins: they refuse requests between them (CORS) and keep the cookies apart, so that "
    "the sign-in fails.",
    remedy="Write one of the names everywhere.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: http://localhost/orthanc/
              PUBLIC_OHIF_ROOT: http://127.0.0.1/ohif/
    """,
    counterexample="""
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              PUBLIC_ORTHANC_ROOT: http://localhost/orthanc/
              PUBLIC_OHIF_ROOT: http://localhost/ohif/
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """One name stands for this machine."""
    local = [address for address in _addresses(deployment) if addresses.is_loopback(address.host)]
    for address in local[1:]:
        if address.host != local[0].host:
            yield Finding(
                RULE,
                f"`{address.name}` is on `{address.host}`, `{local[0].name}` on `{local[0].host}`: two origins",
                address.location,
                f"write `{local[0].host}`",
                related=((local[0].location, local[0].name),),
                replacement=address.url.replace(address.host, local[0].host, 1),
            )
            return


def _addresses(deployment: ObservedDeployment) -> Iterator[addresses.Address]:
    yield from addresses.public_addresses(deployment)
    for ohif in deployment.ohifs:
        authority = ohif.settings.get("oidc", 0, "authority")
        if addresses.is_absolute(authority):
            yield addresses.Address(
                "OHIF's authority", authority, ohif.settings.locate(("oidc", 0, "authority"))
            )
