"""Change of a secret in a running product: a role of PostgreSQL, an account or a client of Keycloak."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.doctor.container_engine import NoAnswer
from orthgen.errors import KeycloakConflict, KeycloakRefused, OrthgenError
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import realm_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.deployment.model import Deployment
    from orthgen.doctor.container_engine import ContainerEngine
    from orthgen.realm.admin.api import AdminApi

_ROLES = {
    naming.ORTHANC_DB_PASSWORD: (naming.ORTHANC_DB, naming.ORTHANC_DATABASE),
    naming.KEYCLOAK_DB_PASSWORD: (naming.KEYCLOAK_DB, naming.KEYCLOAK_DATABASE),
}
# PostgreSQL's own defaults (14 to 18, `scram_iterations`).
_ITERATIONS, _SALT_BYTES = 4096, 16
# The password is the first line of the input, because an argument and a variable of the container show in listings.
_WITH_PASSWORD = 'IFS= read -r PGPASSWORD && export PGPASSWORD && exec "$@"'  # noqa: S105 - a script, without one


def scram_verifier(password: str, salt: bytes) -> str:
    """
    PostgreSQL's form of a stored password (RFC 5803), of which nobody can compute the password.

    The server takes it in place of a password, so that the password is in no statement and in no log.
    """
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    keys = (hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256"))
    stored, server = (base64.b64encode(key).decode() for key in keys)
    return f"SCRAM-SHA-256${_ITERATIONS}:{base64.b64encode(salt).decode()}${stored}:{server}"


def change_role(
    engine: ContainerEngine, deployment: Deployment, secret: str, before: str, value: str
) -> None:
    """
    Give the database's user its new password. The same value again changes nothing else.

    The user signs in with the old password; after an interrupted run, PostgreSQL may have the new one already.
    """
    service, role = _ROLES[secret]
    container = running_container(engine, deployment, service)
    verifier = scram_verifier(value, os.urandom(_SALT_BYTES))
    statement = f"ALTER ROLE \"{role}\" PASSWORD '{verifier}';\n"
    options = ("--quiet", "--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1")
    line = ("sh", "-c", _WITH_PASSWORD, "sh", "psql", *options, f"--username={role}", f"--dbname={role}")
    try:
        engine.inside(container, *line, stdin=f"{before}\n{statement}")
    except NoAnswer as refusal:
        try:
            engine.inside(container, *line, stdin=f"{value}\n{statement}")
        except NoAnswer:
            raise OrthgenError(
                f"PostgreSQL in `{service}` did not change the password: {refusal}",
                hint=f"it has another password than secrets/{secret}: write its present password into this file",
            ) from None


def running_container(engine: ContainerEngine, deployment: Deployment, service: str) -> str:
    """The id of a service's container; raises OrthgenError where none runs."""
    try:
        containers = engine.containers(deployment.project)
    except NoAnswer as error:
        raise OrthgenError(
            f"the container engine does not answer: {error}; nothing was changed",
            hint="run it on the machine of the deployment, or set DOCKER_HOST; `--no-restart` needs no engine for a file alone",
        ) from None
    for container in containers:
        labels = container["Config"]["Labels"]
        if labels.get("com.docker.compose.service") == service and container["State"]["Running"]:
            return str(container["Id"])
    raise OrthgenError(
        f"`{service}` does not run on this engine, and its data hold the old value: nothing was changed",
        hint="start it; before the first start, remove the file and run `orthgen secrets` instead",
    )


def set_password(api: AdminApi, realm: str, user_name: str, value: str, *, temporary: bool) -> None:
    """Give an account a password; `temporary`: for one sign-in."""
    users = api.get(
        realm_path(realm, "users"), list[representations.AccountRef], username=user_name, exact="true"
    )
    if not users:
        raise KeycloakConflict(f"the realm `{realm}` has no account `{user_name}`")
    body = {"type": "password", "value": value, "temporary": temporary}
    api.put(realm_path(realm, "users", users[0]["id"], "reset-password"), body)


def change_administrator(
    connect: Callable[[str], AdminApi], user_name: str, realm: str, before: str, value: str
) -> None:
    """Give the administrator the new password, unless an interrupted run did; then sign in with it."""
    try:
        set_password(connect(before), realm, user_name, value, temporary=False)
    except KeycloakRefused:
        try:
            connect(value).get(realm_path(realm), dict[str, Any])
        except KeycloakRefused:
            raise KeycloakRefused(
                f"Keycloak accepts neither the old nor the new password of `{user_name}`: nothing was changed",
                hint="`--admin-secret` names the place of the present password",
            ) from None
    connect(value).get(realm_path(realm), dict[str, Any])


def change_client(api: AdminApi, realm: str, value: str) -> None:
    """Give the auth-service's client its new secret."""
    clients = api.get(realm_path(realm, "clients"), list[dict[str, Any]], clientId=naming.AUTH_SERVICE_CLIENT)
    if not clients:
        raise KeycloakConflict(f"the realm `{realm}` has no client `{naming.AUTH_SERVICE_CLIENT}`")
    client = clients[0]
    api.put(realm_path(realm, "clients", client["id"]), {**client, "secret": value})
