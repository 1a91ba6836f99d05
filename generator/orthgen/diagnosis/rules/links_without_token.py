"""Links without a token in an Orthanc that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

_FILE = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "StandardConfigurations": ["orthanc-explorer-2"],
        "CheckedLevel": "studies"
      },
      "OrthancExplorer2": {
        "Tokens": {"RequiredForLinks": REQUIRED},
        "Keycloak": {"Enable": true, "Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}
      }
    }
"""
RULE = Rule(
    "links-without-token",
    Severity.ERROR,
    summary="`Tokens.RequiredForLinks` is false, while Orthanc asks for a token.",
    consequence="Downloads, previews and viewers that have no sign-in of their own answer 403.",
    remedy="Remove the key, or write `true`.",
    file="orthanc.json",
    example=_FILE.replace("REQUIRED", "false"),
    counterexample=_FILE.replace("REQUIRED", "true"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Links carry a token where Orthanc asks for one."""
    for orthanc in deployment.orthancs:
        path = ("OrthancExplorer2", "Tokens", "RequiredForLinks")
        signs_in = orthancs.is_on(orthanc, "OrthancExplorer2", "Keycloak", "Enable", default=False)
        if signs_in and orthancs.filters(orthanc) and not orthancs.is_on(orthanc, *path, default=True):
            yield Finding(
                RULE,
                "links carry no token, and Orthanc asks for one",
                orthanc.settings.locate(path),
                "write `true`",
                replacement="true",
            )
