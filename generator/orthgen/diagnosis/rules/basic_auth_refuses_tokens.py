"""Orthanc's own passwords in front of a sign-in with tokens."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "basic-auth-refuses-tokens",
    Severity.ERROR,
    summary="`AuthenticationEnabled` is true in an Orthanc whose users sign in at Keycloak.",
    consequence="The browser asks for a name and a password after the sign-in at Keycloak; requests with a token answer 401.",
    remedy="Set `AuthenticationEnabled` to false: the authorization plugin decides. Do not publish Orthanc's port.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": true,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {"WebServiceRootUrl": "http://orthanc-auth-service:8000/", "StandardConfigurations": ["orthanc-explorer-2"], "CheckedLevel": "studies"},
          "OrthancExplorer2": {"Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Where Keycloak signs people in, Orthanc asks for no password."""
    for orthanc in deployment.orthancs:
        signs_in = orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False)
        if not signs_in or not orthancs.filters(orthanc) or not orthancs.authenticates(orthanc):
            continue
        is_written = orthanc.settings.has("AuthenticationEnabled")
        if not is_written and not orthanc.is_complete:
            continue
        better, change = orthancs.proposal(orthanc, False, "AuthenticationEnabled")
        yield Finding(
            RULE,
            "`AuthenticationEnabled` is true"
            + ("" if is_written else " by default")
            + ": requests with a token of Keycloak's and without a password answer 401",
            orthancs.place(orthanc, "AuthenticationEnabled"),
            'write `"AuthenticationEnabled": false`',
            related=(
                (
                    orthancs.place(orthanc, "OrthancExplorer2", "Keycloak", "Enable"),
                    "the sign-in at Keycloak",
                ),
            ),
            replacement=better,
            change=change,
        )
