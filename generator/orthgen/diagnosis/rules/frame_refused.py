"""A policy or a header that refuses frames of Orthanc Explorer 2."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, answer_headers, identity, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "frame-refused",
    Severity.WARNING,
    summary="The realm's Content-Security-Policy, or a header of the reverse proxy, does not let the pages of Orthanc Explorer 2 show "
    "Keycloak in a frame.",
    consequence="The silent sign-in and the check of the session fail: people have to sign in again and again, or the sign-in "
    "ends with `Timeout when waiting for 3rd party check iframe message`.",
    remedy="Keep Keycloak's default policy, or add the public origin of Orthanc Explorer 2 to `frame-ancestors`. Set neither "
    "`X-Frame-Options: DENY` nor `frame-ancestors 'none'` on the way to Keycloak.",
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

_SETTERS = ("add_header", "more_set_headers")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The pages may show Keycloak in a frame."""
    yield from _forbidden_by_realm(deployment)
    if any(used.user == "Orthanc Explorer 2" for used in identity.used_clients(deployment)):
        yield from _forbidden_by_proxy(deployment)


def _forbidden_by_proxy(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The headers of the reverse proxy that forbid every frame. Keycloak's own pages for frames have none (26.7)."""
    seen = set()
    for _, _, location in routing.routes(deployment, Product.KEYCLOAK):
        frames = answer_headers.setting(location, "X-Frame-Options", *_SETTERS)
        policies = answer_headers.setting(location, "Content-Security-Policy", *_SETTERS)
        for directive in (*frames, *policies):
            words = [word.strip(";").lower() for word in answer_headers.words(directive)]
            is_forbidden = words[1] == "deny" or "frame-ancestors none" in " ".join(words)
            if is_forbidden and directive.location not in seen:
                seen.add(directive.location)
                yield Finding(
                    RULE,
                    f"`{answer_headers.words(directive)[0]}` of the reverse proxy lets no page show Keycloak in a frame",
                    directive.location,
                    "remove it on the way to Keycloak, which sends headers of its own",
                    related=((location.location, "the way to Keycloak"),),
                )


def _forbidden_by_realm(deployment: ObservedDeployment) -> Iterator[Finding]:
    for used, client in identity.browser_clients(deployment):
        headers = mapping(client.realm.value.get("browserSecurityHeaders"))
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
