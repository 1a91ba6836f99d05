"""Ports that Docker Compose refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "invalid-port-mapping",
    Severity.ERROR,
    summary="An entry of `ports` is not what Docker Compose reads.",
    consequence="`docker compose up` refuses the whole file.",
    remedy='Write `"80:80"` in one pair of quotes, or `target` and `published`.',
    file="docker-compose.yml",
    example="""
        services:
          nginx:
            image: nginx:1.30.6
            ports: ["80":"80", "443:443"]
    """,
    counterexample="""
        services:
          nginx:
            image: nginx:1.30.6
            ports: ["80:80", "443:443"]
    """,
)
_KEYS = frozenset({"target", "published", "host_ip", "protocol", "mode", "name", "app_protocol"})
_PORT = r"(?:\[?[0-9a-fA-F:.]+\]?:)?(?:[0-9]+(?:-[0-9]+)?)?:?[0-9]+(?:-[0-9]+)?(?:/(?:tcp|udp|sctp))?"


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Docker Compose reads every port."""
    for service in deployment.services:
        for index, port in enumerate(as_list(service.definition.get("ports"))):
            location = service.definition.locate(("ports", index))
            if isinstance(port, Mapping) and not port.keys() <= _KEYS:
                [(key, value), *_] = port.items()
                written = f'"{key}":"{value}"'
                line = deployment.texts.get(location.file, "").split("\n")[location.line - 1]
                yield Finding(
                    RULE,
                    f"`{key}: {value}` is not a port: the quotes end before the colon",
                    location,
                    f'write `"{key}:{value}"`',
                    replacement=f'"{key}:{value}"' if written in line else "",
                    replaced=written,
                )
            elif isinstance(port, Mapping) and "target" not in port:
                yield Finding(
                    RULE,
                    "the port has no `target`",
                    location,
                    "add the port inside the container as `target`",
                )
            elif isinstance(port, str) and "$" not in port and not re.fullmatch(_PORT, port.strip()):
                yield Finding(RULE, f"`{port}` is not a port", location, 'write `"PUBLIC:CONTAINER"`')
