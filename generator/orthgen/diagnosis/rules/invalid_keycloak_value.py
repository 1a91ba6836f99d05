"""Options of Keycloak with values that it does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import Keycloak, ObservedDeployment
from orthgen.observed.service_model import Service

_FILES = """
    services:
      keycloak:
        image: keycloak/keycloak:26.7.3
        command: start
        environment:
          KC_HOSTNAME: https://sso.example.org
          KC_HTTP_ENABLED: "true"
          KC_PROXY_HEADERS: xforwarded
          KC_DB: DATABASE
          KC_DB_URL_HOST: db.example.org
"""
RULE = Rule(
    "invalid-keycloak-value",
    Severity.ERROR,
    summary="`KC_DB`, `KC_DB_URL`, `KC_PROXY_HEADERS` or `KC_HOSTNAME` has a value that Keycloak does not know.",
    consequence="Keycloak does not start: `Invalid value for option`, it finds no driver for the database, or `Provided hostname is "
    "neither a plain hostname nor a valid URL`.",
    remedy="Write `postgres` into `KC_DB`, an address that begins with `jdbc:postgresql://` into `KC_DB_URL`, and `xforwarded` or "
    "`forwarded` into `KC_PROXY_HEADERS`. Write the whole address into `KC_HOSTNAME`, as `https://pacs.example.org/keycloak`.",
    file="docker-compose.yml",
    example=_FILES.replace("DATABASE", "postgresql"),
    counterexample=_FILES.replace("DATABASE", "postgres"),
)
# Keycloak 26.2.5 and newer name these values in their error. The second table has the words that people write.
_DATABASES = frozenset({"dev-file", "dev-mem", "mariadb", "mssql", "mysql", "oracle", "postgres", "tidb"})
_MEANT_DATABASES = {"postgresql": "postgres", "pgsql": "postgres", "psql": "postgres"}
_HEADERS = frozenset({"forwarded", "xforwarded"})


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keycloak knows the values of its options."""
    for server, service in keycloak.servers(deployment):
        yield from _address_findings(server, service)
        for name, problem, better in (
            ("db", *_database_problem(keycloak.option(service, "db"))),
            ("db-url", *_url_problem(keycloak.option(service, "db-url"))),
            ("proxy-headers", *_headers_problem(keycloak.option(service, "proxy-headers"))),
        ):
            if problem:
                variable = f"KC_{name.replace('-', '_').upper()}"
                yield Finding(
                    RULE,
                    f"`{variable}` {problem}",
                    keycloak.place_of(service, name),
                    f"write `{better}`"
                    if better
                    else "write `postgres`, or another word that Keycloak's error lists",
                    replacement=better if service.environment.has(variable) and "HOST" not in better else "",
                )


def _database_problem(value: str | None) -> tuple[str, str]:
    """The problem of a kind of database, and a better value; empty where it is right or not known."""
    if not value or "$" in value or value in _DATABASES:
        return "", ""
    return f"is `{value}`, which Keycloak does not know", _MEANT_DATABASES.get(value.lower(), "")


def _url_problem(value: str | None) -> tuple[str, str]:
    if not value or value.startswith(("jdbc:", "$")):
        return "", ""
    _, separator, rest = value.partition("://")
    # A name and a password in front of the host are no part of an address of JDBC.
    better = f"jdbc:postgresql://{rest.rpartition('@')[2]}" if separator and "postgres" in value else ""
    return "does not begin with `jdbc:`", better or "jdbc:postgresql://HOST:5432/DATABASE"


def _headers_problem(value: str | None) -> tuple[str, str]:
    if not value or "$" in value or value in _HEADERS:
        return "", ""
    return f"is `{value}`, which Keycloak does not know", "xforwarded"


def _address_findings(server: Keycloak, service: Service) -> Iterator[Finding]:
    """The addresses that Keycloak 25 and newer refuses (26.7, HostnameV2ProviderFactory.java)."""
    host = keycloak.option(service, "hostname")
    if not keycloak.at_least_version(server, "25") or host is None or "$" in host:
        return
    is_address = host.startswith(("http://", "https://"))
    problems: list[tuple[str, str, str]] = []
    if not is_address and re.search(r"[/:]", host):
        problems.append(
            ("hostname", f"is `{host}`: a port or a path needs the scheme before it", f"https://{host}")
        )
    if not is_address and keycloak.option(service, "hostname-backchannel-dynamic") == "true":
        problems.append(
            ("hostname", "has no scheme, which `KC_HOSTNAME_BACKCHANNEL_DYNAMIC` needs", f"https://{host}")
        )
    administration = keycloak.option(service, "hostname-admin")
    if administration is not None and "$" not in administration:
        if not administration.startswith(("http://", "https://")):
            better = f"https://{administration}"
            problems.append(("hostname-admin", f"is `{administration}`, without a scheme", better))
        elif not is_address:
            problems.append(("hostname", "has no scheme, which `KC_HOSTNAME_ADMIN` needs", f"https://{host}"))
    for name, problem, better in problems[:1]:
        variable = f"KC_{name.replace('-', '_').upper()}"
        yield Finding(
            RULE,
            f"`{variable}` {problem}",
            keycloak.place_of(service, name),
            f"write `{better}`",
            replacement=better if service.environment.has(variable) else "",
        )
