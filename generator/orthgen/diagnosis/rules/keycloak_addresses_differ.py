"""Different public addresses of one Keycloak."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.diagnosis.facts.containers import service_at
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "keycloak-addresses-differ",
    Severity.ERROR,
    summary="Orthanc Explorer 2, OHIF and Keycloak itself do not name the same public address of Keycloak.",
    consequence="The sign-in fails or never ends: pages of one address are sent to another one, where the cookies are missing, or "
    "tokens carry another issuer.",
    remedy="Write the same address, with scheme, host, port and path, in every place that the finding names.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {"WebServiceRootUrl": "http://auth.example.org:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/auth/", "Realm": "orthanc", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
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
                  "Authorization": {"WebServiceRootUrl": "http://auth.example.org:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          keycloak:
            image: keycloak/keycloak:26.7.3
            command: start
            environment:
              KC_HOSTNAME: https://pacs.example.org/keycloak
              KC_HTTP_ENABLED: "true"
              KC_PROXY_HEADERS: xforwarded
              KC_DB: postgres
              KC_DB_URL_HOST: db.example.org
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """One public address of Keycloak stands everywhere."""
    if len(deployment.keycloaks) > 1 or any(len(each.realms) > 1 for each in deployment.keycloaks):
        return  # which belongs to which is not known
    named = addresses.keycloak_addresses(deployment)
    for ohif in deployment.ohifs:
        authority = ohif.settings.get("oidc", 0, "authority")
        if addresses.is_absolute(authority):
            named.append(
                addresses.Address(
                    "OHIF's authority",
                    authority.partition("/realms/")[0],
                    ohif.settings.locate(("oidc", 0, "authority")),
                )
            )
    own = {address.name for address in named}
    if "frontendUrl of the realm" in own:
        named = [address for address in named if not address.name.startswith("KC_HOSTNAME")]
    # The name of a container is a problem of its own.
    named = [address for address in named if service_at(deployment, address.host) is None]
    for address in named[1:]:
        first = named[0]
        if (address.origin, address.path) != (first.origin, first.path):
            yield Finding(
                RULE,
                f"`{address.name}` is `{address.url}`, `{first.name}` is `{first.url}`",
                address.location,
                _hint(first, address),
                related=((first.location, first.name),),
            )


def _hint(first: addresses.Address, second: addresses.Address) -> str:
    """The address to write, where one of the two has only the path `/auth/` more; else the rule."""
    shorter, longer = sorted((first, second), key=lambda address: len(address.path))
    if shorter.origin == longer.origin and longer.path == shorter.path + "auth/":
        return f"write `{shorter.url}` in both places: Keycloak from 17 on has no `/auth`, unless `KC_HTTP_RELATIVE_PATH` names it"
    return "write one address in both places"
