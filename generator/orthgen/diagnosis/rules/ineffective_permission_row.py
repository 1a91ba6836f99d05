"""A row of permissions that never decides."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.authz.plugin_releases import default_rows
from orthgen.authz.plugin_releases import releases as permission_releases
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "ineffective-permission-row",
    Severity.WARNING,
    summary="A row of `ExtraPermissions` has the method and the expression of a row above it, and the first row that fits decides.",
    consequence="The row has no effect: who may send the request stays as it was.",
    remedy="To change a row of the plugin, copy its whole list into `Permissions` and change it there.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies",
            "ExtraPermissions": [["post", "^/tools/find$", "admin-permissions"]]
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
    """Each added row decides about something."""
    for orthanc in deployment.orthancs:
        above = set() if orthanc.settings.has("Authorization", "Permissions") else _defaults(orthanc)
        for row in orthancs.written_rows(orthanc):
            own = (row.method, row.pattern)
            if row.key == "ExtraPermissions" and own in above and not row.problem:
                is_known = orthancs.permission_release(orthanc)
                yield Finding(
                    RULE,
                    f"a row above has the same method and expression: `{row.method} {row.pattern}`",
                    row.location,
                    "change the row in `Permissions`, with all others",
                    confidence=Confidence.CERTAIN if is_known else Confidence.LIKELY,
                )
            above.add(own)


def _defaults(orthanc: Orthanc) -> set[tuple[str, str]]:
    release = orthancs.permission_release(orthanc) or permission_releases()[-1]
    return {(str(row[0]), str(row[1])) for row in default_rows(release)}
