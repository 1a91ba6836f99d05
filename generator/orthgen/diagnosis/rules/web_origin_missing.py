"""Web origins that do not let the pages ask for tokens."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_REALM = """
    ==> docker-compose.yml <==
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.7.0
        environment:
          SECRET_KEY: ${SECRET_KEY:?}
          USERS: ${USERS:?}
          ENABLE_KEYCLOAK: "true"
          KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
          PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": false,
      "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
      "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
    }
    ==> realm.json <==
    {
      "realm": "orthanc",
      "enabled": true,
      "clients": [
        {
          "clientId": "orthanc",
          "publicClient": true,
          "directAccessGrantsEnabled": false,
          "redirectUris": ["https://pacs.example.org/orthanc/ui/app/*"],
          "webOrigins": ["ORIGIN"],
          "attributes": {"pkce.code.challenge.method": "S256"}
        }
      ]
    }
"""
RULE = Rule(
    "web-origin-missing",
    Severity.ERROR,
    summary="The web origins of the client do not have the origin of the pages that ask Keycloak for tokens.",
    consequence="The browser blocks the request for the token (CORS) after the password: the sign-in ends in a blank page.",
    remedy="Add the origin of the pages, as `https://pacs.example.org`, or `+` for the origins of the redirect URIs.",
    file="realm.json",
    example=_REALM.replace("ORIGIN", "https://old.example.org"),
    counterexample=_REALM.replace("ORIGIN", "https://pacs.example.org"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The pages may ask Keycloak for tokens."""
    for used, client in identity.browser_clients(deployment):
        listed = client.get("webOrigins")
        if (
            not isinstance(listed, list)
            or any(origin in ("*", "+") for origin in listed)
            or used.user != "Orthanc Explorer 2"
        ):
            continue
        # A page of Keycloak's own origin needs no entry: browsers check the origin of foreign pages only.
        allowed = {str(origin) for origin in listed} | {
            address.origin for address in addresses.keycloak_addresses(deployment)
        }
        for address in _pages(deployment, client):
            if address.origin not in allowed:
                is_folder = f"{address.origin}/" in allowed
                yield Finding(
                    RULE,
                    f"pages of `{address.origin}` may not ask Keycloak for tokens of client `{used.name}`"
                    + (": an origin has no slash at its end" if is_folder else ""),
                    client.place("webOrigins"),
                    f"{'write' if is_folder else 'add'} `{address.origin}`",
                    related=((address.location, address.name), (used.location, used.user)),
                )
                break


def _pages(deployment: ObservedDeployment, client: identity.Client) -> list[addresses.Address]:
    """The addresses of the pages; where nothing names them, the one origin to which Keycloak sends people back."""
    named = {"PUBLIC_ORTHANC_ROOT", "PUBLIC_LANDING_ROOT"}
    pages = [each for each in addresses.link_addresses(deployment) if each.name in named]
    uris = [str(uri) for uri in client.listed("redirectUris")]
    if pages or not all(map(addresses.is_absolute, uris)) or len(set(map(addresses.origin, uris))) != 1:
        return pages
    return [addresses.Address("redirectUris", uris[0].rstrip("*"), client.place("redirectUris", 0))]
