"""Labels of Traefik that name something that does not exist, or that Traefik does not look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product, Service

_FILES = """
    services:
      traefik:
        image: traefik:v3.7
        command:
          - --providers.docker=true
          - --entrypoints.websecure.address=:443
        ports: ["443:443"]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
        volumes: ["orthanc:/var/lib/orthanc/db"]
        labels:
          traefik.http.routers.orthanc.rule: Host(`pacs.example.org`)
          traefik.http.routers.orthanc.entrypoints: ENTRY
          traefik.http.routers.orthanc.tls: "true"
          traefik.http.services.orthanc.loadbalancer.server.port: "8042"
    volumes: {orthanc: }
"""
RULE = Rule(
    "unknown-traefik-name",
    Severity.ERROR,
    summary="A label of Traefik names an entry point, a middleware or a resolver of certificates that does not exist; or Traefik does "
    "not look at the labels, because `exposedbydefault` is false and `traefik.enable` is missing.",
    consequence="Traefik drops the router and answers `404 page not found`, or shows a certificate of its own (`TRAEFIK DEFAULT CERT`).",
    remedy='Write a name that the command of Traefik, or another label, defines; add `traefik.enable: "true"`.',
    file="docker-compose.yml",
    example=_FILES.replace("ENTRY", "https"),
    counterexample=_FILES.replace("ENTRY", "websecure"),
)
_ROUTER = re.compile(r"(?i)traefik\.http\.routers\.[^.]+\.(?P<key>entrypoints|middlewares|tls\.certresolver)")
_MIDDLEWARE = re.compile(r"(?i)traefik\.http\.middlewares\.(?P<name>[^.]+)\..+")
_OPTION = re.compile(r"(?i)--(?P<kind>entrypoints|certificatesresolvers)\.(?P<name>[^.=]+)")
_WORDS = {
    "entrypoints": ("entry point", "the command of Traefik"),
    "middlewares": ("middleware", "a label"),
    "tls.certresolver": ("resolver of certificates", "the command of Traefik"),
}


class _Label(Struct, frozen=True):
    name: str
    value: str
    location: Location


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Traefik 3 knows the names in labels, and reads the labels (its reference of the Docker provider)."""
    servers = list(containers.of_product(deployment, Product.TRAEFIK))
    if len(servers) != 1 or not containers.is_whole(deployment):
        return
    options = [str(word) for word in as_list(servers[0].definition.get("command"))]
    if isinstance(servers[0].definition.get("command"), str):
        options = str(servers[0].definition.get("command")).split()
    labels = {service.name: list(_labels(service)) for service in deployment.services}
    known = _known(options, [label for each in labels.values() for label in each])
    is_closed = any(
        re.fullmatch(r"(?i)--providers\.docker\.exposedbydefault=false", word) for word in options
    )
    for each in labels.values():
        routers = [
            label for label in each if _ROUTER.fullmatch(label.name) or label.name.lower().endswith(".rule")
        ]
        is_enabled = any(label.name.lower() == "traefik.enable" and label.value == "true" for label in each)
        if routers and is_closed and not is_enabled:
            message = "Traefik does not look at these labels: `exposedbydefault` is false"
            yield Finding(RULE, message, routers[0].location, 'add `traefik.enable: "true"`')
        yield from _unknown(each, known)


def _known(options: list[str], labels: list[_Label]) -> Mapping[str, set[str]]:
    """The names that exist, by the key of a router that names them; empty where a file of Traefik may define them."""
    found: dict[str, set[str]] = {"entrypoints": set(), "middlewares": set(), "tls.certresolver": set()}
    for word in options:
        match = _OPTION.match(word)
        if match is not None:
            is_entry = match["kind"].lower() == "entrypoints"
            found["entrypoints" if is_entry else "tls.certresolver"].add(match["name"].lower())
    for label in labels:
        if (match := _MIDDLEWARE.fullmatch(label.name)) is not None:
            found["middlewares"].add(match["name"].lower())
    if not found["entrypoints"]:
        # Traefik's configuration is in a file: no option of the command is all that there is.
        return {"middlewares": found["middlewares"]}
    return found


def _unknown(labels: list[_Label], known: Mapping[str, set[str]]) -> Iterator[Finding]:
    for label in labels:
        match = _ROUTER.fullmatch(label.name)
        key = match["key"].lower() if match is not None else ""
        for word in label.value.split(",") if key in known else ():
            name, _, provider = word.strip().partition("@")
            if name and "$" not in name and provider in {"", "docker"} and name.lower() not in known[key]:
                kind, place = _WORDS[key]
                listed = ", ".join(f"`{each}`" for each in sorted(known[key]))
                yield Finding(
                    RULE,
                    f"Traefik has no {kind} `{name}`",
                    label.location,
                    f"write {listed}" if listed else f"define it in {place}",
                )


def _labels(service: Service) -> Iterator[_Label]:
    labels = service.definition.get("labels")
    if isinstance(labels, Mapping):
        for key, value in labels.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield _Label(str(key), text, service.definition.locate(("labels", key)))
    for index, entry in enumerate(labels if isinstance(labels, list) else ()):
        name, _, value = str(entry).partition("=")
        yield _Label(name, value, service.definition.locate(("labels", index)))
