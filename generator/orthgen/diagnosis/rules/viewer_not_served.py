"""A viewer with a button and without pages."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Service

RULE = Rule(
    "viewer-not-served",
    Severity.ERROR,
    summary="Orthanc Explorer 2 has a button for OHIF, and nothing serves OHIF at the button's address.",
    consequence="The button opens 404.",
    remedy='Enable the plugin (`OHIF_PLUGIN_ENABLED: "true"` in the image `orthancteam/orthanc`), or run an OHIF container and let the '
    "reverse proxy serve it.",
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_HTTPS: "true"}
            ports: ["443:443"]
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC_JSON: |
                {"OrthancExplorer2": {"UiOptions": {"EnableOpenInOhifViewer3": true, "OhifViewer3PublicRoot": "/orthanc/ohif/"}}}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_HTTPS: "true", ENABLE_OHIF: "true"}
            ports: ["443:443"]
          ohif:
            image: orthancteam/ohif-v3:26.4.1
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC_JSON: |
                {"OrthancExplorer2": {"UiOptions": {"EnableOpenInOhifViewer3": true, "OhifViewer3PublicRoot": "/ohif/"}}}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Something serves OHIF where the button leads."""
    path = ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")
    for orthanc in deployment.orthancs:
        root = orthanc.settings.get(*path)
        if (
            not orthancs.is_on(orthanc, *path[:-1], "EnableOpenInOhifViewer3", default=False)
            or not isinstance(root, str)
            or "$" in root
        ):
            continue
        if not containers.is_whole(deployment) or orthanc.service is None:
            continue
        front = next(
            (
                each
                for each in deployment.services
                if containers.repository(each).startswith("orthancteam/orthanc-nginx")
            ),
            None,
        )
        problem = (
            _problem(deployment, orthanc, front, addresses.folder(root))
            if front is not None and _is_own(deployment, root)
            else ""
        )
        if problem:
            yield Finding(
                RULE,
                f"the button opens OHIF at `{root}`: {problem}",
                orthanc.settings.locate(path),
                "enable OHIF there, or write the address at which it is",
            )


def _is_own(deployment: ObservedDeployment, root: str) -> bool:
    """Whether an address is on the origin of Orthanc's pages, as far as one knows."""
    own = {
        each.origin
        for each in addresses.link_addresses(deployment)
        if each.name != "OrthancExplorer2.UiOptions.OhifViewer3PublicRoot"
    }
    return not addresses.is_absolute(root) or not own or addresses.origin(root) in own


def _problem(deployment: ObservedDeployment, orthanc: Orthanc, front: Service, path: str) -> str:
    """The reason why nothing serves OHIF at a path behind the image `orthanc-nginx`; empty where something does."""
    if path == "/ohif/":
        if front.variable("ENABLE_OHIF") != "true":
            return "`ENABLE_OHIF` of the reverse proxy is not `true`"
        return "" if containers.service_at(deployment, "ohif") else "there is no service `ohif`"
    if path == "/orthanc/ohif/":
        is_served = orthanc.plugins is None or "Ohif" in orthanc.plugins
        return "" if is_served else "Orthanc does not load the OHIF plugin (`OHIF_PLUGIN_ENABLED`)"
    return ""
