"""A realm, a client or an identity provider that is off."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILE = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ==> realm.json <==
    {
      "realm": "orthanc",
      "enabled": true,
      "clients": [
        {
          "clientId": "orthanc",
          "enabled": ENABLED,
          "publicClient": true,
          "directAccessGrantsEnabled": false,
          "redirectUris": ["https://pacs.example.org/ui/app/*"],
          "attributes": {"pkce.code.challenge.method": "S256"}
        }
      ]
    }
"""
RULE = Rule(
    "disabled-in-realm",
    Severity.ERROR,
    summary="The realm, or the client by which people sign in, is disabled.",
    consequence="Keycloak answers `Client disabled` or `Realm not enabled`: nobody can sign in.",
    remedy='Write `"enabled": true`.',
    file="realm.json",
    example=_FILE.replace("ENABLED", "false"),
    counterexample=_FILE.replace("ENABLED", "true"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """What people sign in by is enabled."""
    used_realms = {used.realm for used in identity.used_clients(deployment)}
    for realm in identity.realms(deployment):
        if realm.value.get("enabled") is False and realm.value.get("realm") in used_realms:
            yield Finding(
                RULE,
                f"the realm `{realm.value.get('realm')}` is disabled",
                realm.locate(("enabled",)),
                "write `true`",
                replacement="true",
            )
    for used, client in identity.browser_clients(deployment):
        if client.get("enabled") is False:
            yield Finding(
                RULE,
                f"the client `{used.name}` is disabled",
                client.place("enabled"),
                "write `true`",
                related=((used.location, used.user),),
                replacement="true",
            )
