"""API keys that reach Keycloak's search as they were sent."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity, routing
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
          ENABLE_KEYCLOAK_API_KEYS: "true"
    ==> realm.json <==
    {
      "realm": "orthanc",
      "enabled": true,
      "components": {
        "org.keycloak.storage.UserStorageProvider": [
          {"name": "ldap", "providerId": "ldap", "config": {"vendor": ["ad"]}}
        ]
      }
    }
    ==> nginx.conf <==
    server {
      listen 80;
      large_client_header_buffers 8 32k;
      client_max_body_size 0;
      ODD_KEYS
      location / {
        proxy_pass http://orthanc:8042;
        proxy_set_header Host $http_host;
      }
    }
"""
RULE = Rule(
    "api-key-as-search",
    Severity.ERROR,
    summary="The auth-service (26.4.1) writes the header `api-key` as it stands into a search at Keycloak. In a realm with a directory "
    "(LDAP), Keycloak (26.7.3) also finds people by what follows a blank in it.",
    consequence="Somebody without an account signs in as a person of the directory who never signed in before.",
    remedy='Let the reverse proxy refuse odd keys, in nginx: `if ($http_api_key ~ "[^A-Za-z0-9_.-]") { return 400; }` in each server. '
    "nginx has to be the only way to Orthanc.",
    file="docker-compose.yml",
    example=_FILES.replace("ODD_KEYS", ""),
    counterexample=_FILES.replace("ODD_KEYS", 'if ($http_api_key ~ "[^A-Za-z0-9_.-]") { return 400; }'),
    is_about_absence=True,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """What comes from outside is no search."""
    directory = next(identity.directories(deployment), None)
    if directory is None or routing.reads_header(deployment, "api-key"):
        return
    for auth_service in deployment.auth_services:
        service = auth_service.service
        if service is not None and service.variable("ENABLE_KEYCLOAK_API_KEYS") == "true":
            yield Finding(
                RULE,
                "an API key with a blank in it finds people of the directory, without any key",
                service.locate_variable("ENABLE_KEYCLOAK_API_KEYS"),
                "let the reverse proxy refuse API keys with other signs than letters, digits, `-`, `_` and `.`",
                related=((directory, "the directory"),),
            )
