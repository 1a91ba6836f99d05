"""A path without checks that opens everything."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "unchecked-root",
    Severity.ERROR,
    summary="`UncheckedFolders` or `UncheckedResources` opens data of patients to everybody.",
    consequence="Everybody who reaches Orthanc reads what is below that path, without a sign-in.",
    remedy="Remove the entry. Pages of viewers are opened by `StandardConfigurations`.",
    file="orthanc.json",
    example="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "UncheckedFolders": ["/"],
            "CheckedLevel": "studies"
          }
        }
    """,
    counterexample="""
        {
          "AuthenticationEnabled": false,
          "Authorization": {
            "WebServiceRootUrl": "http://orthanc-auth-service:8000/",
            "UncheckedFolders": ["/my-viewer/"],
            "CheckedLevel": "studies"
          }
        }
    """,
)
_DATA = (
    "/patients",
    "/studies",
    "/series",
    "/instances",
    "/dicom-web",
    "/wado",
    "/tools",
    "/changes",
    "/modalities",
    "/jobs",
)

# Resources that list studies, or find them.
_LISTS = frozenset(
    {"/dicom-web/studies", "/dicom-web/series", "/dicom-web/instances", "/tools/find", "/dicom-web/servers"}
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """What is unchecked holds pages, not data."""
    for orthanc in deployment.orthancs:
        if not orthancs.filters(orthanc):
            continue
        for key in ("UncheckedFolders", "UncheckedResources"):
            entries = as_list(orthancs.setting(orthanc, "Authorization", key))
            for index, path in enumerate(map(str, entries)):
                opened = [data for data in _DATA if _opens(key, path, data)]
                if opened:
                    yield Finding(
                        RULE,
                        f"`{key}` opens `{path}` to everybody, without a sign-in",
                        orthancs.place(orthanc, "Authorization", key, index),
                        "remove it; `StandardConfigurations` opens the pages of viewers",
                    )


def _opens(key: str, path: str, resource: str) -> bool:
    """Whether an entry opens a resource: a folder opens what begins like it, a resource is one path."""
    cleaned = "/" + path.strip("/")
    if key == "UncheckedResources":
        return cleaned == resource or cleaned in _LISTS
    return cleaned in {"/", resource} or cleaned.startswith(f"{resource}/")
