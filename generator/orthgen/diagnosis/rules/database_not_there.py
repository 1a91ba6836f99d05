"""A database that is not where Orthanc or Keycloak looks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import addresses, containers, keycloak
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Confidence, Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment, Orthanc
from orthgen.observed.service_model import Product, Service

RULE = Rule(
    "database-not-there",
    Severity.ERROR,
    summary="Orthanc or Keycloak looks for its database at a host that no service has.",
    consequence="Orthanc or Keycloak stops at start: it cannot connect to the database.",
    remedy="Write the name of the database's service in the Compose file.",
    file="docker-compose.yml",
    example="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__POSTGRESQL__HOST: localhost
              ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
    counterexample="""
        services:
          orthanc:
            image: orthancteam/orthanc:26.8.1
            environment:
              ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
              ORTHANC__POSTGRESQL__HOST: db.example.org
              ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
            volumes: ["orthanc:/var/lib/orthanc/db"]
        volumes: {orthanc: }
    """,
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """The database is where it is looked for."""
    for orthanc in deployment.orthancs:
        for section in ("PostgreSQL", "MySQL"):
            yield from _without_host(orthanc, section)
            if orthanc.service is not None and orthanc.settings.has(section, "Host"):
                yield from _findings(
                    deployment,
                    orthanc.service,
                    f"{section}.Host",
                    orthanc.settings.get(section, "Host"),
                    orthanc.settings.locate((section, "Host")),
                )
                yield from _wrong_port(
                    deployment,
                    f"{section}.Port",
                    str(orthanc.settings.get(section, "Host")),
                    str(orthanc.settings.get(section, "Port") or ""),
                    orthanc.settings.locate((section, "Port")),
                )
    for _, service in keycloak.servers(deployment):
        value = service.variable("KC_DB_URL_HOST")
        if value is not None:
            yield from _findings(
                deployment, service, "KC_DB_URL_HOST", value, service.locate_variable("KC_DB_URL_HOST")
            )
            yield from _wrong_port(
                deployment,
                "KC_DB_URL_PORT",
                value,
                service.variable("KC_DB_URL_PORT") or "",
                service.locate_variable("KC_DB_URL_PORT"),
            )
        url = re.match(
            r"jdbc:\w+://(?P<host>[^:/?]+)(?::(?P<port>[0-9]+))?", service.variable("KC_DB_URL") or ""
        )
        if url is not None:
            yield from _findings(
                deployment, service, "KC_DB_URL", url["host"], service.locate_variable("KC_DB_URL")
            )
            place = service.locate_variable("KC_DB_URL")
            yield from _wrong_port(deployment, "KC_DB_URL", url["host"], url["port"] or "", place)


def _wrong_port(
    deployment: ObservedDeployment, name: str, host: str, port: str, location: Location
) -> Iterator[Finding]:
    """A port that the container of PostgreSQL does not have, such as the one that it publishes."""
    database = containers.service_at(deployment, host)
    if database is None or database.product is not Product.POSTGRES or not port.isdigit():
        return
    command = str(database.definition.get("command") or "")
    own = database.variable("PGPORT") or "5432"
    if port != own and own.isdigit() and not re.search(r"-p\b|\bport\b", command):
        published = any(each.published == port for each in database.ports)
        reason = ", which is its port on the host" if published else ""
        yield Finding(
            RULE,
            f"`{name}` is {port}{reason}: inside of the network `{database.name}` listens on {own}",
            location,
            f"write {own}",
        )


def _without_host(orthanc: Orthanc, section: str) -> Iterator[Finding]:
    """A section without `Host`: the image (orthancteam/orthanc 26.8.1, plugins-def.json) writes `HOST MUST BE DEFINED`."""
    named = ("Host", "ConnectionUri", "UnixSocket")
    if (
        orthancs.is_orthancteam_image(orthanc)
        and orthanc.is_complete
        and orthanc.settings.has(section)
        and orthancs.is_on(orthanc, section, "EnableIndex", default=True)
        and not any(orthanc.settings.has(section, key) for key in named)
    ):
        yield Finding(
            RULE,
            f"`{section}` has no `Host`",
            orthancs.place(orthanc, section),
            "write the name of the database's service",
        )


def _findings(
    deployment: ObservedDeployment, service: Service, name: str, host: object, location: Location
) -> Iterator[Finding]:
    if not isinstance(host, str) or "$" in host or host.startswith("/"):
        return
    databases = [each.name for each in containers.of_product(deployment, Product.POSTGRES)]
    hint = f"write `{databases[0]}`" if len(databases) == 1 else "write the name of the database's service"
    replacement = databases[0] if len(databases) == 1 else ""
    found = containers.service_at(deployment, host)
    if found is None and containers.uses_host_network(service):
        return
    if re.fullmatch(r"[^:]+:\d+", host):
        yield Finding(
            RULE,
            f"`{name}` is `{host}`: the port is no part of the host",
            location,
            "write the host alone, and the number into `Port`",
        )
    elif addresses.is_loopback(host):
        yield Finding(
            RULE,
            f"`{name}` is `{host}`: in a container that is the container itself",
            location,
            hint,
            replacement=replacement,
        )
    elif found is None and containers.is_whole(deployment) and "." not in host and ":" not in host:
        yield Finding(
            RULE,
            f"`{name}` is `{host}`, and there is no such service",
            location,
            hint,
            replacement=replacement,
            confidence=Confidence.LIKELY,
        )
    elif found is not None and (problem := containers.unreachable(service, found, host)):
        yield Finding(
            RULE,
            problem,
            location,
            "put both on one network of Compose",
            related=((found.definition.locate(()), found.name),),
        )
