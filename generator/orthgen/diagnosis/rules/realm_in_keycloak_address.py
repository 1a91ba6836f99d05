"""An address of Keycloak that ends with a realm or a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILE = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "URL", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
"""
RULE = Rule(
    "realm-in-keycloak-address",
    Severity.ERROR,
    summary="The address of Keycloak holds the path of a realm, or of a page. Orthanc Explorer 2 and Keycloak add `/realms/REALM` themselves.",
    consequence="The sign-in asks for `/realms/REALM/realms/REALM/…`, which answers 404.",
    remedy="Write the address before `/realms/`. Only `KEYCLOAK_URI` and an OIDC issuer have the realm.",
    file="orthanc.json",
    example=_FILE.replace("URL", "https://sso.example.org/realms/orthanc/"),
    counterexample=_FILE.replace("URL", "https://sso.example.org/"),
)
_PAGE = re.compile(r"/(?:realms/[^/]+|admin(?:/.*)?)/?$")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The address of Keycloak is the one before the realm."""
    for name, url, location in _addresses(deployment):
        match = _PAGE.search(url)
        if match is not None and "://" in url:
            better = url[: match.start()] + "/" * name.endswith("Url")
            yield Finding(
                RULE,
                f"`{name}` is `{url}`: the path of a realm or a page does not belong there",
                location,
                f"write `{better}`",
                replacement=better,
                replaced=url,
            )


def _addresses(deployment: ObservedDeployment) -> Iterator[tuple[str, str, Location]]:
    path = ("OrthancExplorer2", "Keycloak", "Url")
    for orthanc in deployment.orthancs:
        url = orthanc.settings.get(*path)
        if isinstance(url, str):
            yield ".".join(path), url, orthanc.settings.locate(path)
    for _, service in keycloak.servers(deployment):
        hostname = service.variable("KC_HOSTNAME")
        if hostname is not None:
            yield "KC_HOSTNAME", hostname, service.locate_variable("KC_HOSTNAME")
