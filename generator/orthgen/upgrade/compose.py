"""Command lines of an upgrade with Docker Compose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.upgrade.model import TargetWords, UpgradeStep, reconcile_by_command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.deployment.model import Deployment
    from orthgen.upgrade.model import UpgradedDatabase

_WORDS = TargetWords(
    volumes="volumes",
    stop_reason="Data that arrives after the dump would be lost.",
    backup="Use your backup tool. The first command lists the deployment's volumes; the secrets are in the folder.",
    removal="The command lists the volumes; `docker volume rm` removes those of the databases, and no other.",
    old_volumes='The volumes of the old PostgreSQL stay as they are. Write `release: "{before}"` into the profile, render with '
    "`--upgrade`, and start: the databases are as they were at the first step. Studies that came later are in the storage, "
    "and not in that index. Remove the old volumes (`docker volume rm`) when the new release has proved itself.",
)


class ComposeCommands(Struct, frozen=True):
    """Command lines for the deployment in `folder`."""

    deployment: Deployment
    folder: str

    @property
    def words(self) -> TargetWords:
        """The words of Docker Compose."""
        return _WORDS

    @property
    def is_bound_to_postgres(self) -> bool:
        """The release names the image of PostgreSQL."""
        return True

    @property
    def _compose(self) -> str:
        return f"docker compose --project-directory {self.folder}"

    def stop_writers(self) -> tuple[str, ...]:
        """Stop everything that writes into a database."""
        writers = [naming.NGINX, *self.deployment.orthancs, naming.AUTH_SERVICE]
        if self.deployment.has_own_keycloak:
            writers.append(naming.KEYCLOAK)
        return (f"{self._compose} stop {' '.join(writers)}",)

    def _exec(self, database: UpgradedDatabase, words: str) -> str:
        return f"{self._compose} exec -T {_container(database)} {words}"

    def dump(self, database: UpgradedDatabase, release: str) -> str:
        """Dump a database; the check of a database outside has the variables with which its programs need no options."""
        options = "-Fc" if database.external is not None else f"-U {database.name} -Fc {database.name}"
        return self._exec(database, f"pg_dump {options} > {database.dump_of(release)}")

    def count(self, database: UpgradedDatabase, release: str) -> str:
        """Print how many tables are in a dump."""
        return self._exec(database, f"pg_restore --list < {database.dump_of(release)} | grep -c 'TABLE DATA'")

    def restore(self, database: UpgradedDatabase, release: str) -> str:
        """Restore a dump."""
        user = "" if database.external is not None else f"-U {database.name} "
        options = f"{user}-d {database.name} {database.restore_options}"
        return self._exec(database, f"pg_restore {options} < {database.dump_of(release)}")

    def back_up(self, release: str) -> tuple[str, ...]:
        """List the volumes, and copy the secrets."""
        return (self.list_volumes(), f"sudo cp -a {self.folder}/secrets secrets-{release}")

    def list_volumes(self) -> str:
        """List the volumes."""
        return f"docker volume ls --filter label=com.docker.compose.project={self.deployment.project}"

    def stop_rest(self) -> tuple[UpgradeStep, ...]:
        """Stop the databases."""
        return (UpgradeStep("Stop the rest", "Volumes stay.", (f"{self._compose} down",)),)

    def remove_databases(self, databases: Iterable[UpgradedDatabase]) -> tuple[str, ...]:
        """Show the volumes: a person removes those of the databases."""
        del databases
        return (self.list_volumes(),)

    def start_databases(self, databases: Iterable[UpgradedDatabase]) -> tuple[str, ...]:
        """Start the databases alone, or the checks that have their programs."""
        return (f"{self._compose} up --wait {' '.join(map(_container, databases))}",)

    def start(self) -> tuple[str, ...]:
        """Start everything."""
        return (f"{self._compose} up --wait",)

    def reconcile(self, profile: str) -> UpgradeStep:
        """Reconcile the realm, and probe."""
        return reconcile_by_command(profile, self.deployment.profile.institution.url)


def _container(database: UpgradedDatabase) -> str:
    return database.external.check if database.external is not None else database.service
