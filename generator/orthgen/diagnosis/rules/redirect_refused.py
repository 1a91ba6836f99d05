"""Redirect URIs that do not allow the address of the pages."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, identity
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "redirect-refused",
    Severity.ERROR,
    summary="No redirect URI of the client allows the public address of Orthanc Explorer 2 or OHIF.",
    consequence="Keycloak answers `Invalid parameter: redirect_uri`: nobody can sign in.",
    remedy="Add the address with its scheme, host and port: `https://HOST/…/ui/app/*` for Orthanc Explorer 2, "
    "`https://HOST/ohif/callback` for OHIF.",
    file="realm.json",
    example="""
        ==> docker-compose.yml <==
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://pacs.example.org/keycloak/realms/orthanc/
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
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
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["http://pacs.example.org/orthanc/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
    counterexample="""
        ==> docker-compose.yml <==
        services:
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://pacs.example.org/keycloak/realms/orthanc/
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
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
              "publicClient": true,
              "directAccessGrantsEnabled": false,
              "redirectUris": ["https://pacs.example.org/orthanc/ui/app/*"],
              "attributes": {"pkce.code.challenge.method": "S256"}
            }
          ]
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak may send people back to the page that they came from."""
    for used, client in identity.browser_clients(deployment):
        uris = [str(uri) for uri in client.listed("redirectUris")]
        if any("${" in uri for uri in uris):
            continue
        pages = list(_pages(deployment, used.user, uris))
        if not pages and used.user == "Orthanc Explorer 2" and _misses_explorer(uris):
            listed = ", ".join(f"`{uri}`" for uri in uris)
            yield Finding(
                RULE,
                f"client `{used.name}` may not send people back to a page that ends in `/ui/app/`; it allows {listed}",
                client.place("redirectUris"),
                f"add `{addresses.origin(uris[0])}/ui/app/*`, with the path before `/ui/` where the proxy has one",
                related=((used.location, used.user),),
                confidence=Confidence.LIKELY,
            )
        for page in pages:
            if not any(_allows(uri, page.url, client) for uri in uris):
                listed = ", ".join(f"`{uri}`" for uri in uris) or "none"
                yield Finding(
                    RULE,
                    f"client `{used.name}` may not send people back to `{page.url}`; it allows {listed}",
                    client.place("redirectUris"),
                    f"add `{page.url}*`" if used.user != "OHIF" else f"add `{page.url}`",
                    related=((page.location, page.name), (used.location, used.user)),
                )
                break


def _misses_explorer(uris: list[str]) -> bool:
    """Whether no redirect URI fits the page of Orthanc Explorer 2, whatever its host is."""
    is_known = bool(uris) and all(map(addresses.is_absolute, uris))
    return is_known and not any(uri.endswith(("*", "/ui/app/")) for uri in uris)


def _pages(deployment: ObservedDeployment, user: str, uris: list[str]) -> Iterator[addresses.Address]:
    """The page to which Keycloak sends people back."""
    for address in addresses.link_addresses(deployment):
        if (
            user == "Orthanc Explorer 2"
            and address.name == "PUBLIC_ORTHANC_ROOT"
            and len(deployment.orthancs) == 1
        ):
            yield addresses.Address(address.name, address.url.rstrip("/") + "/ui/app/", address.location)
        if (
            user == "Orthanc Explorer 2"
            and address.name == "PUBLIC_LANDING_ROOT"
            and len(deployment.orthancs) == 1
        ):
            yield addresses.Address(address.name, address.url.rpartition("/")[0] + "/", address.location)
    if user == "OHIF":
        for ohif in deployment.ohifs:
            uri = ohif.settings.get("oidc", 0, "redirect_uri")
            place = ohif.settings.locate(("oidc", 0, "redirect_uri"))
            if addresses.is_absolute(uri):
                yield addresses.Address("redirect_uri", uri, place)
            elif isinstance(uri, str):
                # OHIF puts the origin and `routerBasename` before a path.
                base = str(ohif.settings.get("routerBasename") or "").rstrip("/")
                public = [
                    each.origin
                    for each in addresses.link_addresses(deployment)
                    if each.name == "PUBLIC_OHIF_ROOT"
                ]
                # Where nothing names OHIF's own address, it is at least that of a redirect URI.
                allowed = [addresses.origin(each) for each in uris if addresses.is_absolute(each)]
                for origin in public or allowed[:1]:
                    yield addresses.Address("redirect_uri", f"{origin}{base}{uri}", place)


def _allows(pattern: str, url: str, client: identity.Client) -> bool:
    """Whether a redirect URI of Keycloak's fits an address: a star at the end stands for anything."""
    if pattern.startswith("/"):
        pattern = str(client.get("rootUrl") or "").rstrip("/") + pattern
        if not addresses.is_absolute(pattern):
            return True  # it is relative to Keycloak's own address
    if pattern.endswith("*"):
        return url.startswith(pattern[:-1]) or pattern == "*"
    return url == pattern or pattern.startswith(url)
