"""
Plan of a change of the release: what changes in what is stored, the steps in order, and the way back.

A step is there only where something that is stored is concerned. Images without data (nginx, OHIF, the auth-service) are
exchanged by the start and need none.

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
from orthgen.upgrade.compose import ComposeCommands
from orthgen.upgrade.kubernetes import KubernetesCommands
from orthgen.upgrade.model import Commands, Upgrade, UpgradedDatabase, UpgradeStep, target_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.catalogue import Release
    from orthgen.deployment.model import Deployment


class _Change(Struct, frozen=True):
    """A change of a deployment's release, with what its command lines contain."""

    deployment: Deployment
    after: str
    profile: str
    before: str
    folder: str
    commands: Commands
    target_option: str


def upgrade_steps(before: str, deployment: Deployment) -> tuple[UpgradeStep, ...]:
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


def upgrade(  # noqa: PLR0913, PLR0917 - what a change of the release depends on
    before: str,
    after: Release,
    deployment: Deployment,
    profile: str,
    folder: str,
    without_option: str = "compose",
) -> Upgrade:
    """
    The upgrade of the deployment of `profile` in `folder` from release `before` to `after`.

    `without_option` is the target of `orthgen render` for the profile without `--target`.
    """
    if before == after.name:
        return Upgrade(before, after.name, (), (), "")
    versions = changed_versions(before, after)
    commands = _commands(deployment, folder)
    start = commands.start()[0]
    if before not in releases():
        unknown = f"orthgen knows no release {before}: stored data may have to be migrated"
        databases = _databases(deployment)
        dumps = (_dump(commands, databases, before),) if databases else ()
        return Upgrade(before, after.name, (unknown,), dumps, _FROM_BACKUP, start=start)
    old = load(before)
    changes = tuple(_changes(old, after, deployment, commands))
    if not changes:
        return Upgrade(before, after.name, (), (), "", versions, start)
    named = "PROFILE" if profile == "-" else profile
    option = target_option(deployment.target, without_option)
    change = _Change(deployment, after.name, named, before, folder, commands, option)
    if parse(after.name) < parse(before):
        steps, rollback = tuple(_downgrade(change)), _UPGRADE_AGAIN
    else:
        own = _bound_databases(deployment, commands)
        new_major = _major(old) != _major(after) and bool(own)
        keeps_old_volumes = new_major and own == _databases(deployment)
        rollback = commands.words.old_volumes.format(before=before) if keeps_old_volumes else _FROM_BACKUP
        steps = tuple(_upgrade(change, own if new_major else ()))
    return Upgrade(before, after.name, changes, steps, rollback, versions, start)


def _commands(deployment: Deployment, folder: str) -> Commands:
    if deployment.kubernetes is not None:
        return KubernetesCommands(deployment, folder)
    return ComposeCommands(deployment, folder)


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


def _databases(deployment: Deployment) -> tuple[UpgradedDatabase, ...]:
    databases = []
    index, keycloak = deployment.external_index, deployment.external_keycloak_database
    if _indexes_in_postgresql(deployment):
        name = index.name if index is not None else naming.ORTHANC_DATABASE
        databases.append(UpgradedDatabase(naming.ORTHANC_DB, name, index))
    if deployment.has_own_keycloak:
        name = keycloak.name if keycloak is not None else naming.KEYCLOAK_DATABASE
        databases.append(UpgradedDatabase(naming.KEYCLOAK_DB, name, keycloak))
    return tuple(databases)


def _own_databases(deployment: Deployment) -> tuple[UpgradedDatabase, ...]:
    """The databases of the deployment itself."""
    return tuple(database for database in _databases(deployment) if database.external is None)


def _bound_databases(deployment: Deployment, commands: Commands) -> tuple[UpgradedDatabase, ...]:
    """The databases whose version changes with the release."""
    return _own_databases(deployment) if commands.is_bound_to_postgres else ()


