"""An authorization plugin that validates links and knows no users."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "validation-without-profiles",
    Severity.ERROR,
    summary="`WebServiceTokenValidationUrl` is set without an address for profiles of users.",
    consequence="`GET /dicom-web/studies` lists all studies, with names of patients, to everybody who reaches Orthanc.",
    remedy="Set `Authorization.WebServiceRootUrl` to the auth-service instead of the single addresses.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceTokenValidationUrl": "http://orthanc-auth-service:8000/tokens/validate",
            "CheckedLevel": "studies"
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies"
          }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """An address for profiles stands beside that for tokens."""
    for orthanc in deployment.orthancs:
        values = orthancs.section(orthanc, "Authorization")
        keys = [key for key in ("WebServiceTokenValidationUrl", "WebService") if values.get(key)]
        if not keys or orthancs.knows_users(orthanc) or not orthancs.filters(orthanc):
            continue
        if orthancs.authenticates(orthanc) and orthanc.settings.has("AuthenticationEnabled"):
            continue
        yield Finding(
            RULE,
            f"`{keys[0]}` without `WebServiceRootUrl`: the list of all studies is open to everybody",
            orthancs.place(orthanc, "Authorization", keys[0]),
            "write `WebServiceRootUrl` instead of the single addresses",
        )
