"""
First accounts, created once: later changes by administrators or owners stay.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#UserRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.errors import KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import OutcomeUnknown
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource, SecretUse
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.profile.first_accounts import FirstAccount
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


# 26.2.5 answers 400 to the look-up and 500 to the creation; 26.6.4 and 26.7.3 do both without the directory.
_DIRECTORY_HINT = (
    "an older Keycloak (26.2) asks each directory of the realm for the account, and fails where it does not reach one: see "
    "its log; let it reach the directory, or switch the directory off in the console (User federation) for this run"
)


class User(ResourceKind):
    """Accounts by user name."""

    name = "user"
    recorded = "after"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for account in deployment.first_accounts:
            yield Resource(
                self.name, account.user_name, {}, because=account.because, create_only=_account(account)
            )

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        account = {"username": resource.key, **dict(resource.create_only)}
        representation.setdefault("users", []).append(account)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for resource in context.desired:
            # Made once: whether the account is still there is its administrators' business.
            if resource.address in context.owned:
                yield ExistingObject(self.name, resource.key, {})
                continue
            if "email" not in resource.create_only:
                # The administrator that nobody named is for a realm without any account. They are counted, not
                # listed: for a list Keycloak asks directories too, and 26.2 fails where it does not reach one.
                if context.api.get(context.path("users", "count"), int):
                    yield ExistingObject(self.name, resource.key, {})
                continue
            for user in _accounts_named(context, resource.key):
                yield ExistingObject(self.name, user["username"], dict(user), id=user["id"])

    def create(self, context: WriteContext, resource: Resource) -> None:
        # In one piece with its roles and its password: a run that ends in between leaves no half account.
        account = {"username": resource.key, **context.fields(resource, create=True)}
        body = {"ifResourceExists": "SKIP", "users": [account]}
        try:
            context.api.post(context.path("partialImport"), body)
        except OutcomeUnknown as error:
            raise OutcomeUnknown(
                str(error), hint=_DIRECTORY_HINT, still_running=error.still_running
            ) from error


def _accounts_named(context: ReadContext, user_name: str) -> list[representations.User]:
    """The account with the user name. Raises KeycloakError with a remedy where Keycloak cannot look it up."""
    query = {"username": user_name, "exact": "true", "briefRepresentation": "true"}
    try:
        return context.api.get(context.path("users"), list[representations.User], **query)
    except (KeycloakRefused, KeycloakUnavailable):
        raise
    except KeycloakError as error:
        raise KeycloakError(
            f"Keycloak cannot look up the account `{user_name}`: {error}", hint=_DIRECTORY_HINT
        ) from error


def _account(account: FirstAccount) -> dict[str, Any]:
    password = SecretUse(account.password or naming.first_password(account.user_name), "value")
    representation: dict[str, Any] = {
        "enabled": True,
        "realmRoles": list(account.roles),
        "credentials": [{"type": "password", "value": password, "temporary": True}],
    }
    # Keycloak's user profile asks for what is missing at the first sign-in.
    if account.full_name:
        first, _, last = account.full_name.partition(" ")
        representation |= {"firstName": first, "lastName": last or first}
    if account.email:
        # Anybody who wrote the profile vouches for the address.
        representation |= {"email": account.email, "emailVerified": True}
    return representation


KIND = User()
