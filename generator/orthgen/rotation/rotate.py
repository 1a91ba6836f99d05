"""
Rotation of secrets: new values on the disk first, then the products, then the files, then a start of their readers.

The new value is in `secrets/.NAME.next` until its readers have started again. A run that was interrupted leaves it there,
and the next run goes on with the same value: every step can be repeated.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.doctor.container_engine import NoAnswer
from orthgen.errors import OrthgenError
from orthgen.rotation.plan import restarted_services
from orthgen.rotation.products import (
    change_administrator,
    change_client,
    change_role,
    running_container,
    set_password,
)
from orthgen.workspace.durable import sync_folder
from orthgen.workspace.secret_files import (
    locked_secrets,
    new_value,
    read_secret,
    write_secret,
    write_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from orthgen.deployment.model import Deployment
    from orthgen.doctor.container_engine import ContainerEngine
    from orthgen.realm.admin.api import AdminApi
    from orthgen.rotation.plan import RotatedSecret


class KeycloakAccess(Struct, frozen=True):
    """The way to the admin API: a connection by the administrator's password, and that administrator."""

    connect: Callable[[str], AdminApi]
    administrator: str
    realm: str
    password: Callable[[], str]


class Rotation(Struct, frozen=True):
    """One run for some secrets of a deployment in a folder."""

    deployment: Deployment
    folder: Path
    engine: ContainerEngine
    keycloak: KeycloakAccess
    tell: Callable[[str], None]

    def run(self, rotations: Sequence[RotatedSecret], given: Mapping[str, str], *, restart: bool) -> None:
        """Rotate the secrets. `given` are the new values that are not random."""
        with locked_secrets(self.folder) as place:
            self._check(rotations, restart=restart)
            values = self._stage(place, rotations, given)
            for rotation in rotations:
                name = rotation.secret.name
                if rotation.kind.commit != "file":
                    self._change_product(rotation, values[name])
                    self.tell(f"{rotation.kind.product}: changed")
                write_secret(place / name, values[name])
                self.tell(f"secrets/{name}: replaced")
            sync_folder(place)
        services = restarted_services(rotations)
        problem = self._restart(services) if services and restart else None
        for name in values:
            _next(place, name).unlink(missing_ok=True)
        sync_folder(place)
        if problem is not None:
            raise problem

    def _restart(self, services: Sequence[str]) -> OrthgenError | None:
        """Start the readers again; the error where they do not become healthy."""
        try:
            self.engine.recreate(self.folder, services)
        except NoAnswer as error:
            return OrthgenError(
                f"the secrets are changed, and {' and '.join(services)} did not become healthy: {error}",
                hint=f"run `{recreation(self.folder, services)}`",
            )
        self.tell(f"{', '.join(services)}: started again and healthy")
        return None

    def _check(self, rotations: Sequence[RotatedSecret], *, restart: bool) -> None:
        """Raise OrthgenError where a later step could not be done: nothing is changed yet."""
        for rotation in rotations:
            services = {name for name in rotation.kind.keeps if rotation.kind.commit == "postgresql"}
            if restart:
                services |= set(rotation.restarts)
            for service in sorted(services):
                running_container(self.engine, self.deployment, service)

    def _stage(
        self, place: Path, rotations: Sequence[RotatedSecret], given: Mapping[str, str]
    ) -> dict[str, str]:
        """The new values: those of an interrupted run, else the given ones, else random ones; all on the disk."""
        values = {}
        for rotation in rotations:
            name = rotation.secret.name
            staged = _staged(place, name)
            if staged and rotation.kind.commit != "file" and given.get(name, staged) != staged:
                raise OrthgenError(
                    f"an interrupted run gave `{name}` another new value, which the product may have already",
                    hint="run the command without `--from` first: it goes on with that value",
                )
            if staged and name not in given:
                values[name] = staged
                self.tell(f"secrets/{name}: a run was interrupted; its new value is used")
            elif name in given or rotation.secret.origin == "made":
                values[name] = given.get(name) or new_value(rotation.secret)
            else:
                raise OrthgenError(f"no new value is known for `{name}`", hint="`--from STORE` has it")
        write_secrets(place, {_next(place, name).name: value for name, value in values.items()})
        sync_folder(place)
        return values

    def _change_product(self, rotation: RotatedSecret, value: str) -> None:
        name, keycloak = rotation.secret.name, self.keycloak
        if rotation.kind.commit == "postgresql":
            change_role(self.engine, self.deployment, name, read_secret(self.folder, name), value)
        elif rotation.kind.commit == "administrator":
            change_administrator(
                keycloak.connect, keycloak.administrator, keycloak.realm, keycloak.password(), value
            )
        else:
            api, realm = keycloak.connect(keycloak.password()), self.deployment.profile.identity.realm
            if rotation.kind.commit == "client":
                change_client(api, realm, value)
            else:
                set_password(api, realm, name.removeprefix("first-password-"), value, temporary=True)


def recreation(folder: Path, services: Sequence[str]) -> str:
    """The command that starts services again with the files of now."""
    return f"docker compose --project-directory {folder} up --detach --force-recreate --no-deps --wait {' '.join(services)}"


def interrupted(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """The secrets with a new value from an interrupted run."""
    place = folder / "secrets"
    return tuple(name for name in names if os.path.lexists(_next(place, name)))


def _staged(place: Path, name: str) -> str:
    """The new value of an interrupted run, or an empty text."""
    path = _next(place, name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _next(place: Path, name: str) -> Path:
    return place / f".{name}.next"
