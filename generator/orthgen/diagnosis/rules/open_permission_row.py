"""A row of permissions that opens data of patients to everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

_FILE = """
    {
      "AuthenticationEnabled": false,
      "Authorization": {
        "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
        "CheckedLevel": "studies",
        "ExtraPermissions": [["get", "PATTERN", ""]]
      }
    }
"""
RULE = Rule(
    "open-permission-row",
    Severity.ERROR,
    summary="A row of `Permissions` or `ExtraPermissions` asks for no permission, and fits paths with data of patients.",
    consequence="Everybody who reaches Orthanc reads these paths, without a sign-in.",
    remedy="Name the permissions that suffice, as `all|view`.",
    file="orthanc.json",
    example=_FILE.replace("PATTERN", "^/my-plugin/(.*)$|^/studies(|/.*)$"),
    counterexample=_FILE.replace("PATTERN", "^/my-plugin/version$"),
)
_DATA = (
    "/patients",
    "/studies",
    "/studies/0-0",
    "/series/0-0/archive",
    "/instances/0-0/file",
    "/dicom-web/studies",
    "/dicom-web/studies/1.2/metadata",
    "/changes",
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Rows without permissions fit no data of patients."""
    for orthanc in deployment.orthancs:
        for key in ("Permissions", "ExtraPermissions"):
            for index, row in enumerate(as_list(orthancs.setting(orthanc, "Authorization", key))):
                if isinstance(row, list) and len(row) >= 3 and row[2] == "" and orthancs.filters(orthanc):
                    opened = [path for path in _DATA if _fits(str(row[1]), path)]
                    if opened:
                        yield Finding(
                            RULE,
                            f"`{row[0]} {row[1]}` opens `{opened[0]}` to everybody",
                            orthancs.place(orthanc, "Authorization", key, index),
                            "name the permissions that suffice",
                        )


def _fits(pattern: str, path: str) -> bool:
    try:
        return re.fullmatch(pattern, path) is not None
    except re.error:
        return False
