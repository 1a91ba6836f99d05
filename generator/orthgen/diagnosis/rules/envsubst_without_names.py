"""A command that also replaces nginx's own variables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import containers
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Product

_FILES = """
    services:
      nginx:
        image: nginx:1.30.6
        environment: {ORTHANC_HOST: orthanc}
        command: sh -c "envsubst NAMES < /pacs.template > /etc/nginx/conf.d/default.conf && nginx -g 'daemon off;'"
        volumes: ["./pacs.template:/pacs.template:ro"]
"""
RULE = Rule(
    "envsubst-without-names",
    Severity.ERROR,
    summary="A command of nginx runs `envsubst` without the names of variables: it replaces nginx's own variables, as `$host`, by nothing.",
    consequence='nginx does not start (`invalid number of arguments in "proxy_set_header" directive`), or loses hosts, schemes and addresses.',
    remedy="Name the variables: `envsubst '$$ORTHANC_HOST' < …` in a Compose file, or mount the template below `/etc/nginx/templates/`, which the "
    "image fills in well.",
    file="docker-compose.yml",
    example=_FILES.replace("NAMES ", ""),
    counterexample=_FILES.replace("NAMES", "'$$ORTHANC_HOST'"),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """A template keeps the variables of nginx."""
    for service in containers.of_product(deployment, Product.NGINX):
        for key in ("command", "entrypoint"):
            value = service.definition.get(key)
            text = value if isinstance(value, str) else " ".join(map(str, as_list(value)))
            if re.search(r"\benvsubst\s*[<|>]", text):
                yield Finding(
                    RULE,
                    "`envsubst` without names also replaces the variables of nginx, as `$host`",
                    service.definition.locate((key,)),
                    "write the names of your variables behind `envsubst`",
                )
