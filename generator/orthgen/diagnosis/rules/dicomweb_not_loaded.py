"""OHIF beside an Orthanc without DICOMweb."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment, Ohif, Orthanc

_FILES = """
    ==> docker-compose.yml <==
    services:
      ohif:
        image: orthancteam/ohif-v3:26.4.1
        volumes: ["./app-config.js:/usr/share/nginx/html/ohif/app-config.js:ro"]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
          DICOM_WEB_PLUGIN_ENABLED: "ENABLED"
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
    ==> app-config.js <==
    window.config = {
      routerBasename: '/ohif',
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'orthanc',
          configuration: { qidoRoot: '/dicom-web', wadoRoot: '/dicom-web' },
        },
      ],
      defaultDataSourceName: 'orthanc',
    };
"""
RULE = Rule(
    "dicomweb-not-loaded",
    Severity.ERROR,
    summary="OHIF reads studies by DICOMweb, and the image of Orthanc does not load its DICOMweb plugin, or `DicomWeb.Enable` is false.",
    consequence="OHIF lists no study: every address below `/dicom-web/` answers 404.",
    remedy='Add a section `DicomWeb` to the configuration, or set `DICOM_WEB_PLUGIN_ENABLED: "true"`.',
    file="docker-compose.yml",
    example=_FILES.replace('ENABLED: "ENABLED"', 'ENABLED: "false"'),
    counterexample=_FILES.replace('ENABLED: "ENABLED"', 'ENABLED: "true"'),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """An Orthanc answers OHIF's requests."""
    orthancs_without = [
        orthanc
        for orthanc in deployment.orthancs
        if (orthanc.plugins is not None and "DicomWeb" not in orthanc.plugins and orthanc.is_complete)
        or _is_off(orthanc)
    ]
    if not orthancs_without or len(orthancs_without) != len(deployment.orthancs):
        return
    ohif = next((each for each in deployment.ohifs if _reads_own_site(each)), None)
    orthanc = orthancs_without[0]
    if ohif is None:
        return
    related = ((ohif.settings.locate(("dataSources", 0)), "OHIF"),)
    if _is_off(orthanc):
        yield Finding(
            RULE,
            "`DicomWeb.Enable` is false, and OHIF asks DICOMweb for studies",
            orthanc.settings.locate(("DicomWeb", "Enable")),
            "write `true`",
            related=related,
            replacement="true",
        )
    elif orthanc.service is not None:
        yield Finding(
            RULE,
            "the image does not load the DICOMweb plugin, which OHIF asks for studies",
            orthanc.service.locate_variable("DICOM_WEB_PLUGIN_ENABLED"),
            'set `DICOM_WEB_PLUGIN_ENABLED: "true"`',
            related=related,
        )


def _is_off(orthanc: Orthanc) -> bool:
    return not orthancs.is_on(orthanc, "DicomWeb", "Enable", default=True)


def _reads_own_site(ohif: Ohif) -> bool:
    """Whether OHIF reads studies at a path of its own site, so that this Orthanc is meant."""
    for source in as_list(ohif.settings.get("dataSources")):
        root = mapping(mapping(source).get("configuration")).get("qidoRoot")
        if isinstance(root, str) and root.startswith("/"):
            return True
    return False
