"""A variable of the environment that nginx does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.proxy_model import Directive, Proxy

_FILES = """
    ==> docker-compose.yml <==
    services:
      nginx:
        image: nginx:1.30.6
        environment: {PUBLIC_HOST: pacs.example.org}
        volumes: ["./pacs.conf:/etc/nginx/FILE:ro"]
    ==> pacs.conf <==
    server {
        listen 127.0.0.1:80;
        server_name _;
        return 301 https://${PUBLIC_HOST}/ui/app/;
    }
"""
RULE = Rule(
    "variable-not-replaced",
    Severity.ERROR,
    summary="A configuration file of nginx uses a variable of the container's environment. nginx does not read the environment: the image "
    "replaces such variables in `/etc/nginx/templates/*.template` only.",
    consequence='nginx does not start (`unknown "public_host" variable`), or looks for a host with the name of the variable.',
    remedy="Mount the file at `/etc/nginx/templates/NAME.conf.template`.",
    file="docker-compose.yml",
    example=_FILES.replace("FILE", "conf.d/default.conf"),
    counterexample=_FILES.replace("FILE", "templates/default.conf.template"),
)
_VARIABLE = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\}?")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Files with variables of the environment are templates."""
    for proxy in deployment.proxies:
        service = proxy.service
        is_own = service is None or any(
            service.definition.get(key) for key in ("build", "command", "entrypoint")
        )
        if service is None or is_own or not containers.repository(service).startswith("nginx"):
            continue
        mounted = {file: path for path, file in service.configured.items()}
        for directive in _directives(proxy):
            path = mounted.get(directive.location.file, "")
            names = _VARIABLE.findall(" ".join(directive.arguments))
            name = next((name for name in names if service.environment.has(name)), None)
            if name is None or path.startswith("/etc/nginx/templates/") or not path:
                continue
            better = f"/etc/nginx/templates/{path.rpartition('/')[2]}.template"
            yield Finding(
                RULE,
                f"nginx does not know `{name}`, a variable of the container's environment",
                directive.location,
                f"mount the file at `{better}`",
                related=((service.locate_variable(name), name),),
            )
            break


def _directives(proxy: Proxy) -> Iterator[Directive]:
    for server in proxy.servers:
        yield from server.directives
        for location in server.locations:
            yield from location.directives
