"""
Secrets of the Keycloak container, for the realm that it imports.

Keycloak has two mechanisms that keep a secret out of realm.json:

- **The file vault.** The realm holds `${vault.NAME}`; Keycloak reads the file `REALM_NAME` of its vault folder
  each time that it needs the value (`KC_VAULT=file`, `KC_VAULT_DIR`). For client secrets of identity
  providers, the bind password of a directory and the password of the mail server.
- **A variable at import.** Client secrets and first passwords cannot be in a vault; `--import-realm` replaces
  `${VARIABLE}` in the file by the variable's value. It is needed for the first start only.

Tried with Keycloak 26.4.7 and 26.7.3 (tests/real/test_keycloak_import.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.realm.realm_file import desired
from orthgen.realm.resource import SecretUse, secret_uses

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


class VaultFile(Struct, frozen=True):
    """A secret of the deployment, and the file of the vault folder that has to hold it."""

    secret: str
    file: str


class ImportVariable(Struct, frozen=True):
    """A secret of the deployment, and the environment variable that has to hold it at the first start."""

    secret: str
    variable: str


def vault_files(deployment: Deployment) -> tuple[VaultFile, ...]:
    """Files of the folder `KC_VAULT_DIR`, in the order of the realm."""
    # Keycloak's default resolver joins realm and key by `_`, and doubles an underscore inside either.
    realm = deployment.profile.identity.realm.replace("_", "__")
    names = _names(deployment, "vault")
    return tuple(VaultFile(name, f"{realm}_{name.replace('_', '__')}") for name in names)


def import_variables(deployment: Deployment) -> tuple[ImportVariable, ...]:
    """Which variables `--import-realm` has to find, in the order of the realm."""
    return tuple(
        ImportVariable(name, SecretUse(name, "value").variable) for name in _names(deployment, "value")
    )


def _names(deployment: Deployment, through: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for resource in desired(deployment):
        for use in secret_uses({**resource.fields, **resource.create_only}):
            if use.through == through:
                found[use.name] = None
    return tuple(found)
