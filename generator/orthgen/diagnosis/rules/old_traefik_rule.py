"""Rules of Traefik 2 in Traefik 3."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product, Service

_FILES = """
    services:
      traefik:
        image: traefik:v3.7
        command: ["--providers.docker=true", "--entrypoints.websecure.address=:443"]
        ports: ["443:443"]
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment: {ORTHANC_PASSWORD: "${ORTHANC_PASSWORD:?}"}
        volumes: ["orthanc:/var/lib/orthanc/db"]
        labels:
          traefik.http.routers.orthanc.rule: RULE
          traefik.http.routers.orthanc.tls: "true"
          traefik.http.services.orthanc.loadbalancer.server.port: "8042"
    volumes: {orthanc: }
"""
RULE = Rule(
    "old-traefik-rule",
    Severity.ERROR,
    summary="A rule of a router gives a matcher several values, a named expression, or a value without quotes, which Traefik 3 does not read.",
    consequence="Traefik drops the router (`error while parsing rule`), and answers `404 page not found`.",
    remedy="Write one value in each matcher, with `||` between them: ``Host(`a.example.org`) || Host(`b.example.org`)``.",
    file="docker-compose.yml",
    example=_FILES.replace("RULE", "Host(`pacs.example.org`, `archive.example.org`)"),
    counterexample=_FILES.replace("RULE", "Host(`pacs.example.org`) || Host(`archive.example.org`)"),
)
# Traefik's guide "Migration from v2 to v3": these matchers take one value, and expressions have no names.
_MATCHER = r"(?P<name>Host|HostRegexp|Path|PathPrefix|PathRegexp|Method|ClientIP)\((?P<values>[^)]*)\)"
_LABEL = r"(?i)traefik\.http\.routers\.(?P<router>[^.]+)\.rule(?P<syntax>syntax)?"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Traefik reads every rule."""
    servers = list(containers.of_product(deployment, Product.TRAEFIK))
    if len(servers) != 1 or not _reads_new_rules(servers[0]):
        return
    for service in deployment.services:
        for rule, location in _rules(service):
            for match in re.finditer(_MATCHER, rule):
                words = re.findall(r"`[^`]*`|\"[^\"]*\"", match["values"])
                if re.search(r"[`\"$]", match["values"]) is None:
                    values = ", ".join(
                        f"`{word.strip(chr(39) + ' ')}`" for word in match["values"].split(",")
                    )
                    yield Finding(
                        RULE,
                        f"Traefik does not read `{match[0]}`: the value has no quotes",
                        location,
                        f"write {match['name']}({values})",
                    )
                    break
                if len(words) > 1 or (
                    match["name"] == "HostRegexp" and "{" in match["values"].partition(":")[0]
                ):
                    better = (
                        " || ".join(f"{match['name']}({word})" for word in words) if len(words) > 1 else ""
                    )
                    yield Finding(
                        RULE,
                        f"Traefik 3 does not read `{match[0].replace('`', chr(34))}`",
                        location,
                        f"write {better}" if better else "write an expression without braces and name",
                    )
                    break


def _reads_new_rules(traefik: Service) -> bool:
    tag = containers.version(traefik)
    arguments = " ".join(str(word) for word in as_list(traefik.definition.get("command")))
    return bool(tag) and at_least(tag, "3.0.0") and "defaultrulesyntax" not in arguments.lower()


def _rules(service: Service) -> Iterator[tuple[str, Location]]:
    """The rules in the labels of a service, without those that name their own syntax."""
    labels = service.definition.get("labels")
    entries = (
        [(str(key), str(value), ("labels", key)) for key, value in labels.items()]
        if isinstance(labels, dict)
        else [
            (*str(label).partition("=")[::2], ("labels", index))
            for index, label in enumerate(as_list(labels))
        ]
    )
    matches = [(re.fullmatch(_LABEL, name), value, path) for name, value, path in entries]
    own_syntax = {match["router"] for match, _, _ in matches if match is not None and match["syntax"]}
    for match, value, path in matches:
        if match is not None and not match["syntax"] and match["router"] not in own_syntax:
            yield value, service.definition.locate(path)
