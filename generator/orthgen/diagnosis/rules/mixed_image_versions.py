"""Images of one family with different versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orthgen.catalogue import at_least
from orthgen.catalogue.image_versions import COMPANION_IMAGES
from orthgen.diagnosis.facts import containers
from orthgen.findings import Confidence, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

RULE = Rule(
    "mixed-image-versions",
    Severity.WARNING,
    summary="Images that are released together run with different tags.",
    consequence="Functions that need both sides fail: OHIF shows a blank page or 404, pages of permissions and shares do not open.",
    remedy="Write one tag for `orthanc-auth-service`, `orthanc-nginx`, `orthanc-keycloak` and `ohif-v3`.",
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:25.12.0
            environment: {ENABLE_ORTHANC: "false", ENABLE_OHIF: "true"}
          ohif:
            image: orthancteam/ohif-v3:26.4.1
    """,
    counterexample="""
        services:
          nginx:
            image: orthancteam/orthanc-nginx:26.4.1
            environment: {ENABLE_ORTHANC: "false", ENABLE_OHIF: "true"}
          ohif:
            image: orthancteam/ohif-v3:26.4.1
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Images that are released together have one tag, as far as the difference matters."""
    tagged = [
        (service, containers.version(service))
        for service in deployment.services
        if containers.repository(service) in COMPANION_IMAGES and containers.version(service)
    ]
    broken = list(_broken(tagged))
    for service, tag, other, other_tag in broken:
        yield Finding(
            RULE,
            f"`{containers.repository(service)}` {tag} serves OHIF {_style(tag)}, `{containers.repository(other)}` {other_tag} expects it {_style(other_tag)}",
            service.image_place,
            f"write the tag {max(tag, other_tag, key=_key)} for both",
            related=((other.image_place, other.name),),
        )
    months = sorted({tag.rpartition(".")[0] for _, tag in tagged}, key=_key)
    if len(months) > 1 and not broken:
        newest, oldest = (
            max(tagged, key=lambda each: _key(each[1])),
            min(tagged, key=lambda each: _key(each[1])),
        )
        yield Finding(
            RULE,
            f"`{containers.repository(oldest[0])}` is {oldest[1]}, `{containers.repository(newest[0])}` is {newest[1]}; they are released and tested together",
            oldest[0].image_place,
            f"write the tag {newest[1]} for both",
            related=((newest[0].image_place, newest[0].name),),
            confidence=Confidence.LIKELY,
        )


def _broken(tagged: Sequence[tuple[Service, str]]) -> Iterator[tuple[Service, str, Service, str]]:
    """Each OHIF with the first reverse proxy that expects it at another path, and their tags."""
    proxies: dict[str, tuple[Service, str]] = {}
    for service, tag in tagged:
        if "orthanc-nginx" in containers.repository(service) and service.variable("ENABLE_OHIF") == "true":
            proxies.setdefault(_style(tag), (service, tag))
    for service, tag in tagged:
        if containers.repository(service) == "orthancteam/ohif-v3":
            for style, (proxy, proxy_tag) in proxies.items():
                if style != _style(tag):
                    yield service, tag, proxy, proxy_tag


def _style(tag: str) -> str:
    return "below `/ohif/`" if at_least(tag, "26.4.0") else "at its root"


def _key(tag: str) -> tuple[int, ...]:
    return tuple(int(part) for part in tag.split("."))
