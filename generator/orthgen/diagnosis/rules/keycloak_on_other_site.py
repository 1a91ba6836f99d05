"""A Keycloak on another site than the pages that ask it."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, routing
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

RULE = Rule(
    "keycloak-on-other-site",
    Severity.ERROR,
    summary="Keycloak is on another site than Orthanc Explorer 2, which asks it in a frame whether the session is still valid.",
    consequence="Browsers keep the cookies of other sites from frames: the page of studies loads again every few seconds.",
    remedy="Serve Keycloak below the same domain, or behind the same reverse proxy. A release after Orthanc Explorer 2 1.14.1 has "
    "`Keycloak.CheckLoginIframe`, which can be set to false.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "WebServiceUsername": "orthanc", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.net/", "Realm": "orthanc", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.net/realms/orthanc/
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "WebServiceUsername": "orthanc", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
              PUBLIC_ORTHANC_ROOT: https://pacs.example.org/orthanc/
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak's cookies are not those of another site."""
    pages = [address for address in _pages(deployment) if not addresses.is_loopback(address.host)]
    for orthanc in deployment.orthancs:
        path = ("OrthancExplorer2", "Keycloak", "Url")
        url = orthanc.settings.get(*path)
        if not addresses.is_absolute(url) or not pages or addresses.is_loopback(addresses.host(url)):
            continue
        if orthanc.settings.get("OrthancExplorer2", "Keycloak", "CheckLoginIframe") is False:
            continue
        if addresses.site(addresses.host(url)) != addresses.site(pages[0].host):
            yield Finding(
                RULE,
                f"Keycloak is on `{addresses.host(url)}`, the pages are on `{pages[0].host}`: two sites to a browser",
                orthanc.settings.locate(path),
                "serve Keycloak below the domain of the pages",
                related=((pages[0].location, pages[0].name),),
            )


def _pages(deployment: ObservedDeployment) -> Iterator[addresses.Address]:
    """The addresses of the pages: of links, else the names that a reverse proxy serves."""
    yield from (
        each
        for each in addresses.link_addresses(deployment)
        if each.name in {"PUBLIC_ORTHANC_ROOT", "PUBLIC_LANDING_ROOT"}
    )
    for _, server, location in routing.routes(deployment, Product.ORTHANC):
        for name in server.names:
            if "." in name and not name.startswith(("*", "~", "_")):
                yield addresses.Address("server_name", f"https://{name}/", location.location)
