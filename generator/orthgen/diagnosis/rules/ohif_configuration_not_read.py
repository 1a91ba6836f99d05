"""A configuration of OHIF that the image does not read."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

RULE = Rule(
    "ohif-configuration-not-read",
    Severity.ERROR,
    summary="OHIF's configuration is mounted where the image of this version does not read it.",
    consequence="OHIF runs with the configuration of the image: it does not find Orthanc, or signs nobody in.",
    remedy="In the images of OHIF itself, mount it at `/usr/share/nginx/html/app-config.js`. In those of Orthanc's team, mount it at "
    "`/usr/share/nginx/html/ohif/app-config.js` from `orthancteam/ohif-v3:26.4.0` on, at "
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
        if containers.repository(service) in {"ohif/app", "ohif/viewer"}:
            yield from _of_ohif(service)
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
                    related=((service.image_place, "the image"),),
                    replacement=expected,
                    replaced=mount.target,
                )


def _of_ohif(service: Service) -> Iterator[Finding]:
    """OHIF's own images, 2 to 3.12: the page loads `app-config.js`; `entrypoint.sh` writes the text in `APP_CONFIG` there."""
    text = service.variable("APP_CONFIG")
    is_written = containers.repository(service) == "ohif/app"
    if (
        text is not None
        and is_written
        and "$" not in text
        and "window.config" not in text
        and text.strip().endswith(".js")
    ):
        yield Finding(
            RULE,
            f"`APP_CONFIG` is the text of the configuration when the container starts, not a path such as `{text}`",
            service.locate_variable("APP_CONFIG"),
            f"remove it, and mount the file at `{_ROOT}/app-config.js`",
        )
    scripts = [mount for mount in service.mounts if mount.target.endswith(".js")]
    if text is None and not any(mount.target.endswith("/app-config.js") for mount in scripts):
        for mount in scripts[:1]:
            yield Finding(
                RULE,
                f"OHIF reads `{_ROOT}/app-config.js`, not `{mount.target}`",
                mount.location,
                f"mount it at `{_ROOT}/app-config.js`",
                replacement=f"{_ROOT}/app-config.js",
                replaced=mount.target,
            )
