"""Keycloak's database from an older PostgreSQL in the release's, by the command lines of `orthgen upgrade`."""

from __future__ import annotations

import shlex
from pathlib import Path

from orthgen.catalogue import load
from orthgen.upgrade.plan import upgrade
from tests.support.builders import example
from tests.support.provisioning import in_realm, labels, plan, provision
from tests.support.real.keycloak import Keycloak, RunningKeycloak
from tests.support.real.network import Network
from tests.support.real.postgres import Postgres

OLD, NEW = 15, 18
PASSWORD = "for-this-database-only"


def program(word: str) -> list[str]:
    """The program of PostgreSQL in the command line for Keycloak's database that has `word`."""
    steps = upgrade("25.8", load("26.8"), example("paradim.yaml"), "paradim.yaml", "paradim").steps
    lines = [
        line for step in steps for line in step.commands if "exec -T keycloak-db " in line and word in line
    ]
    (line,) = lines
    words = shlex.split(line.partition("exec -T keycloak-db ")[2])
    return words[: next(index for index, each in enumerate(words) if each in {"<", ">"})]


def start(keycloak: Keycloak, database: Postgres) -> RunningKeycloak:
    """Keycloak on that PostgreSQL."""
    running = keycloak.start(
        is_built=False,
        name=f"keycloak-{database.major}",
        options=[
            "--db=postgres",
            "--health-enabled=true",
            "--vault=file",
            f"--db-url=jdbc:postgresql://{database.network.service(database.host)}/keycloak",
            "--db-username=keycloak",
        ],
        environment={
            "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
            "KC_BOOTSTRAP_ADMIN_PASSWORD": f"{PASSWORD}-{database.major}",
            "KC_DB_PASSWORD": "-",
        },
    )
    # The first start makes the administrator, and the password stays.
    running.admin_password = f"{PASSWORD}-{OLD}"
    return running


def people_of(keycloak: RunningKeycloak) -> list[object]:
    """Every account of the realm, with its roles."""
    people = keycloak.admin("GET", "/orthanc/users").json()
    return [
        [each, keycloak.admin("GET", f"/orthanc/users/{each['id']}/role-mappings").json()] for each in people
    ]


def test_accounts_and_realm_come_along(own_keycloak: Keycloak, network: Network, tmp_path: Path) -> None:
    """From PostgreSQL 15 to 18: the realm is in sync with the profile, people have their roles, passwords stay."""
    old, new = (
        Postgres(network, tmp_path, major, tmp_path / f"data-{major}", f"keycloak-db-{major}")
        for major in (OLD, NEW)
    )
    deployment = in_realm(example("paradim.yaml"), "orthanc")
    try:
        old.make("keycloak")
        before = start(own_keycloak, old)
        provision(deployment, before.admin_client())
        before.add_user("orthanc", "ada", roles=["radiologist"])
        people = people_of(before)
        before.stop()
        dump = old.run(program("pg_dump"))
        old.stop()
        new.make("keycloak")
        new.run(program("pg_restore -U"), given=dump)
        after = start(own_keycloak, new)

        assert labels(plan(deployment, after.admin_client())) == []
        assert people_of(after) == people
    finally:
        old.stop()
        new.stop()
