"""Passwords of Orthanc beside the authorization plugin, which knows tokens only."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> orthanc.json <==
    {
      "AuthenticationEnabled": true,
      "RemoteAccessAllowed": true,
      "RegisteredUsers": {"research": "Kd8-uw2.Rm5t"},
      "Authorization": {KEY: "http://auth-service:8000/PATH"}
    }
"""
RULE = Rule(
    "passwords-without-rights",
    Severity.ERROR,
    summary="The users of `RegisteredUsers` sign in with passwords, and the authorization plugin (0.11) decides by tokens. It looks at no "
    "password.",
    consequence="Orthanc takes the password, and answers 403 to whatever the anonymous profile does not allow.",
    remedy="To make links only, keep `WebServiceTokenCreationBaseUrl` in place of `WebServiceRootUrl`. To give people rights, let them sign in at "
    "Keycloak.",
    file="orthanc.json",
    example=_FILES.replace("KEY", '"CheckedLevel": "studies", "WebServiceRootUrl"').replace("PATH", ""),
    counterexample=_FILES.replace("KEY", '"WebServiceTokenCreationBaseUrl"').replace("PATH", "tokens/"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """People with passwords have something that carries their rights."""
    for orthanc in deployment.orthancs:
        has_users = bool(orthanc.settings.get("RegisteredUsers")) and orthancs.authenticates(orthanc)
        if not has_users or not orthanc.is_complete or not orthancs.filters(orthanc):
            continue
        signs_in = orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False)
        carriers = (
            orthanc.settings.get("Authorization", key) for key in ("TokenHttpHeaders", "TokenGetArguments")
        )
        if signs_in or any(carriers):
            continue  # `basic-auth-refuses-tokens`; programs may send a token beside the password
        yield Finding(
            RULE,
            "the authorization plugin gives the users of `RegisteredUsers` no right: they have passwords, and no tokens",
            orthancs.place(orthanc, "RegisteredUsers"),
            "write `WebServiceTokenCreationBaseUrl` in place of `WebServiceRootUrl`, or let people sign in at Keycloak",
            related=((orthancs.place(orthanc, "Authorization"), "the authorization plugin"),),
        )
