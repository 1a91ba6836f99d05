"""A default source of data that OHIF does not have."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment

_FILE = """
    window.config = {
      routerBasename: '/ohif',
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'orthanc',
          configuration: { qidoRoot: '/dicom-web', wadoRoot: '/dicom-web' },
        },
      ],
      defaultDataSourceName: 'NAME',
    };
"""
RULE = Rule(
    "unknown-default-source",
    Severity.ERROR,
    summary="`defaultDataSourceName` of OHIF is the `sourceName` of no source of data.",
    consequence="OHIF shows an empty page, or lists no study.",
    remedy="Write the `sourceName` of one of the `dataSources`.",
    file="app-config.js",
    example=_FILE.replace("NAME", "dicomweb"),
    counterexample=_FILE.replace("NAME", "orthanc"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The default source is one of the sources."""
    for ohif in deployment.ohifs:
        default = ohif.settings.get("defaultDataSourceName")
        names = [mapping(source).get("sourceName") for source in as_list(ohif.settings.get("dataSources"))]
        if isinstance(default, str) and names and all(names) and default not in names:
            yield Finding(
                RULE,
                f"OHIF has no source of data `{default}`",
                ohif.settings.locate(("defaultDataSourceName",)),
                f"write `{names[0]}`" if len(names) == 1 else "write one of the names",
                related=tuple(
                    (ohif.settings.locate(("dataSources", index, "sourceName")), str(name))
                    for index, name in enumerate(names)
                ),
                replacement=f"'{names[0]}'" if len(names) == 1 else "",
            )
