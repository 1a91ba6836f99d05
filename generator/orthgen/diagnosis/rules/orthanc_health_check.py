"""A health check of Orthanc that cannot succeed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Service

_FILES = """
    services:
      orthanc:
        image: orthancteam/orthanc:25.4.2-full
        environment: {ORTHANC__REGISTERED_USERS: '{"probe": "${PROBE_PASSWORD:?}"}'}
        volumes: ["orthanc:/var/lib/orthanc/db"]
        healthcheck:
          test: TEST
    volumes: {orthanc: }
"""
RULE = Rule(
    "orthanc-health-check",
    Severity.ERROR,
    summary="The health check of Orthanc uses a program that the image does not have, or sends no password to an Orthanc that asks for "
    "one.",
    consequence="The container stays unhealthy: services that wait for it do not start, and some hosts restart it.",
    remedy="Use the image's own program: `/probes/test-aliveness.py --user=NAME --pwd=PASSWORD`.",
    file="docker-compose.yml",
    example=_FILES.replace("TEST", '["CMD", "curl", "-f", "http://localhost:8042/system"]'),
    counterexample=_FILES.replace(
        "TEST", '["CMD", "curl", "-f", "-u", "probe:$$PROBE", "http://localhost:8042/system"]'
    ),
    also=("vulnerable-image",),
)
_PROBES = ("livenessProbe", "startupProbe", "readinessProbe")
_PROGRAM = re.compile(r"\b(?P<name>curl|wget)\b")
_CREDENTIALS = (
    r"(?:^|\s)(?:-u\S*|--user\S*|--password\S*|-H|--header\S*|-n|--netrc\S*|-K)(?:\s|=|$)|://[^/\s]*@"
)
_REPORTS_STATUS = r"(?:^|\s)(?:-\w*f\w*|--fail\S*)(?:\s|$)|wget"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The health check succeeds while Orthanc works."""
    for orthanc in deployment.orthancs:
        service = orthanc.service
        if service is not None:
            yield from _probe_findings(orthanc, service)
        if service is None or not orthancs.is_orthancteam_image(orthanc):
            continue
        command = " ".join(map(str, as_list(service.definition.get("healthcheck", "test"))))
        program = _PROGRAM.search(command)
        problem = _problem(orthanc, service, program["name"], command) if program else ""
        if problem:
            yield Finding(
                RULE,
                problem,
                service.definition.locate(("healthcheck", "test")),
                "write `/probes/test-aliveness.py --user=NAME --pwd=PASSWORD`",
            )


def _problem(orthanc: Orthanc, service: Service, program: str, command: str) -> str:
    tag = containers.version(service)
    is_built = service.definition.has("build")
    # The Dockerfile of orthanc-builder 26.8.1 installs curl in the image `-full` alone.
    if tag and at_least(tag, "26.8.0") and "full" not in containers.tag(service) and not is_built:
        return f"the image has no `{program}`"
    is_about_orthanc = str(orthancs.http_port(orthanc)) in command
    asks = orthancs.authenticates(orthanc) and not orthancs.filters(orthanc)
    if (
        is_about_orthanc
        and asks
        and re.search(_REPORTS_STATUS, command)
        and not re.search(_CREDENTIALS, command)
    ):
        return f"`{program}` sends no password, and Orthanc answers 401"
    return ""


def _probe_findings(orthanc: Orthanc, service: Service) -> Iterator[Finding]:
    """The probes of Kubernetes that ask Orthanc for a page without a password."""
    asks = orthancs.authenticates(orthanc) and not orthancs.filters(orthanc)
    for name in _PROBES if asks and orthanc.is_complete else ():
        request = mapping(service.definition.get(name, "httpGet"))
        headers = [mapping(each) for each in as_list(request.get("httpHeaders"))]
        has_password = any(str(each.get("name")).lower() == "authorization" for each in headers)
        if request and not has_password and str(request.get("port")) in {"8042", "http"}:
            yield Finding(
                RULE,
                f"`{name}` asks `{request.get('path') or '/'}` without a password, and Orthanc answers 401",
                service.definition.locate((name,)),
                "write `tcpSocket`, or `exec` with `/probes/test-aliveness.py --user=NAME --pwd=PASSWORD`",
            )
