"""A database that does not have the user or the password that Orthanc has."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from orthgen.diagnosis.facts import containers, keycloak, secrets
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.service_model import Service

_FILE = """
    services:
      orthanc:
        image: orthancteam/orthanc:26.8.1
        environment:
          ORTHANC_PASSWORD: ${ORTHANC_PASSWORD:?}
          ORTHANC__POSTGRESQL__HOST: orthanc-db
          ORTHANC__POSTGRESQL__USERNAME: LOGIN
          ORTHANC__POSTGRESQL__DATABASE: archive
          ORTHANC__POSTGRESQL__PASSWORD: ${POSTGRES_PASSWORD:?}
        volumes: ["orthanc:/var/lib/orthanc/db"]
      orthanc-db:
        image: postgres:18.6
        environment: {POSTGRES_USER: archive, POSTGRES_PASSWORD: "${POSTGRES_PASSWORD:?}"}
        volumes: ["db:/var/lib/postgresql"]
    volumes: {orthanc: , db: }
"""
RULE = Rule(
    "database-credentials-differ",
    Severity.ERROR,
    summary="Orthanc or Keycloak has another user, database or password than its PostgreSQL was made with.",
    consequence="Orthanc or Keycloak stops at start: `password authentication failed`, or `database … does not exist`.",
    remedy="Write the same values in both. PostgreSQL reads its variables when its volume is empty, and never again.",
    file="docker-compose.yml",
    example=_FILE.replace("LOGIN", "orthanc"),
    counterexample=_FILE.replace("LOGIN", "archive"),
)
# By what it is: the setting of Orthanc, the variable of Keycloak, the variable of PostgreSQL.
_SETTINGS = (
    ("user", "Username", "KC_DB_USERNAME", "POSTGRES_USER"),
    ("database", "Database", "KC_DB_URL_DATABASE", "POSTGRES_DB"),
    ("password", "Password", "KC_DB_PASSWORD", "POSTGRES_PASSWORD"),
)


class _Claim(Struct, frozen=True):
    """A value that Orthanc or Keycloak signs in with, its place, and the variable of PostgreSQL that has to have it."""

    what: str
    variable: str
    value: object
    place: Location


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Both sides have the same user, database and password."""
    for orthanc in deployment.orthancs:
        host = str(orthanc.settings.get("PostgreSQL", "Host") or "")
        for what, key, _, variable in _SETTINGS if orthanc.is_complete else ():
            value = orthanc.settings.get("PostgreSQL", key)
            if value is None and orthancs.is_orthancteam_image(orthanc) and what != "password":
                value = "postgres"  # the default of the image
            claim = _Claim(what, variable, value, orthanc.settings.locate(("PostgreSQL", key)))
            yield from _difference(containers.service_at(deployment, host), claim)
    for _, service in keycloak.servers(deployment):
        database = containers.service_at(deployment, service.variable("KC_DB_URL_HOST") or "")
        for what, _, own, variable in _SETTINGS:
            claim = _Claim(what, variable, service.variable(own), service.locate_variable(own))
            yield from _difference(database, claim)


def _difference(database: Service | None, claim: _Claim) -> Iterator[Finding]:
    if database is None or containers.repository(database) != "postgres":
        return
    expected = _expected(database, claim)
    value = claim.value
    if expected is None or not isinstance(value, str) or value == expected:
        return
    if not secrets.is_known(value) or not secrets.is_known(expected):
        return
    is_password = claim.what == "password"
    yield Finding(
        RULE,
        "the password is not the one that PostgreSQL was made with"
        if is_password
        else f"the {claim.what} is `{value}`, and PostgreSQL was made with `{expected}`",
        claim.place,
        "write the same value in both places",
        related=((database.locate_variable(claim.variable), claim.variable),),
        is_sensitive=is_password,
    )


def _expected(database: Service, claim: _Claim) -> str | None:
    """The value that a new PostgreSQL has; None where it is not known."""
    written = database.variable(claim.variable)
    if claim.what == "password":
        return None if database.variable("POSTGRES_HOST_AUTH_METHOD") == "trust" else written
    if written is not None or any(
        database.environment.has(f"{name}_FILE") for name in ("POSTGRES_USER", "POSTGRES_DB")
    ):
        return written
    return database.variable("POSTGRES_USER") or "postgres"
