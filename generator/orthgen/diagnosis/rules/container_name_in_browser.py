"""Names of containers in addresses that browsers are given."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses
from orthgen.diagnosis.facts.containers import service_at
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment

_FILES = """
    ==> docker-compose.yml <==
    services:
      ohif:
        image: ohif/app:v3.11.1
        ports: ["127.0.0.1:3000:80"]
        volumes: ["./app-config.js:/usr/share/nginx/html/app-config.js:ro"]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {DICOM_WEB_PLUGIN_ENABLED: "true", ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
    ==> app-config.js <==
    window.config = {
      routerBasename: '/',
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'orthanc',
          configuration: { qidoRoot: 'ROOT', wadoRoot: 'ROOT' },
        },
      ],
      defaultDataSourceName: 'orthanc',
    };
"""
RULE = Rule(
    "container-name-in-browser",
    Severity.ERROR,
    summary="An address that browsers are given has the name of a container as its host.",
    consequence="Browsers do not find it (`ERR_NAME_NOT_RESOLVED`): only containers know these names. The sign-in or the viewer stays "
    "blank.",
    remedy="Write the public address, at which the reverse proxy serves the container; for OHIF a path, as `/orthanc/dicom-web`.",
    file="app-config.js",
    example=_FILES.replace("ROOT", "http://orthanc:8042/dicom-web"),
    counterexample=_FILES.replace("ROOT", "/dicom-web"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Browsers can look up every host that they are given."""
    seen: set[str] = set()
    for address in (*addresses.public_addresses(deployment), *_ohif_addresses(deployment)):
        service = service_at(deployment, address.host) if "." not in address.host else None
        if service is not None and address.origin not in seen:
            seen.add(address.origin)
            yield Finding(
                RULE,
                f"`{address.name}` is `{address.url}`: browsers do not know the container's name `{address.host}`",
                address.location,
                "write the public address",
                related=((service.definition.locate(()), service.name),),
            )


def _ohif_addresses(deployment: ObservedDeployment) -> Iterator[addresses.Address]:
    """The absolute addresses that OHIF is given: of DICOMweb, and of the sign-in."""
    for ohif in deployment.ohifs:
        paths: list[Path] = [("oidc", 0, "authority")]
        for index, source in enumerate(as_list(ohif.settings.get("dataSources"))):
            keys = mapping(mapping(source).get("configuration"))
            paths += [
                ("dataSources", index, "configuration", key) for key in keys if str(key).endswith("Root")
            ]
        for path in paths:
            value = ohif.settings.get(*path)
            if addresses.is_absolute(value):
                yield addresses.Address(str(path[-1]), value, ohif.settings.locate(path))
