"""A configuration of OHIF that the image does not read."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "ohif-configuration-not-read",
    Severity.ERROR,
    summary="OHIF's configuration is mounted where the image of this version does not read it.",
    consequence="OHIF runs with the configuration of the image: it does not find Orthanc, or signs nobody in.",
    remedy="Mount it at `/usr/share/nginx/html/ohif/app-config.js` from `orthancteam/ohif-v3:26.4.0` on, at "
    "`/usr/share/nginx/html/app-config.js` before.",
    file="docker-compose.yml",
    example="""
        services:
          ohif:
            image: orthancteam/ohif-v3:26.4.1
            volumes: ["./ohif.js:/usr/share/nginx/html/app-config.js:ro"]
    """,
    counterexample="""
        services:
          ohif:
            image: orthancteam/ohif-v3:26.4.1
            volumes: ["./ohif.js:/usr/share/nginx/html/ohif/app-config.js:ro"]
    """,
)
_ROOT = "/usr/share/nginx/html"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The image reads the configuration that is mounted."""
    for service in deployment.services:
        tag = containers.version(service)
        if (
            containers.repository(service) != "orthancteam/ohif-v3"
            or not tag
            or any(containers.mounts_at(service, "/etc/nginx"))
        ):
            continue
        expected = f"{_ROOT}/ohif/app-config.js" if at_least(tag, "26.4.0") else f"{_ROOT}/app-config.js"
        for mount in service.mounts:
            if mount.target.endswith("/app-config.js") and mount.target != expected:
                yield Finding(
                    RULE,
                    f"`orthancteam/ohif-v3` {tag} reads `{expected}`",
                    mount.location,
                    f"mount it at `{expected}`",
                    related=((containers.image_place(service), "the image"),),
                    replacement=expected,
                    replaced=mount.target,
                )
