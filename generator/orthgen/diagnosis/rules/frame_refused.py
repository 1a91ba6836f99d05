"""A policy of the realm that refuses frames of Orthanc Explorer 2."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers, identity
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "frame-refused",
    Severity.WARNING,
    summary="The realm's Content-Security-Policy does not let the pages of Orthanc Explorer 2 show Keycloak in a frame.",
    consequence="The silent sign-in and the check of the session fail: people have to sign in again and again.",
    remedy="Keep Keycloak's default policy, or add the public origin of Orthanc Explorer 2 to `frame-ancestors`.",
    file="realm.json",
    example="""
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
          "browserSecurityHeaders": {"contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self' https://other.example.org; object-src 'none';"},
          "clients": [
            {
              "clientId": "orthanc",
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
    counterexample="""
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
          "browserSecurityHeaders": {"contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self' https://pacs.example.org; object-src 'none';"},
          "clients": [
            {
              "clientId": "orthanc",
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The realm's policy lets the pages show Keycloak in a frame."""
    for used, client in identity.browser_clients(deployment):
        headers = containers.as_mapping(client.realm.value.get("browserSecurityHeaders"))
        allowed = re.search(r"frame-ancestors\s+([^;]*)", str(headers.get("contentSecurityPolicy") or ""))
        pages = [str(uri) for uri in client.listed("redirectUris") if addresses.is_absolute(uri)]
        if allowed is None or not pages or used.user != "Orthanc Explorer 2":
            continue
        origins = {addresses.origin(page.rstrip("*")) for page in pages}
        own = {addresses.origin(address.url) for address in addresses.keycloak_addresses(deployment)}
        sources = {source.rstrip("/") for source in allowed[1].split()}
        missing = sorted(
            origin
            for origin in origins
            if origin not in sources and not ("'self'" in sources and origin in own) and "*" not in sources
        )
        if missing:
            yield Finding(
                RULE,
                f"the realm's policy lets `{missing[0]}` show no page of Keycloak's in a frame",
                client.realm.locate(("browserSecurityHeaders", "contentSecurityPolicy")),
                f"add `{missing[0]}` to `frame-ancestors`",
                related=((used.location, used.user),),
            )
