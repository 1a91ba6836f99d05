"""An Orthanc Explorer 2 that offers no sign-in, although people have to sign in."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_JSON: |
            {
              "AuthenticationEnabled": false,
              "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "WebServiceUsername": "orthanc", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
              "OrthancExplorer2": {"Keycloak": {"Enable": ENABLE, "Url": "https://sso.example.org/", "Realm": "orthanc", "ClientId": "orthanc"}}
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
"""
RULE = Rule(
    "sign-in-off",
    Severity.ERROR,
    summary="The auth-service takes users from Keycloak, and no Orthanc Explorer 2 has `Keycloak` with `Enable`.",
    consequence="Nobody is asked to sign in. Everybody is anonymous: the list of studies is empty or answers 403, and menus are missing.",
    remedy='Write `"Keycloak": {"Enable": true, "Url": "https://HOST/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}` into '
    "`OrthancExplorer2`.",
    file="docker-compose.yml",
    example=_FILES.replace("ENABLE,", "false,"),
    counterexample=_FILES.replace("ENABLE,", "true,"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Where the auth-service knows users of Keycloak's, some page signs them in."""
    asking = [each for each in deployment.orthancs if orthancs.knows_users(each)]
    signs_in = any(
        orthancs.is_on(each, "OrthancExplorer2", "Keycloak", "Enable", default=False)
        for each in deployment.orthancs
    )
    has_viewer = any(each.settings.get("oidc", 0) is not None for each in deployment.ohifs)
    if signs_in or has_viewer or not asking:
        return
    orthanc = asking[0]
    auth_service = identity.auth_service_of(deployment, orthanc)
    if auth_service is None or not identity.uses_keycloak(auth_service) or auth_service.service is None:
        return
    if _has_pages(orthanc):
        is_written = orthanc.settings.has("OrthancExplorer2", "Keycloak", "Enable")
        yield Finding(
            RULE,
            "`OrthancExplorer2.Keycloak.Enable` is false: nobody is asked to sign in"
            if is_written
            else "`OrthancExplorer2` has no `Keycloak`: nobody is asked to sign in",
            orthancs.place(orthanc, "OrthancExplorer2", "Keycloak", "Enable"),
            "write `true`" if is_written else "add `Keycloak` with `Enable`, `Url`, `Realm` and `ClientId`",
            related=((auth_service.service.locate_variable("ENABLE_KEYCLOAK"), "users of Keycloak's"),),
            replacement="true" if is_written else "",
            confidence=Confidence.LIKELY,
        )


def _has_pages(orthanc: Orthanc) -> bool:
    """Whether the whole configuration was read, and people use the pages of Orthanc Explorer 2."""
    is_on = orthancs.is_on(orthanc, "OrthancExplorer2", "Enable", default=True)
    return orthanc.is_complete and is_on and orthancs.loads(orthanc, "OrthancExplorer2")
