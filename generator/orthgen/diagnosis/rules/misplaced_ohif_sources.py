"""Sources of data that OHIF does not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "misplaced-ohif-sources",
    Severity.WARNING,
    summary="OHIF's configuration has its sources of data under a key that OHIF does not read.",
    consequence="OHIF lists no study, or lists them and loads no image.",
    remedy="Write `dataSources: [ … ]` (OHIF 3), or `servers: { dicomWeb: [ … ] }` (OHIF 1 and 2).",
    file="app-config.js",
    example="""
        window.config = {
          routerBasename: '/',
          servers: {
            WebDicom: [{ name: 'orthanc', wadoUriRoot: '/wado', qidoRoot: '/dicom-web', wadoRoot: '/dicom-web' }],
          },
        };
    """,
    counterexample="""
        window.config = {
          routerBasename: '/',
          servers: {
            dicomWeb: [{ name: 'orthanc', wadoUriRoot: '/wado', qidoRoot: '/dicom-web', wadoRoot: '/dicom-web' }],
          },
        };
    """,
)
_KNOWN = ("dicomWeb", "oidc")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF reads its sources of data."""
    for ohif in deployment.ohifs:
        servers = ohif.settings.get("servers")
        for key in servers if isinstance(servers, Mapping) else ():
            if key not in _KNOWN:
                yield Finding(
                    RULE,
                    f"OHIF does not read `servers.{key}`",
                    ohif.settings.locate(("servers", key)),
                    "write `dicomWeb`",
                    replacement="dicomWeb",
                    change=EditKind.NAME,
                )
