"""Names that the image orthanc-nginx expects, and no service has."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "service-for-proxy-missing",
    Severity.ERROR,
    summary="The image `orthancteam/orthanc-nginx` passes requests to fixed names, and no service has such a name.",
    consequence="nginx stops at start: `host not found in upstream`.",
    remedy="Call the service as the image expects it, or set its variable to `false`.",
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_HTTPS: "true"}
            ports: ["443:443"]
          pacs:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            volumes: ["./tls:/etc/nginx/tls:ro"]
            environment: {ENABLE_HTTPS: "true"}
            ports: ["443:443"]
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    is_about_absence=True,
)
# By variable of the image (26.4.1): the host that it passes requests to, and whether it is on by default.
_UPSTREAMS = {
    "ENABLE_ORTHANC": ("orthanc", True),
    "ENABLE_ORTHANC_FOR_API": ("orthanc-for-api", False),
    "ENABLE_ORTHANC_FOR_SHARES": ("orthanc-for-shares", False),
    "ENABLE_KEYCLOAK": ("keycloak", False),
    "ENABLE_ORTHANC_TOKEN_SERVICE": ("orthanc-auth-service", False),
    "ENABLE_OHIF": ("ohif", False),
    "ENABLE_MEDDREAM": ("meddream-viewer", False),
}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The services have the names that the image expects."""
    if not containers.is_whole(deployment):
        return
    for service in deployment.services:
        if not containers.repository(service).startswith("orthancteam/orthanc-nginx"):
            continue
        for variable, (name, is_default) in _UPSTREAMS.items():
            value = service.variable(variable)
            is_on = value == "true" if value is not None else is_default
            if (
                variable == "ENABLE_ORTHANC"
                and value is None
                and containers.version(service)
                and not at_least(containers.version(service), "25.12.0")
            ):
                is_on = False  # the default before 25.12.0
            found = containers.service_at(deployment, name)
            if is_on and found is None:
                yield Finding(
                    RULE,
                    f"the image passes requests to `{name}`{'' if value else ' by default'}, and there is no such service",
                    service.locate_variable(variable),
                    f"call a service `{name}`, or set `{variable}` to `false`",
                )
            elif is_on and found is not None and (problem := containers.unreachable(service, found, name)):
                yield Finding(
                    RULE,
                    problem,
                    service.image_place,
                    "put both on one network of Compose",
                    related=((found.image_place, found.name),),
                )
