"""Secrets of a deployment: those that `orthgen secrets` makes, and those that a person supplies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from orthgen.deployment import naming
from orthgen.deployment.model import SecretFile
from orthgen.field_types import SecretRef
from orthgen.profile.first_accounts import first_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.profile.root import Profile


def secrets_of(profile: Profile) -> tuple[SecretFile, ...]:
    """Every secret of the deployment, generated ones first, each once."""
    secrets = {secret.name: secret for secret in _generated_secrets(profile)}
    for reference, where in references(profile):
        secrets.setdefault(reference.secret, SecretFile(reference.secret, "given", where))
    return tuple(secrets.values())


def _generated_secrets(profile: Profile) -> Iterator[SecretFile]:
    identity = profile.identity
    kubernetes = profile.deployment.kubernetes
    # An operator makes the passwords of its databases.
    has_operator = kubernetes is not None and kubernetes.database.cloudnative_pg is not None
    storage = profile.archive.storage
    if storage.database == "postgresql" and storage.postgresql is None and not has_operator:
        yield SecretFile(naming.ORTHANC_DB_PASSWORD, "made", "Orthanc's database")
    if identity.keycloak.server is None:
        if identity.keycloak.postgresql is None and not has_operator:
            yield SecretFile(naming.KEYCLOAK_DB_PASSWORD, "made", "Keycloak's database")
        yield SecretFile(naming.KEYCLOAK_ADMIN_PASSWORD, "made", "Keycloak's first administrator")
    yield SecretFile(naming.AUTH_SERVICE_PASSWORD, "made", "Orthanc's password at the auth-service")
    yield SecretFile(naming.AUTH_SERVICE_SECRET_KEY, "made", "signs share links and instant links")
    if identity.api_keys or identity.permission_editor:
        origin = "made" if identity.keycloak.server is None else "given"
        purpose = f"the auth-service's client `{naming.AUTH_SERVICE_CLIENT}` in Keycloak"
        yield SecretFile(naming.KEYCLOAK_CLIENT_SECRET, origin, purpose)  # type: ignore[arg-type]
    for account in first_accounts(profile):
        if account.password is None:
            purpose = f"the first password of `{account.user_name}`, to be replaced at the first sign-in"
            name = naming.first_password(account.user_name)
            yield SecretFile(name, "made", purpose, _password_length(profile))


def _password_length(profile: Profile) -> int:
    return max(
        method.accounts.password_length for method in profile.identity.sign_in if method.accounts is not None
    )


def references(value: Any, where: str = "") -> Iterator[tuple[SecretRef, str]]:
    """Every secret reference below `value`, with the profile key that holds it."""
    if isinstance(value, SecretRef):
        yield value, where
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from references(
                getattr(value, name), f"{where}.{field.alias}" if where else str(field.alias)
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from references(item, f"{where}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from references(item, where)
