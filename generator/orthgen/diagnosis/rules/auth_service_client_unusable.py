"""A client of the auth-service that cannot sign in."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, identity, secrets
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> docker-compose.yml <==
    services:
      orthanc-auth-service:
        image: orthancteam/orthanc-auth-service:25.7.0
        environment:
          SECRET_KEY: ${SECRET_KEY:?}
          USERS: ${USERS:?}
          ENABLE_KEYCLOAK: "true"
          KEYCLOAK_URI: https://sso.example.org/realms/orthanc/
          KEYCLOAK_ADMIN_URI: https://sso.example.org/admin/realms/orthanc/
          KEYCLOAK_CLIENT_SECRET: ${KEYCLOAK_CLIENT_SECRET:?}
    ==> realm.json <==
    {
      "realm": "orthanc",
      "enabled": true,
      "clients": [{"clientId": "admin-cli", SETTINGS}]
    }
"""
RULE = Rule(
    "auth-service-client-unusable",
    Severity.ERROR,
    summary="The auth-service signs in as `admin-cli` with a secret, and the realm's client of that name has no service account.",
    consequence="The auth-service cannot read users and roles: API keys are refused, and the page of permissions stays empty.",
    remedy="Turn client authentication and the service account on for `admin-cli` of this realm, with the roles `view-users` and "
    "`view-realm` of `realm-management`.",
    file="realm.json",
    example=_FILES.replace("SETTINGS", '"publicClient": true'),
    counterexample=_FILES.replace("SETTINGS", '"publicClient": false, "serviceAccountsEnabled": true'),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The auth-service can sign in at Keycloak."""
    realms = [realm for realm in identity.realms(deployment) if isinstance(realm.value.get("clients"), list)]
    for service in addresses.auth_services(deployment):
        has_secret = service.environment.has("KEYCLOAK_CLIENT_SECRET") or any(
            secrets.targets(service, "KEYCLOAK_CLIENT_SECRET")
        )
        if not has_secret or len(realms) != 1:
            continue
        client = identity.client(realms[0], "admin-cli")
        variable = (
            "KEYCLOAK_CLIENT_SECRET"
            if service.environment.has("KEYCLOAK_CLIENT_SECRET")
            else "KEYCLOAK_ADMIN_URI"
        )
        related = ((service.locate_variable(variable), "the auth-service"),)
        if client is None:
            yield Finding(
                RULE,
                "the realm has no client `admin-cli`, as which the auth-service signs in",
                realms[0].locate(("clients",)),
                "add it, with a service account",
                related=related,
            )
        elif client.get("publicClient") or not client.get("serviceAccountsEnabled"):
            yield Finding(
                RULE,
                "`admin-cli` of the realm has no service account, which the auth-service signs in with",
                client.place("clientId"),
                'write `"publicClient": false, "serviceAccountsEnabled": true`',
                related=related,
            )
