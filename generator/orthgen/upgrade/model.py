"""Upgrade of a deployment: its steps, and the databases that they dump and restore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.deployment.databases import ExternalDatabase


class UpgradeStep(Struct, frozen=True):
    """A step of an upgrade: its title, its reason, and its command lines."""

    title: str
    why: str
    commands: tuple[str, ...] = ()


def reconcile_by_command(profile: str, url: str) -> UpgradeStep:
    """The step that reconciles the realm by the command, where no Job does, and asks the public address."""
    return UpgradeStep(
        "Reconcile the realm with the profile, and probe the deployment",
        "",
        (f"orthgen provision-keycloak {profile}", f"orthgen verify {url}"),
    )


class Upgrade(Struct, frozen=True):
    """A change of releases: what changes in what is stored, what to do, and what of it can be undone."""

    before: str
    after: str
    changes: tuple[str, ...]
    steps: tuple[UpgradeStep, ...]
    rollback: str
    versions: tuple[tuple[str, str, str], ...] = ()
    """Each component whose version differs, with both versions; empty where it is missing on a side."""
    start: str = ""
    """The command line that starts the deployment as it was rendered."""


class UpgradedDatabase(Struct, frozen=True):
    """A database of PostgreSQL: its service, which is also the name of its dump; its name; its server, where that is outside."""

    service: str
    name: str
    external: ExternalDatabase | None = None

    def dump_of(self, release: str) -> str:
        """The file of its dump."""
        return f"{self.service}-{release}.dump"

    @property
    def restore_options(self) -> str:
        """The options of `pg_restore`; a database outside is not empty, so that its tables are replaced."""
        return f"{'--clean --if-exists ' if self.external is not None else ''}--exit-on-error"


def target_option(target: str, without_option: str) -> str:
    """The option of `orthgen render` for a target, with the blank before it; empty where the profile has that target."""
    return "" if target == without_option else f" --target {target}"


class TargetWords(Struct, frozen=True):
    """Words and sentences of a plan that depend on the target."""

    volumes: str
    """The word for what holds stored data."""
    stop_reason: str
    """Why everything that writes stops first."""
    backup: str
    """The place of what is backed up beside the databases."""
    removal: str
    """How to remove the volumes of the databases."""
    old_volumes: str
    """The way back where the old volumes of PostgreSQL stay; `{before}` is the old release."""


class Commands(Protocol):
    """The command lines of a target."""

    @property
    def words(self) -> TargetWords:
        """The words of the target."""

    @property
    def is_bound_to_postgres(self) -> bool:
        """Whether the release chooses the version of the databases that are not outside."""

    def stop_writers(self) -> tuple[str, ...]:
        """Stop everything that writes into a database."""

    def dump(self, database: UpgradedDatabase, release: str) -> str:
        """Dump a database that runs."""

    def count(self, database: UpgradedDatabase, release: str) -> str:
        """Print how many tables are in a dump."""

    def restore(self, database: UpgradedDatabase, release: str) -> str:
        """Restore a dump."""

    def back_up(self, release: str) -> tuple[str, ...]:
        """List the volumes, and copy the secrets."""

    def list_volumes(self) -> str:
        """List the volumes."""

    def stop_rest(self) -> tuple[UpgradeStep, ...]:
        """The step that stops what still runs, where something has to be stopped."""

    def remove_databases(self, databases: Iterable[UpgradedDatabase]) -> tuple[str, ...]:
        """Remove the databases of the deployment, or show what to remove."""

    def start_databases(self, databases: Iterable[UpgradedDatabase]) -> tuple[str, ...]:
        """Start the databases alone, or what has their programs."""

    def start(self) -> tuple[str, ...]:
        """Start everything; the first line is enough where nothing was stopped."""

    def reconcile(self, profile: str) -> UpgradeStep:
        """The step after the start: the realm, and a probe."""
