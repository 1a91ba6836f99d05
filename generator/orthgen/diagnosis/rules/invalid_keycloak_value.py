"""Options of Keycloak with values that it does not know."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.diagnosis.facts import keycloak
from orthgen.findings import Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

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
    summary="`KC_DB`, `KC_DB_URL` or `KC_PROXY_HEADERS` has a value that Keycloak does not know.",
    consequence="Keycloak does not start: `Invalid value for option`, or it finds no driver for the database.",
    remedy="Write `postgres` into `KC_DB`, an address that begins with `jdbc:postgresql://` into `KC_DB_URL`, and `xforwarded` or "
    "`forwarded` into `KC_PROXY_HEADERS`.",
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
    for _, service in keycloak.servers(deployment):
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
