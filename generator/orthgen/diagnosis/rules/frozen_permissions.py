"""A copied list of permissions that lacks rows of the release that runs."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.authz.plugin_releases import default_rows, releases
from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "frozen-permissions",
    Severity.WARNING,
    summary="`Authorization.Permissions` replaces the plugin's whole list, and lacks rows of the release that runs.",
    consequence="Functions that came with newer releases answer 403 to everybody: jobs, worklists, bulk changes, DICOMweb servers.",
    remedy="Remove `Permissions`, and put rows of your own into `ExtraPermissions` (authorization plugin 0.10.0 or newer).",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {
                    "WebServiceRootUrl": "http://auth.example.org:8000/",
                    "StandardConfigurations": ["orthanc-explorer-2"],
                    "CheckedLevel": "studies",
                    "Permissions": [["post", "^/tools/find$", "all|view"], ["get", "^/system$", "all|view"]]
                  }
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_JSON: |
                {
                  "AuthenticationEnabled": false,
                  "Authorization": {
                    "WebServiceRootUrl": "http://auth.example.org:8000/",
                    "StandardConfigurations": ["orthanc-explorer-2"],
                    "CheckedLevel": "studies",
                    "ExtraPermissions": [["get", "^/my-plugin/(.*)$", "all|view"]]
                  }
                }
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)
_SHOWN = 3


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A list of its own has a row for every default row of the release."""
    for orthanc in deployment.orthancs:
        rows = orthancs.setting(orthanc, "Authorization", "Permissions")
        release = orthancs.permission_release(orthanc)
        place = orthancs.place(orthanc, "Authorization", "Permissions")
        is_whole = bool(release) or orthanc.is_complete or not _is_cut(deployment, place.file)
        if not isinstance(rows, list) or not rows or not is_whole:
            continue
        known = default_rows(release or releases()[-1])
        written = {
            (str(row[0]).lower(), str(row[1])) for row in rows if isinstance(row, list) and len(row) >= 2
        }
        lacking = [row for row in known if (row[0], row[1]) not in written]
        # A list for a release that is not known has most of the rows of any.
        if not lacking or (not release and len(lacking) * 2 < len(known)):
            continue
        named = ", ".join(f"`{row[0]} {row[1]}`" for row in lacking[-_SHOWN:])
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        hint = "remove `Permissions`; rows of your own belong into `ExtraPermissions`"
        yield Finding(
            RULE,
            f"`Permissions` takes the place of all rows of the authorization plugin {release or releases()[-1]}, and lacks {named}{more}",
            place,
            hint if not release or at_least(release, "0.10.0") else "add them",
            confidence=Confidence.CERTAIN if release else Confidence.LIKELY,
        )


def _is_cut(deployment: ObservedDeployment, file: str) -> bool:
    """Whether a text has the mark with which people leave something out."""
    text = deployment.texts.get(file, "")
    return "..." in text or "…" in text
