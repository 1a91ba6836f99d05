"""A row that asks for a permission which nobody can have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import identity
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.spelling import nearest

RULE = Rule(
    "unknown-permission-in-row",
    Severity.ERROR,
    summary="A row asks for a permission that the auth-service does not know. The plugin takes blanks for a part of the name.",
    consequence="Nobody has the permission: requests that fit the row answer 403.",
    remedy="Write permissions of the auth-service, with `|` and without blanks between them.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies",
            "ExtraPermissions": [["post", "^/my-plugin/run$", "all | upload"]]
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies",
            "ExtraPermissions": [["post", "^/my-plugin/run$", "all|upload"]]
          }
        }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Rows ask for permissions of the auth-service."""
    for orthanc in deployment.orthancs:
        for row in orthancs.written_rows(orthanc):
            for word in row.permissions:
                if row.problem or word in identity.PERMISSIONS or "$" in word:
                    continue
                stripped = word.strip()
                is_padded = stripped in identity.PERMISSIONS
                close = stripped if is_padded else nearest(stripped, identity.PERMISSIONS)
                yield Finding(
                    RULE,
                    f"blanks belong to the name: `{word}` is not a permission"
                    if is_padded
                    else f"the auth-service knows no permission `{word}`",
                    row.location,
                    f"write `{close}`" if close else "write a known permission",
                )
                break
