"""Rotation of secrets: plan, consent, new values, change."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING

import click

from orthgen.cli.exit_codes import ExitCode
from orthgen.cli.keycloak import administrator, keycloak_address
from orthgen.cli.terminal import is_interactive, secret_source
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.errors import OrthgenError
from orthgen.realm.admin.client import AdminClient
from orthgen.rendering.pipeline import resolve_rendered
from orthgen.report.console import Console
from orthgen.report.json_text import json_text
from orthgen.report.rotation import last_steps_text, list_text, plan_text, rotation_form
from orthgen.rotation.plan import rotation_of
from orthgen.rotation.rotate import KeycloakAccess, Rotation, interrupted
from orthgen.secret_stores import parse_store
from orthgen.workspace.secret_exchange import stored_secrets
from orthgen.workspace.secret_files import read_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orthgen.cli.rotate_options import RotationOptions
    from orthgen.cli.server_options import ServerOptions, SignInOptions
    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import AdminApi
    from orthgen.rotation.plan import RotatedSecret
    from orthgen.secret_stores import Store


def rotate_secrets(  # noqa: PLR0913, PLR0917 - the options of the command
    profile: str,
    names: Sequence[str],
    options: RotationOptions,
    folder: Path,
    output: str,
    server: ServerOptions,
    sign_in: SignInOptions,
) -> None:
    """Show the plan, ask, rotate. Without names, list the secrets and what their rotation interrupts."""
    deployment, _ = resolve_rendered(profile, folder)
    if deployment.kubernetes is not None:
        raise OrthgenError(
            "`orthgen rotate` changes the containers of Docker Compose, and this profile is for a cluster",
            hint="docs/kubernetes-operations.md has the steps of each secret for a cluster",
        )
    rotations = rotation_of(deployment, names)
    resumed = interrupted(folder, [rotation.secret.name for rotation in rotations])
    store = parse_store(options.source) if options.source is not None else None
    source = store.label if store is not None else None
    console = Console()
    if output == "json":
        console.say(json_text([rotation_form(rotation) for rotation in rotations]))
    elif names:
        console.say(plan_text(rotations, resumed, folder, source, restart=not options.no_restart))
    else:
        console.say(list_text(rotations, resumed))
    if not names:
        return
    if options.check:
        sys.exit(ExitCode.CHANGES)
    if not options.yes and not click.confirm("Rotate?", err=True):
        sys.exit(ExitCode.CHANGES)
    values = _given(deployment, rotations, resumed, store)
    keycloak = _keycloak(deployment, folder, server, sign_in)
    run = Rotation(deployment, folder, ContainerEngine(), keycloak, console.tell)
    run.run(rotations, values, restart=not options.no_restart)
    if output == "text":
        console.say(last_steps_text(rotations, folder, restart=not options.no_restart))


def _given(
    deployment: Deployment, rotations: Sequence[RotatedSecret], resumed: Sequence[str], store: Store | None
) -> dict[str, str]:
    """The new values that are not random: from the store, or from a person. Raises OrthgenError for an impossible one."""
    names = [rotation.secret.name for rotation in rotations]
    if store is not None:
        values = store.read(names)
        for name in names:
            if name not in values:
                raise OrthgenError(
                    f"`{store.label}` does not have `{name}`", hint="add it to the store first"
                )
    else:
        values = {
            rotation.secret.name: _asked(rotation.secret.name)
            for rotation in rotations
            if rotation.secret.origin == "given" and rotation.secret.name not in resumed
        }
    stored = {item.secret.name: item for item in stored_secrets(deployment)}
    new = {name: stored[name].cleaned(values[name]) for name in names if name in values}
    for name, value in new.items():
        if problem := stored[name].problem(value):
            raise OrthgenError(f"the new value of `{name}` {problem}: nothing was changed")
    return new


def _asked(name: str) -> str:
    if not is_interactive():
        raise OrthgenError(f"the new value of `{name}` is missing", hint="name its store: `--from STORE`")
    return getpass.getpass(f"new value of {name}: ")


def _keycloak(
    deployment: Deployment, folder: Path, server: ServerOptions, sign_in: SignInOptions
) -> KeycloakAccess:
    source = secret_source(folder / "secrets")

    def connect(password: str) -> AdminApi:
        user = administrator(sign_in, source, password)
        address = keycloak_address(server, deployment)
        return AdminClient(address, user, realm=sign_in.admin_realm, ca_file=server.ca_file, hide=source.hide)

    def password() -> str:
        if sign_in.admin_secret:
            return source.resolve(sign_in.admin_secret, "admin-secret")
        return read_secret(folder, "keycloak-admin-password")

    return KeycloakAccess(connect, sign_in.admin, sign_in.admin_realm, password)
