"""The steps of a change of the release, as an operator follows them."""

from __future__ import annotations

import pytest

from orthgen.catalogue import load
from orthgen.deployment.model import Deployment
from orthgen.upgrade.model import Upgrade, UpgradeStep
from orthgen.upgrade.plan import upgrade
from tests.support.builders import example, make_deployment

SQLITE = "{storage: {database: sqlite}}"
EXTERNAL = "{keycloak: {server: 'https://sso.example.org'}}"


def plan(before: str, after: str, profile: str = "clinic.yaml") -> Upgrade:
    """The change of the release of an example, which names 26.8."""
    return upgrade(before, load(after), example("paradim.yaml"), profile, "deployment/clinic")


def step(change: Upgrade, title: str) -> UpgradeStep:
    """The step whose title begins like this."""
    return next(each for each in change.steps if each.title.startswith(title))


def test_a_release_that_the_profile_does_not_name_is_written_into_it_first() -> None:
    """Otherwise `render` would keep the release that the profile names, and the old one would start again."""
    assert step(plan("26.4", "26.7"), "Render").why == 'First write `release: "26.7"` into clinic.yaml.'


def test_a_downgrade_restores_the_dumps_of_the_earlier_release() -> None:
    """An earlier release does not read what a newer one has stored."""
    change = plan("26.8", "26.4")
    restore = step(change, "Start the databases alone")

    assert [line for line in restore.commands if "pg_restore" in line]
    assert all("-26.4.dump" in line for line in restore.commands if "pg_restore" in line)
    assert "26.8 stored" in step(change, "Remove the databases' volumes").why
    assert not any("changes the schemas here" in each.why for each in change.steps)


def test_an_upgrade_says_which_release_cannot_read_the_databases_any_more() -> None:
    """Everything is stopped by then, so everything is started."""
    start = step(plan("26.4", "26.8"), "Start everything")

    assert start.why.endswith("the old release cannot read the databases.")


def test_a_profile_from_standard_input_has_no_name_in_the_command_lines() -> None:
    """`provision-keycloak -` would wait for a profile."""
    commands = [line for each in plan("26.4", "26.8", "-").steps for line in each.commands]

    assert not any(line[-2:] == " -" or " - " in line for line in commands)


def test_readers_are_stopped_with_the_orthanc_that_changes_the_tables() -> None:
    """A reader of the old release does not know the new tables."""
    deployment = make_deployment(archive="{replicas: {readers: 2}}")
    change = upgrade("26.4", load("26.8"), deployment, "clinic.yaml", "deployment/clinic")

    assert " orthanc orthanc-reader-1 orthanc-reader-2 " in step(change, "Stop what writes").commands[0]


def without_databases() -> Deployment:
    """Orthanc with SQLite, and a Keycloak of others."""
    return make_deployment(archive=SQLITE, identity=EXTERNAL)


BACKWARDS = " (BACKWARDS: it may not start on what the newer one has stored)"
POSTGRESQL = "PostgreSQL 17 to 18: starts empty, and gets the data by dump and restore"


@pytest.mark.parametrize(
    ("before", "after", "options", "changes"),
    [
        ("26.8", "26.8", {}, []),
        (
            "25.8",
            "26.8",
            {},
            [
                POSTGRESQL,
                "Keycloak 26.4.7 to 26.7.3: changes its schema at the first start",
                "Orthanc's PostgreSQL plugin 9.0 to 10.3: changes the index's schema at the first start",
            ],
        ),
        (
            "25.8",
            "26.4",
            {"archive": SQLITE},
            [POSTGRESQL, "Orthanc 1.12.9 to 1.12.11: reads the storage and the index as they are"],
        ),
        (
            "26.8",
            "26.7",
            {"identity": EXTERNAL},
            [
                f"Orthanc's PostgreSQL plugin 10.3 to 10.2{BACKWARDS}: changes the index's schema at the first start"
            ],
        ),
        (
            "25.8",
            "26.8",
            {"archive": SQLITE, "identity": EXTERNAL},
            ["Orthanc 1.12.9 to 1.13.0: reads the storage and the index as they are"],
        ),
        ("26.4", "26.7", {"archive": SQLITE, "identity": EXTERNAL}, []),
        ("1.0", "26.8", {}, ["orthgen knows no release 1.0: stored data may have to be migrated"]),
    ],
)
def test_an_upgrade_says_what_changes_in_what_is_stored(
    before: str, after: str, options: dict[str, str], changes: list[str]
) -> None:
    """Only what the deployment stores, and only where its version changes; another direction is a warning."""
    change = upgrade(before, load(after), make_deployment(**options), "clinic.yaml", "deployment/clinic")

    assert (change.before, change.after, list(change.changes)) == (before, after, changes)
    assert bool(change.steps) is bool(changes)
    assert bool(change.rollback) is bool(changes)


DUMP, BACKUP = "Dump the databases, and verify the dumps", "Back up the studies, the secrets and the profile"
RESTORED = "Restore the volumes of Orthanc from the backup of release 26.4"
RECONCILE = "Reconcile the realm with the profile, and probe the deployment"
REMOVE = "Remove the databases' volumes, after a look at the dumps"
DUMPED = "Start the databases alone, and restore the dumps of release 26.4"


