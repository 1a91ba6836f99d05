"""
Steps that bring a running deployment from one release to another, and back.

A step is there only where something that is stored is concerned. Images without data (nginx, OHIF, the auth-service) are
exchanged by `docker compose up` and need none.

- PostgreSQL reads the data of its own major version only (PostgreSQL's documentation, "Upgrading a PostgreSQL Cluster").
  Each major version has a volume of its own here, so a dump is restored into an empty one, and the old one stays.
- Keycloak changes its schema at the first start of a new version, and no version goes back (Keycloak's upgrading guide,
  26.6).
- Orthanc's PostgreSQL plugin changes its schema at the first start, too, and an earlier one may refuse it (Orthanc Book,
  "PostgreSQL plugins", upgrades and downgrades).

tests/real/test_upgrade.py carries the steps out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue import load, releases
from orthgen.catalogue.versions import parse
from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.catalogue import Release
    from orthgen.deployment.model import Deployment


class Step(Struct, frozen=True):
    """A step of an upgrade: its title, its reason, and its command lines."""

    title: str
    why: str
    commands: tuple[str, ...] = ()


class Upgrade(Struct, frozen=True):
    """A change of releases: what changes in what is stored, what to do, and what of it can be undone."""

    before: str
    after: str
    changes: tuple[str, ...]
    steps: tuple[Step, ...]
    rollback: str


class _Database(Struct, frozen=True):
    service: str
    name: str


def upgrade_steps(before: str, deployment: Deployment) -> tuple[Step, ...]:
    """The steps from release `before` to the deployment's; none where nothing that is stored changes."""
    return upgrade(before, deployment.release, deployment, "PROFILE", "DIR").steps


def upgrade(before: str, after: Release, deployment: Deployment, profile: str, folder: str) -> Upgrade:
    """The upgrade of the deployment of `profile` in `folder` from release `before` to `after`."""
    if before == after.name:
        return Upgrade(before, after.name, (), (), "")
    if before not in releases():
        unknown = f"orthgen knows no release {before}: stored data may have to be migrated"
        return Upgrade(before, after.name, (unknown,), (_dump(deployment, folder, before),), _FROM_BACKUP)
    old = load(before)
    changes = tuple(_changes(old, after, deployment))
    if not changes:
        return Upgrade(before, after.name, (), (), "")
    new_major = _major(old) != _major(after) and bool(_databases(deployment))
    steps = tuple(_steps(deployment, profile, folder, before, new_major=new_major))
    rollback = _OLD_VOLUMES.format(before=before) if new_major else _FROM_BACKUP
    return Upgrade(before, after.name, changes, steps, rollback)


_OLD_VOLUMES = (
    'The volumes of the old PostgreSQL stay as they are. Write `release: "{before}"` into the profile, render with '
    "`--upgrade`, and start: the databases are as they were at the first step. Studies that came later are in the storage, "
    "and not in that index. Remove the old volumes (`docker volume rm`) when the new release has proved itself."
)
_FROM_BACKUP = (
    "Once the new release has been started, its databases cannot be read by the old one: going back takes the dumps, "
    "restored into empty volumes. Studies that came later are in the storage, and not in that index."
)


def _major(release: Release) -> str:
    return release.components["postgres"].partition(".")[0]


def _databases(deployment: Deployment) -> tuple[_Database, ...]:
    databases = []
    if deployment.profile.archive.storage.database == "postgresql":
        databases.append(_Database(naming.ORTHANC_DB, naming.ORTHANC_DATABASE))
    if deployment.has_own_keycloak:
        databases.append(_Database(naming.KEYCLOAK_DB, naming.KEYCLOAK_DATABASE))
    return tuple(databases)


def _changes(old: Release, new: Release, deployment: Deployment) -> Iterator[str]:
    def differs(component: str) -> str | None:
        has, gets = old.components[component], new.components[component]
        if parse(has) == parse(gets):
            return None
        backwards = " (BACKWARDS: it may not start on what the newer one has stored)"
        return f"{has} to {gets}{backwards if parse(gets) < parse(has) else ''}"

    if _databases(deployment) and _major(old) != _major(new):
        yield f"PostgreSQL {_major(old)} to {_major(new)}: starts empty, and gets the data by dump and restore"
    if deployment.has_own_keycloak and (step := differs("keycloak")):
        yield f"Keycloak {step}: changes its schema at the first start"
    if deployment.profile.archive.storage.database == "postgresql" and (step := differs("postgresql")):
        yield f"Orthanc's PostgreSQL plugin {step}: changes the index's schema at the first start"
    elif step := differs("orthanc"):
        yield f"Orthanc {step}: reads the storage and the index as they are"


def _dump(deployment: Deployment, folder: str, before: str) -> Step:
    dumps = [
        f"docker compose --project-directory {folder} exec -T {database.service} "
        f"pg_dump -U {database.name} -Fc {database.name} > {database.service}-{before}.dump"
        for database in _databases(deployment)
    ]
    checks = [
        f"docker compose --project-directory {folder} exec -T {database.service} "
        f"pg_restore --list < {database.service}-{before}.dump | grep -c 'TABLE DATA'"
        for database in _databases(deployment)
    ]
    return Step(
        "Dump the databases, and verify the dumps",
        "A copy of the volume of a running database is not a backup. Each last line prints how many tables are in the dump.",
        (*dumps, *checks),
    )


def _steps(
    deployment: Deployment, profile: str, folder: str, before: str, *, new_major: bool
) -> Iterator[Step]:
    compose = f"docker compose --project-directory {folder}"
    writers = [naming.NGINX, naming.ORTHANC, naming.AUTH_SERVICE]
    if deployment.has_own_keycloak:
        writers.append(naming.KEYCLOAK)
    yield Step(
        "Stop what writes",
        "Data that arrives after the dump would be lost.",
        (f"{compose} stop {' '.join(writers)}",),
    )
    if _databases(deployment):
        yield _dump(deployment, folder, before)
    yield Step(
        "Back up the studies, the secrets and the profile",
        "Use your backup tool. The first command lists the deployment's volumes; the secrets are in the folder.",
        (
            f"docker volume ls --filter label=com.docker.compose.project={deployment.project}",
            f"sudo cp -a {folder}/secrets secrets-{before}",
        ),
    )
    yield Step("Stop the rest", "Volumes stay.", (f"{compose} down",))
    yield Step(
        "Render the new release",
        "The profile names it (`release:`), or the newest is taken.",
        (f"orthgen render {profile} --out {folder} --upgrade",),
    )
    if new_major:
        services = " ".join(database.service for database in _databases(deployment))
        restores = [
            f"{compose} exec -T {database.service} "
            f"pg_restore -U {database.name} -d {database.name} --exit-on-error < {database.service}-{before}.dump"
            for database in _databases(deployment)
        ]
        yield Step(
            "Start the new databases alone, and restore the dumps",
            "Nothing else may be started before: it would make empty tables, and the restore would stop at them.",
            (f"{compose} up --wait {services}", *restores),
        )
    yield Step(
        "Start the rest",
        "This is where schemas change: the old release cannot read them from here on.",
        (f"{compose} up --wait",),
    )
    yield Step(
        "Reconcile the realm with the profile, and probe the deployment",
        "",
        (f"orthgen provision-keycloak {profile}", f"orthgen verify {deployment.profile.institution.url}"),
    )
