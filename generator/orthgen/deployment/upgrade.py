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

tests/real/test_deployment_paradim.py and test_upgrade.py carry the steps out.
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
    from orthgen.deployment.databases import ExternalDatabase
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
    versions: tuple[tuple[str, str, str], ...] = ()
    """Each component whose version differs, with both versions; empty where it is missing on a side."""


class _Database(Struct, frozen=True):
    """A database with the container that has its programs: `service` is the name of its dump."""

    service: str
    container: str
    dump: str
    restore: str
    is_external: bool = False


def _own_database(service: str, name: str) -> _Database:
    restore = f"pg_restore -U {name} -d {name} --exit-on-error"
    return _Database(service, service, f"pg_dump -U {name} -Fc {name}", restore)


def _external_database(service: str, database: ExternalDatabase) -> _Database:
    """A database outside: its check has the programs, and the variables with which they need no options."""
    restore = f"pg_restore -d {database.name} --clean --if-exists --exit-on-error"
    return _Database(service, database.check, "pg_dump -Fc", restore, is_external=True)


class _Change(Struct, frozen=True):
    """A change of a deployment's release, with the names that its command lines contain."""

    deployment: Deployment
    after: str
    profile: str
    folder: str
    before: str

    @property
    def compose(self) -> str:
        """The beginning of a command line of Docker Compose."""
        return f"docker compose --project-directory {self.folder}"


def upgrade_steps(before: str, deployment: Deployment) -> tuple[Step, ...]:
    """The steps from release `before` to the deployment's; none where nothing that is stored changes."""
    return upgrade(before, deployment.release, deployment, "PROFILE", "DIR").steps


def changed_versions(before: str, after: Release) -> tuple[tuple[str, str, str], ...]:
    """The components whose version differs between two releases; nothing where orthgen does not know the first."""
    if before not in releases():
        return ()
    old, new = load(before).components, after.components
    names = [*new, *(name for name in old if name not in new)]
    pairs = ((name, old.get(name, ""), new.get(name, "")) for name in names)
    return tuple((name, has, gets) for name, has, gets in pairs if has != gets)


def upgrade(before: str, after: Release, deployment: Deployment, profile: str, folder: str) -> Upgrade:
    """The upgrade of the deployment of `profile` in `folder` from release `before` to `after`."""
    if before == after.name:
        return Upgrade(before, after.name, (), (), "")
    versions = changed_versions(before, after)
    if before not in releases():
        unknown = f"orthgen knows no release {before}: stored data may have to be migrated"
        dumps = (_dump(deployment, folder, before),) if _databases(deployment) else ()
        return Upgrade(before, after.name, (unknown,), dumps, _FROM_BACKUP)
    old = load(before)
    changes = tuple(_changes(old, after, deployment))
    if not changes:
        return Upgrade(before, after.name, (), (), "", versions)
    change = _Change(deployment, after.name, "PROFILE" if profile == "-" else profile, folder, before)
    if parse(after.name) < parse(before):
        return Upgrade(before, after.name, changes, tuple(_downgrade(change)), _UPGRADE_AGAIN, versions)
    own = _own_databases(deployment)
    new_major = _major(old) != _major(after) and bool(own)
    keeps_old_volumes = new_major and own == _databases(deployment)
    rollback = _OLD_VOLUMES.format(before=before) if keeps_old_volumes else _FROM_BACKUP
    return Upgrade(
        before, after.name, changes, tuple(_upgrade(change, new_major=new_major)), rollback, versions
    )


_OLD_VOLUMES = (
    'The volumes of the old PostgreSQL stay as they are. Write `release: "{before}"` into the profile, render with '
    "`--upgrade`, and start: the databases are as they were at the first step. Studies that came later are in the storage, "
    "and not in that index. Remove the old volumes (`docker volume rm`) when the new release has proved itself."
)
_FROM_BACKUP = (
    "Once the new release has been started, its databases cannot be read by the old one: going back takes the dumps, "
    "restored into empty volumes or databases. Studies that came later are in the storage, and not in that index."
)
_UPGRADE_AGAIN = (
    "`orthgen upgrade` shows the steps to the newer release again. The dumps of the first steps hold its databases as they "
    "were. Studies that were received before this change are in the storage, and may not be in the restored index."
)


def _major(release: Release) -> str:
    return release.components["postgres"].partition(".")[0]


def _indexes_in_postgresql(deployment: Deployment) -> bool:
    return deployment.profile.archive.storage.database == "postgresql"


def _databases(deployment: Deployment) -> tuple[_Database, ...]:
    databases = []
    index, keycloak = deployment.external_index, deployment.external_keycloak_database
    if index is not None:
        databases.append(_external_database(naming.ORTHANC_DB, index))
    elif _indexes_in_postgresql(deployment):
        databases.append(_own_database(naming.ORTHANC_DB, naming.ORTHANC_DATABASE))
    if keycloak is not None:
        databases.append(_external_database(naming.KEYCLOAK_DB, keycloak))
    elif deployment.has_own_keycloak:
        databases.append(_own_database(naming.KEYCLOAK_DB, naming.KEYCLOAK_DATABASE))
    return tuple(databases)


def _own_databases(deployment: Deployment) -> tuple[_Database, ...]:
    """The databases in containers of the deployment, whose version changes with the release."""
    return tuple(database for database in _databases(deployment) if not database.is_external)


