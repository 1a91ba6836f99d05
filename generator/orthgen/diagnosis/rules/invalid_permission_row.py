"""A row of permissions that the plugin does not read."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "invalid-permission-row",
    Severity.ERROR,
    summary="A row of `Permissions` or `ExtraPermissions` is not a list of method, expression and permissions, or its expression is "
    "not valid.",
    consequence="Orthanc stops at its start.",
    remedy='Write `["get", "^/path$", "all|view"]`: a method (`get`, `post`, `put`, `delete`), an expression, permissions with `|` '
    "between them.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "CheckedLevel": "studies",
            "ExtraPermissions": [["post", "^/my-plugin/run$"]]
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
    """The plugin reads each row."""
    for orthanc in deployment.orthancs:
        for row in orthancs.written_rows(orthanc):
            problem = row.problem
            if problem:
                yield Finding(RULE, problem, row.location, 'write `["get", "^/path$", "all|view"]`')
