"""Another identity provider where only Keycloak is understood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
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
    "provider-is-not-keycloak",
    Severity.ERROR,
    summary="The address of Keycloak is that of another identity provider. Orthanc Explorer 2 and the auth-service speak with Keycloak alone: "
    "they ask for `/realms/REALM/protocol/openid-connect/…`.",
    consequence="The sign-in page does not open, or the auth-service stops at its start because it finds no public key.",
    remedy="Run a Keycloak, add the provider there as an identity provider (OpenID Connect), and write Keycloak's address here.",
    file="orthanc.json",
    example=_FILE.replace("URL", "https://login.microsoftonline.com/contoso.example/"),
    counterexample=_FILE.replace("URL", "https://sso.example.org/"),
)
_PROVIDERS = (
    (r"login\.microsoftonline\.|//sts\.windows\.net|\.b2clogin\.com", "Entra ID"),
    (r"//accounts\.google\.com", "Google"),
    (r"\.okta(?:preview)?\.com", "Okta"),
    (r"\.auth0\.com", "Auth0"),
    (r"//cognito-idp\.|\.amazoncognito\.com", "Amazon Cognito"),
    (r"/application/o/|//authentik\b", "authentik"),
    (r"/api/oidc\b|//authelia\b", "Authelia"),
    (r"/adfs\b", "AD FS"),
    (r"\.zitadel\.cloud|//zitadel\b", "Zitadel"),
)
_KEYCLOAK = re.compile(r"/realms/")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The address of Keycloak leads to Keycloak."""
    for name, url, location in _addresses(deployment):
        provider = next((provider for pattern, provider in _PROVIDERS if re.search(pattern, url)), None)
        if provider is not None and not _KEYCLOAK.search(url):
            yield Finding(
                RULE,
                f"`{name}` is the address of {provider}; only Keycloak is understood here",
                location,
                f"write the address of a Keycloak, and add {provider} there as an identity provider",
            )


def _addresses(deployment: ObservedDeployment) -> Iterator[tuple[str, str, Location]]:
    path = ("OrthancExplorer2", "Keycloak", "Url")
    for orthanc in deployment.orthancs:
        url = orthanc.settings.get(*path)
        if isinstance(url, str) and orthanc.settings.get(*path[:2], "Enable") is True:
            yield ".".join(path), url.lower(), orthanc.settings.locate(path)
    for service in addresses.auth_services(deployment):
        url = service.variable("KEYCLOAK_URI")
        if url is not None and service.variable("ENABLE_KEYCLOAK") == "true":
            yield "KEYCLOAK_URI", url.lower(), service.locate_variable("KEYCLOAK_URI")
