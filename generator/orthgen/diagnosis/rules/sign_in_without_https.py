"""A sign-in that browsers refuse without https."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.diagnosis.facts.containers import service_at
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "sign-in-without-https",
    Severity.ERROR,
    summary="People sign in at an `http://` address that is not on `localhost`.",
    consequence="Passwords and tokens cross the network readably, and the sign-in fails with Keycloak 26: browsers give the "
    "functions that it needs to https pages only.",
    remedy="Serve the deployment by https, and write `https://` in all public addresses.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "http://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """People sign in by https, or on this machine."""
    for address in addresses.keycloak_addresses(deployment):
        if (
            address.url.startswith("http://")
            and not addresses.is_loopback(address.host)
            and service_at(deployment, address.host) is None
        ):
            yield Finding(
                RULE,
                f"`{address.name}` is `{address.url}`: people sign in without encryption",
                address.location,
                "serve it by https",
                replacement=address.url.replace("http://", "https://", 1),
            )