def _changes(old: Release, new: Release, deployment: Deployment) -> Iterator[str]:
    def differs(component: str) -> str | None:
        has, gets = old.components[component], new.components[component]
        if parse(has) == parse(gets):
            return None
        backwards = " (BACKWARDS: it may not start on what the newer one has stored)"
        return f"{has} to {gets}{backwards if parse(gets) < parse(has) else ''}"

    if _own_databases(deployment) and _major(old) != _major(new):
        yield f"PostgreSQL {_major(old)} to {_major(new)}: starts empty, and gets the data by dump and restore"
    if deployment.has_own_keycloak and (step := differs("keycloak")):
        yield f"Keycloak {step}: changes its schema at the first start"
    if _indexes_in_postgresql(deployment) and (step := differs("postgresql")):
        yield f"Orthanc's PostgreSQL plugin {step}: changes the index's schema at the first start"
    elif step := differs("orthanc"):
        yield f"Orthanc {step}: reads the storage and the index as they are"


def _dump(deployment: Deployment, folder: str, before: str) -> Step:
    dumps = [
        f"docker compose --project-directory {folder} exec -T {database.container} "
        f"{database.dump} > {database.service}-{before}.dump"
        for database in _databases(deployment)
    ]
    checks = [
        f"docker compose --project-directory {folder} exec -T {database.container} "
        f"pg_restore --list < {database.service}-{before}.dump | grep -c 'TABLE DATA'"
        for database in _databases(deployment)
    ]
    return Step(
        "Dump the databases, and verify the dumps",
        "A copy of the volume of a running database is not a backup. Each last line prints how many tables are in the dump.",
        (*dumps, *checks),
    )


def _upgrade(change: _Change, *, new_major: bool) -> Iterator[Step]:
    yield from _backup_and_render(change)
    if new_major:
        yield Step(
            "Start the new databases alone, and restore the dumps",
            "Nothing else may be started before: it would make empty tables, and the restore would stop at them.",
            _restore(change, change.before, _own_databases(change.deployment)),
        )
    yield Step(
        "Start everything",
        "The new release changes the schemas here. From here on the old release cannot read the databases.",
        (f"{change.compose} up --wait",),
    )
    yield _reconcile(change)


def _downgrade(change: _Change) -> Iterator[Step]:
    """The steps to an earlier release, which reads what it stored itself, and not what a newer one made of it."""
    yield from _backup_and_render(change)
    volumes = f"docker volume ls --filter label=com.docker.compose.project={change.deployment.project}"
    if _own_databases(change.deployment):
        yield Step(
            "Remove the databases' volumes, after a look at the dumps",
            f"Release {change.after} cannot read what release {change.before} stored. The command lists the volumes; "
            "`docker volume rm` removes those of the databases, and no other.",
            (volumes,),
        )
    if databases := _databases(change.deployment):
        yield Step(
            f"Start the databases alone, and restore the dumps of release {change.after}",
            f"They were made before the upgrade to {change.before}. Without them nobody can return to release {change.after}.",
            _restore(change, change.after, databases),
        )
    if not _indexes_in_postgresql(change.deployment):
        yield Step(
            f"Restore the volumes of Orthanc from the backup of release {change.after}",
            "An earlier Orthanc may not read an index that a newer one has changed. Use your backup tool.",
            (volumes,),
        )
    yield Step("Start everything", "", (f"{change.compose} up --wait",))
    yield _reconcile(change)


def _backup_and_render(change: _Change) -> Iterator[Step]:
    writers = [naming.NGINX, *change.deployment.orthancs, naming.AUTH_SERVICE]
    if change.deployment.has_own_keycloak:
        writers.append(naming.KEYCLOAK)
    yield Step(
        "Stop what writes",
        "Data that arrives after the dump would be lost.",
        (f"{change.compose} stop {' '.join(writers)}",),
    )
    if _databases(change.deployment):
        yield _dump(change.deployment, change.folder, change.before)
    yield Step(
        "Back up the studies, the secrets and the profile",
        "Use your backup tool. The first command lists the deployment's volumes; the secrets are in the folder.",
        (
            f"docker volume ls --filter label=com.docker.compose.project={change.deployment.project}",
            f"sudo cp -a {change.folder}/secrets secrets-{change.before}",
        ),
    )
    yield Step("Stop the rest", "Volumes stay.", (f"{change.compose} down",))
    is_named = change.deployment.profile.release == change.after
    yield Step(
        f"Render release {change.after}",
        "The profile names it (`release:`)."
        if is_named
        else f'First write `release: "{change.after}"` into {_named(change.profile)}.',
        (f"orthgen render {change.profile} --out {change.folder} --upgrade",),
    )


def _named(profile: str) -> str:
    return "the profile" if profile == "PROFILE" else profile


def _restore(change: _Change, release: str, databases: tuple[_Database, ...]) -> tuple[str, ...]:
    """The command lines that start the databases alone and read the dumps of `release` into them."""
    restores = [
        f"{change.compose} exec -T {database.container} {database.restore} < {database.service}-{release}.dump"
        for database in databases
    ]
    return (f"{change.compose} up --wait {' '.join(database.container for database in databases)}", *restores)


def _reconcile(change: _Change) -> Step:
    return Step(
        "Reconcile the realm with the profile, and probe the deployment",
        "",
        (
            f"orthgen provision-keycloak {change.profile}",
            f"orthgen verify {change.deployment.profile.institution.url}",
        ),
    )