def _changes(old: Release, new: Release, deployment: Deployment, commands: Commands) -> Iterator[str]:
    def differs(component: str) -> str | None:
        has, gets = old.components[component], new.components[component]
        if parse(has) == parse(gets):
            return None
        backwards = " (BACKWARDS: it may not start on what the newer one has stored)"
        return f"{has} to {gets}{backwards if parse(gets) < parse(has) else ''}"

    if _bound_databases(deployment, commands) and _major(old) != _major(new):
        yield f"PostgreSQL {_major(old)} to {_major(new)}: starts empty, and gets the data by dump and restore"
    if deployment.has_own_keycloak and (step := differs("keycloak")):
        yield f"Keycloak {step}: changes its schema at the first start"
    if _indexes_in_postgresql(deployment) and (step := differs("postgresql")):
        yield f"Orthanc's PostgreSQL plugin {step}: changes the index's schema at the first start"
    elif step := differs("orthanc"):
        yield f"Orthanc {step}: reads the storage and the index as they are"


def _dump(commands: Commands, databases: tuple[UpgradedDatabase, ...], before: str) -> UpgradeStep:
    return UpgradeStep(
        "Dump the databases, and verify the dumps",
        "A copy of the volume of a running database is not a backup. Each last line prints how many tables are in the dump.",
        (
            *(commands.dump(database, before) for database in databases),
            *(commands.count(database, before) for database in databases),
        ),
    )


def _upgrade(change: _Change, exchanged: tuple[UpgradedDatabase, ...]) -> Iterator[UpgradeStep]:
    """The steps to a later release; `exchanged` are the databases that start empty."""
    yield from _backup_and_render(change)
    if exchanged:
        yield UpgradeStep(
            "Start the new databases alone, and restore the dumps",
            "Nothing else may be started before: it would make empty tables, and the restore would stop at them.",
            _restore(change, change.before, exchanged),
        )
    yield UpgradeStep(
        "Start everything",
        "The new release changes the schemas here. From here on the old release cannot read the databases.",
        change.commands.start(),
    )
    yield change.commands.reconcile(change.profile)


def _downgrade(change: _Change) -> Iterator[UpgradeStep]:
    """The steps to an earlier release, which reads what it stored itself, and not what a newer one made of it."""
    commands = change.commands
    yield from _backup_and_render(change)
    if own := _own_databases(change.deployment):
        yield UpgradeStep(
            f"Remove the databases' {commands.words.volumes}, after a look at the dumps",
            f"Release {change.after} cannot read what release {change.before} stored. {commands.words.removal}",
            commands.remove_databases(own),
        )
    if databases := _databases(change.deployment):
        yield UpgradeStep(
            f"Start the databases alone, and restore the dumps of release {change.after}",
            f"They were made before the upgrade to {change.before}. Without them nobody can return to release {change.after}.",
            _restore(change, change.after, databases),
        )
    if not _indexes_in_postgresql(change.deployment):
        yield UpgradeStep(
            f"Restore the {commands.words.volumes} of Orthanc from the backup of release {change.after}",
            "An earlier Orthanc may not read an index that a newer one has changed. Use your backup tool.",
            (commands.list_volumes(),),
        )
    yield UpgradeStep("Start everything", "", commands.start())
    yield commands.reconcile(change.profile)


def _backup_and_render(change: _Change) -> Iterator[UpgradeStep]:
    commands = change.commands
    yield UpgradeStep("Stop what writes", commands.words.stop_reason, commands.stop_writers())
    if databases := _databases(change.deployment):
        yield _dump(commands, databases, change.before)
    yield UpgradeStep(
        "Back up the studies, the secrets and the profile",
        commands.words.backup,
        commands.back_up(change.before),
    )
    yield from commands.stop_rest()
    is_named = change.deployment.profile.release == change.after
    yield UpgradeStep(
        f"Render release {change.after}",
        "The profile names it (`release:`)."
        if is_named
        else f'First write `release: "{change.after}"` into {_named(change.profile)}.',
        (f"orthgen render {change.profile} --out {change.folder}{change.target_option} --upgrade",),
    )


def _named(profile: str) -> str:
    return "the profile" if profile == "PROFILE" else profile


def _restore(change: _Change, release: str, databases: tuple[UpgradedDatabase, ...]) -> tuple[str, ...]:
    """The command lines that start the databases alone and read the dumps of `release` into them."""
    commands = change.commands
    restores = (commands.restore(database, release) for database in databases)
    return (*commands.start_databases(databases), *restores)
