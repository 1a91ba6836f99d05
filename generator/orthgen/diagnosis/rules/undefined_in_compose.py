"""Names in a Compose file that nothing has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list, mapping
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service
from orthgen.spelling import Vocabulary, did_you_mean

RULE = Rule(
    "undefined-in-compose",
    Severity.ERROR,
    summary="A service names another service, a secret, a config, a volume or a network that the Compose file does not define.",
    consequence="`docker compose up` refuses the whole file.",
    remedy="Define it, or correct the name.",
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: nginx:1.30.6
            depends_on: [orthanc]
    """,
    counterexample="""
        services:
          nginx:
            image: nginx:1.30.6
    """,
)
_KINDS = {"secrets": "secret", "configs": "config", "networks": "network", "volumes": "volume"}


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Everything that a service names is defined."""
    if not containers.is_whole(deployment):
        return
    services = Vocabulary(service.name for service in deployment.services)
    defined = {
        key: Vocabulary(map(str, mapping(deployment.compose.get(key)))) for key in ("services", *_KINDS)
    }
    for service in deployment.services:
        depends = service.definition.get("depends_on")
        names = list(depends) if isinstance(depends, Mapping) else as_list(depends)
        for index, name in enumerate(map(str, names)):
            if name not in services and name not in defined["services"]:
                place = service.definition.locate(
                    ("depends_on", name if isinstance(depends, Mapping) else index)
                )
                yield Finding(RULE, f"there is no service `{name}`", place, did_you_mean(name, services))
        for key, what in _KINDS.items():
            for path, name in _named(service, key):
                if name not in {"default", "none", "host"} and name not in defined[key]:
                    hint = did_you_mean(name, defined[key], otherwise=f"define it in `{key}`")
                    yield Finding(RULE, f"there is no {what} `{name}`", service.definition.locate(path), hint)


def _named(service: Service, key: str) -> Iterator[tuple[Path, str]]:
    """The names of a kind that a service uses, each with its path."""
    value = service.definition.get(key)
    if isinstance(value, Mapping):
        yield from (((key, name), str(name)) for name in value)
        return
    for index, item in enumerate(as_list(value)):
        if key == "volumes":
            kind = item.get("type") if isinstance(item, Mapping) else None
            name = (
                str(item.get("source", ""))
                if isinstance(item, Mapping)
                else str(item).partition(":")[0]
                if ":" in str(item)
                else ""
            )
            is_volume = kind == "volume" or (
                kind is None and re.fullmatch(r"[A-Za-z0-9][\w.-]*", name) is not None
            )
            if name and is_volume and "$" not in name:
                yield (key, index), name
        else:
            name = str(item.get("source", "")) if isinstance(item, Mapping) else str(item)
            if name and "$" not in name:
                yield (key, index), name
