"""OHIF that asks Orthanc at another origin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, answer_headers, containers, routing
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment, Ohif
from orthgen.observed.service_model import Product

_FILES = """
    ==> docker-compose.yml <==
    services:
      ohif:
        image: ohif/app:v3.12.0
        volumes: ["./app-config.js:/usr/share/nginx/html/app-config.js:ro"]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        ports: ["127.0.0.1:8042:8042"]
        environment:
          ORTHANC__REGISTERED_USERS: '{"reception": "${RECEPTION_PASSWORD:?}"}'
          DICOM_WEB_PLUGIN_ENABLED: "true"
        volumes: ["orthanc:/var/lib/orthanc/db"]
    volumes: {orthanc: }
    ==> app-config.js <==
    window.config = {
      routerBasename: '/',
      dataSources: [
        {
          namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
          sourceName: 'orthanc',
          configuration: { qidoRoot: 'ROOT/dicom-web', wadoRoot: 'ROOT/dicom-web' },
        },
      ],
      defaultDataSourceName: 'orthanc',
    };
"""
RULE = Rule(
    "ohif-on-other-origin",
    Severity.ERROR,
    summary="OHIF asks for studies at Orthanc's own port, or at another host than its own. A browser counts another port or host as another site, and Orthanc allows no other "
    "site to read its answers.",
    consequence="OHIF lists no study. The browser's console shows a CORS error: `No 'Access-Control-Allow-Origin' header`.",
    remedy="Serve OHIF and DICOMweb by one reverse proxy, and write the path: `qidoRoot: '/dicom-web'`.",
    file="app-config.js",
    example=_FILES.replace("ROOT", "http://localhost:8042"),
    counterexample=_FILES.replace("ROOT", ""),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF and DICOMweb have one origin."""
    yield from _at_own_port(deployment)
    yield from _at_other_name(deployment)


def _at_own_port(deployment: ObservedDeployment) -> Iterator[Finding]:
    ports = {
        port.published: port.location
        for orthanc in deployment.orthancs
        if orthanc.service is not None
        for port in orthanc.service.ports
        if port.target.partition("/")[0] == str(orthancs.http_port(orthanc))
    }
    for ohif in deployment.ohifs:
        place = _root_at(ohif, ports)
        served_by_orthanc = ohif.service is not None and containers.repository(ohif.service).endswith(
            "/orthanc"
        )
        if place is None or served_by_orthanc:
            continue
        url, location = place
        yield Finding(
            RULE,
            f"`{url}` is Orthanc's own port, which allows no other site to read its answers",
            location,
            "serve both by one reverse proxy, and write the path alone",
            related=((ports[str(addresses.port_of(url))], "the port of Orthanc"),),
        )


def _root_at(ohif: Ohif, ports: dict[str, Location]) -> tuple[str, Location] | None:
    """The first root of OHIF at one of the ports."""
    for index, source in enumerate(as_list(ohif.settings.get("dataSources"))):
        values = mapping(mapping(source).get("configuration"))
        for key in ("qidoRoot", "wadoRoot"):
            url = values.get(key)
            if addresses.is_absolute(url) and str(addresses.port_of(url)) in ports:
                return url, ohif.settings.locate(("dataSources", index, "configuration", key))
    return None


def _at_other_name(deployment: ObservedDeployment) -> Iterator[Finding]:
    """OHIF and DICOMweb are virtual hosts of one nginx, which lets no other site read the answers of DICOMweb."""
    pages = {
        name: location
        for _, server, location in routing.routes(deployment, Product.OHIF)
        for name in server.names or ("_",)
    }
    if not pages or any(not re.fullmatch(r"[\w-]+(\.[\w-]+)+", name) for name in pages):
        return
    for address in addresses.source_addresses(deployment):
        if address.host not in pages and _is_closed(deployment, address):
            name = min(pages)
            yield Finding(
                RULE,
                f"`{address.url}` is on another host than OHIF, and nginx lets no other site read its answers",
                address.location,
                "serve both on one host, and write the path alone",
                related=((pages[name].location, f"OHIF on {name}"),),
                confidence=Confidence.LIKELY,
            )
            return


def _is_closed(deployment: ObservedDeployment, address: addresses.Address) -> bool:
    """Whether the virtual host of an address passes DICOMweb on to Orthanc without a header for other sites."""
    found = [
        location
        for proxy in deployment.proxies
        for server in proxy.servers
        if proxy.product is Product.NGINX and address.host in server.names
        for location in routing.dicomweb_locations(deployment, proxy, server)
    ]
    return bool(found) and not any(
        routing.may_say_more(location)
        or location.directive("if")
        or answer_headers.setting(location, "Access-Control-Allow-Origin", "add_header", "more_set_headers")
        for location in found
    )
