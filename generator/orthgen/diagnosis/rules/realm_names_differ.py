"""Different names of the realm."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.diagnosis.facts import addresses, identity
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "realm-names-differ",
    Severity.ERROR,
    summary="Orthanc Explorer 2, OHIF, the auth-service and the realm's export do not name the same realm.",
    consequence="The sign-in answers `Realm does not exist`, or everybody who signed in is anonymous to Orthanc and gets 403.",
    remedy="Write one name in every place that the finding names.",
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
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "hospital", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
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
                  "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://sso.example.org/", "Realm": "hospital", "ClientId": "orthanc"}}
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
          orthanc-auth-service:
            image: orthancteam/orthanc-auth-service:25.7.0
            environment:
              SECRET_KEY: ${SECRET_KEY:?}
              USERS: ${USERS:?}
              ENABLE_KEYCLOAK: "true"
              KEYCLOAK_URI: https://sso.example.org/realms/hospital/
        volumes: {orthanc: }
    """,
)


class _Naming(Struct, frozen=True):
    """A name of the realm: what names it, the name, its place."""

    user: str
    realm: str
    location: Location


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Everybody means one realm."""
    namings = [naming for naming in _namings(deployment) if naming.realm and "$" not in naming.realm]
    if len({naming.realm for naming in namings if naming.user == "Orthanc Explorer 2"}) > 1:
        return  # several Orthancs with a realm each
    for naming in namings[1:]:
        first = namings[0]
        if naming.realm != first.realm:
            yield Finding(
                RULE,
                f"{naming.user} means the realm `{naming.realm}`, {first.user} the realm `{first.realm}`",
                naming.location,
                "write one name in both places",
                related=((first.location, first.user),),
            )
    exported = list(identity.realms(deployment))
    names = {str(realm.value.get("realm")) for realm in exported}
    if exported and namings and namings[0].realm not in names:
        location = exported[0].locate(("realm",))
        yield Finding(
            RULE,
            f"the export is of the realm `{exported[0].value.get('realm')}`, {namings[0].user} means `{namings[0].realm}`",
            location,
            "write one name in both places",
            related=((namings[0].location, namings[0].user),),
        )


def _namings(deployment: ObservedDeployment) -> Iterator[_Naming]:
    for used in identity.used_clients(deployment):
        yield _Naming(used.user, used.realm, used.realm_location)
    for service in addresses.auth_services(deployment):
        if service.variable("ENABLE_KEYCLOAK") != "true":
            continue
        for name in ("KEYCLOAK_URI", "KEYCLOAK_ADMIN_URI"):
            value = service.variable(name)
            if value is None and name == "KEYCLOAK_URI":
                value = identity.KEYCLOAK_URI
            if value is not None:
                yield _Naming(
                    f"the auth-service's `{name}`", identity.realm_of(value), service.locate_variable(name)
                )
