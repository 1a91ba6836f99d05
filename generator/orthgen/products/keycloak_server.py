"""Start script and environment of Keycloak's server. The realm is `orthgen.realm`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.script import script
from orthgen.products.trusted_authorities import TRUST_FOLDER
from orthgen.profile.database_connections import KEYCLOAK_CONNECTIONS

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact

START_PATH = "keycloak/start.sh"

# The folder of Keycloak's file vault in the container.
VAULT_FOLDER = "/run/vault"


def keycloak_server_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The script that starts Keycloak, where the deployment carries one."""
    return (script(START_PATH, deployment.source),) if deployment.has_own_keycloak else ()


def keycloak_environment(deployment: Deployment, *, has_vault: bool) -> dict[str, str]:
    """Keycloak's variables (26.2 to 26.7); passwords come from files."""
    environment = {
        **deployment.release.image("keycloak").environment,
        "KC_CACHE": deployment.platform.keycloak_cache,
        # The whole address: every link that Keycloak makes begins with it, whatever a request says.
        "KC_HOSTNAME": _host_name(deployment),
        **_database(deployment),
        "KC_DB_POOL_MAX_SIZE": str(KEYCLOAK_CONNECTIONS),
        # Counts at the first start only.
        "KC_BOOTSTRAP_ADMIN_USERNAME": naming.KEYCLOAK_ADMIN,
    }
    if deployment.profile.identity.trust:
        environment["KC_TRUSTSTORE_PATHS"] = TRUST_FOLDER
    if has_vault:
        environment |= {"KC_VAULT": "file", "KC_VAULT_DIR": VAULT_FOLDER}
    return environment


def _database(deployment: Deployment) -> dict[str, str]:
    external = deployment.external_keycloak_database
    if external is not None:
        return {"KC_DB_URL": external.jdbc_url, "KC_DB_USERNAME": external.user}
    return {
        "KC_DB_URL_HOST": naming.KEYCLOAK_DB,
        "KC_DB_URL_DATABASE": naming.KEYCLOAK_DATABASE,
        "KC_DB_USERNAME": naming.KEYCLOAK_DATABASE,
    }


def _host_name(deployment: Deployment) -> str:
    """
    The host name for the realm `master` and the console; the deployment's realm has its own address.

    With a port on the host's loopback address they are there and nowhere else: at the public origin, to which the
    console would send its visitors, nginx answers 404 (tried with 26.7.3; `KC_HOSTNAME_ADMIN` moves the console, and
    not the sign-in to it).
    """
    keycloak = deployment.profile.identity.keycloak
    if keycloak.local_port is not None and keycloak.manage == "everything" and not keycloak.admin_console:
        return f"http://127.0.0.1:{keycloak.local_port}"
    return deployment.addresses.keycloak_public.rstrip("/")


def console_address(deployment: Deployment) -> str:
    """The address of the admin console for administrators; empty where the profile does not publish it."""
    keycloak = deployment.profile.identity.keycloak
    if keycloak.admin_console:
        return f"{deployment.addresses.keycloak_public}admin/"
    if keycloak.local_port is not None and keycloak.server is None:
        return f"http://127.0.0.1:{keycloak.local_port}/admin/"
    return ""


def keycloak_own_secrets(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """Our name of the server's own secrets, and the variable that the script makes of each; the database's authority."""
    external = deployment.external_keycloak_database
    return (
        (external.secret if external is not None else naming.KEYCLOAK_DB_PASSWORD, "KC_DB_PASSWORD"),
        (naming.KEYCLOAK_ADMIN_PASSWORD, "KC_BOOTSTRAP_ADMIN_PASSWORD"),
        *(external.authority_mounts() if external is not None else ()),
    )
