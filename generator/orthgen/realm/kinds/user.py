"""
First accounts: made once. Whatever an administrator or their owner does with them later is kept.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#UserRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import Existing, ResourceKind
from orthgen.realm.resource import Representation, Resource, SecretUse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.profile.first_accounts import FirstAccount
    from orthgen.realm.snapshot import Look
    from orthgen.realm.write_context import Writer


class User(ResourceKind):
    """Accounts by user name."""

    name = "user"
    recorded = "after"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for account in deployment.first_accounts:
            yield Resource(
                self.name, account.user_name, {}, because=account.because, create_only=_account(account)
            )

    def place(self, representation: Representation, resource: Resource) -> None:
        account = {"username": resource.key, **dict(resource.create_only)}
        representation.setdefault("users", []).append(account)

    def read(self, look: Look) -> Iterator[Existing]:
        for resource in look.wanted:
            # Made once: whether the account is still there is its administrators' business.
            if resource.address in look.owned:
                yield Existing(self.name, resource.key, {})
                continue
            if "email" not in resource.create_only:
                # The administrator that nobody named is for a realm without any account. They are counted, not
                # listed: for a list Keycloak asks directories too, and 26.2 fails where it does not reach one.
                if look.verbs.get(look.path("users", "count"), int):
                    yield Existing(self.name, resource.key, {})
                continue
            query = {"username": resource.key, "exact": "true", "briefRepresentation": "true"}
            for user in look.verbs.get(look.path("users"), list[representations.User], **query):
                yield Existing(self.name, user["username"], dict(user), id=user["id"])

    def create(self, writer: Writer, resource: Resource) -> None:
        # In one piece with its roles and its password: a run that ends in between leaves no half account.
        account = {"username": resource.key, **writer.fields(resource, create=True)}
        body = {"ifResourceExists": "SKIP", "users": [account]}
        writer.verbs.post(writer.path("partialImport"), body)


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
        # Whoever wrote the profile vouches for the address.
        representation |= {"email": account.email, "emailVerified": True}
    return representation


KIND = User()
