"""A password in OHIF's app-config.js."""

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
          configuration: {
            qidoRoot: '/dicom-web',
            wadoRoot: '/dicom-web',
            requestOptions: { OPTION },
          },
        },
      ],
      defaultDataSourceName: 'orthanc',
    };
"""
RULE = Rule(
    "password-in-app-config",
    Severity.ERROR,
    summary="OHIF's configuration has a name and a password for Orthanc (`requestOptions.auth`), and every browser reads this file.",
    consequence="Everybody who opens OHIF can read the password, and may do everything that it allows.",
    remedy="Remove it. Let people sign in (`oidc`), or let the reverse proxy ask for a password.",
    file="app-config.js",
    example=_FILE.replace("OPTION", "auth: 'reception:a-long-password-1'"),
    counterexample=_FILE.replace("OPTION", "requestCredentials: 'include'"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Browsers are given no password."""
    for ohif in deployment.ohifs:
        for index, source in enumerate(as_list(ohif.settings.get("dataSources"))):
            options = mapping(mapping(mapping(source).get("configuration")).get("requestOptions"))
            path = ("dataSources", index, "configuration", "requestOptions")
            for key, value in (
                ("auth", options.get("auth")),
                ("headers", mapping(options.get("headers")).get("Authorization")),
            ):
                if isinstance(value, str) and value and "$" not in value:
                    yield Finding(
                        RULE,
                        f"every browser reads the password in `requestOptions.{key}`",
                        ohif.settings.locate((*path, key)),
                        "remove it, and let people sign in",
                        is_sensitive=True,
                    )