@pytest.mark.parametrize(
    ("before", "options", "titles"),
    [
        ("26.7", {}, [DUMP, BACKUP, "Stop the rest", "Render release 26.4", REMOVE, DUMPED]),
        ("26.8", {"archive": SQLITE}, [DUMP, BACKUP, "Stop the rest", "Render release 26.4", REMOVE, DUMPED, RESTORED]),
        ("26.8", {"archive": SQLITE, "identity": EXTERNAL}, [BACKUP, "Stop the rest", "Render release 26.4", RESTORED]),
        ("25.8", {}, [DUMP, BACKUP, "Stop the rest", "Render release 26.4", "Start the new databases alone, and restore the dumps"]),
        ("25.8", {"archive": SQLITE, "identity": EXTERNAL}, [BACKUP, "Stop the rest", "Render release 26.4"]),
    ],
)  # fmt: skip
def test_the_steps_fit_what_the_deployment_stores(
    before: str, options: dict[str, str], titles: list[str]
) -> None:
    """Databases are dumped and restored where there are some; an index in SQLite comes from the backup."""
    change = upgrade(before, load("26.4"), make_deployment(**options), "clinic.yaml", "deployment/clinic")

    assert [each.title for each in change.steps] == [
        "Stop what writes",
        *titles,
        "Start everything",
        RECONCILE,
    ]


def test_where_going_back_leads_depends_on_what_stays() -> None:
    """The volumes of another PostgreSQL stay; those that were changed do not; a downgrade is undone by an upgrade."""
    no_databases = upgrade("25.8", load("26.8"), without_databases(), "clinic.yaml", "deployment/clinic")

    assert plan("25.8", "26.8").rollback.startswith(
        'The volumes of the old PostgreSQL stay as they are. Write `release: "25.8"`'
    )
    assert plan("26.4", "26.8").rollback.startswith("Once the new release has been started, its databases")
    assert no_databases.rollback.startswith("Once the new release has been started, its databases")
    assert plan("26.8", "26.4").rollback.startswith(
        "`orthgen upgrade` shows the steps to the newer release again."
    )


def test_an_unknown_release_without_databases_has_nothing_to_dump() -> None:
    """A step without a command would be nothing to do."""
    assert upgrade("1.0", load("26.8"), without_databases(), "clinic.yaml", "deployment/clinic").steps == ()
    dump = upgrade("1.0", load("26.8"), example("paradim.yaml"), "clinic.yaml", "DIR").steps[0]
    assert dump.commands[0] == (
        "docker compose --project-directory DIR exec -T orthanc-db pg_dump -U orthanc -Fc orthanc > orthanc-db-1.0.dump"
    )


def test_a_database_outside_is_dumped_through_its_check() -> None:
    """It keeps its version, so an upgrade restores nothing, and the way back restores into the same database."""
    server = "{host: db.example.org, authority: db.pem, password: {secret: db}}"
    deployment = make_deployment(
        archive=f"storage: {{postgresql: {server}}}",
        identity=f"{{sign-in: [accounts: {{}}], keycloak: {{postgresql: {server}}}}}",
    )
    there = upgrade("25.8", load("26.8"), deployment, "site.yaml", "DIR")
    back = upgrade("26.8", load("25.8"), deployment, "site.yaml", "DIR")
    lines = [[line for step in each.steps for line in step.commands] for each in (there, back)]
    compose = "docker compose --project-directory DIR"

    assert f"{compose} exec -T orthanc-db-check pg_dump -Fc > orthanc-db-25.8.dump" in lines[0]
    assert not any("pg_restore -d" in line for line in lines[0])
    assert there.rollback.startswith("Once the new release has been started, its databases")
    assert lines[1][-6:-3] == [
        f"{compose} up --wait orthanc-db-check keycloak-db-check",
        *(
            f"{compose} exec -T {name}-db-check pg_restore -d {name} --clean --if-exists --exit-on-error < {name}-db-25.8.dump"
            for name in ("orthanc", "keycloak")
        ),
    ]


def test_the_command_lines_name_folder_profile_and_release() -> None:
    """They can be copied as they are."""
    lines = [line for each in plan("25.8", "26.8").steps for line in each.commands]
    compose = "docker compose --project-directory deployment/clinic"

    assert lines == [
        f"{compose} stop nginx orthanc orthanc-auth-service keycloak",
        *(
            f"{compose} exec -T {name}-db pg_dump -U {name} -Fc {name} > {name}-db-25.8.dump"
            for name in ("orthanc", "keycloak")
        ),
        *(
            f"{compose} exec -T {name}-db pg_restore --list < {name}-db-25.8.dump | grep -c 'TABLE DATA'"
            for name in ("orthanc", "keycloak")
        ),
        "docker volume ls --filter label=com.docker.compose.project=paradim",
        "sudo cp -a deployment/clinic/secrets secrets-25.8",
        f"{compose} down",
        "orthgen render clinic.yaml --out deployment/clinic --upgrade",
        f"{compose} up --wait orthanc-db keycloak-db",
        *(
            f"{compose} exec -T {name}-db pg_restore -U {name} -d {name} --exit-on-error < {name}-db-25.8.dump"
            for name in ("orthanc", "keycloak")
        ),
        f"{compose} up --wait",
        "orthgen provision-keycloak clinic.yaml",
        "orthgen verify https://orthanc-preprod.example.org",
    ]
