"""
First accounts: made once. Whatever an administrator or their owner does with them later is kept.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#UserRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.keycloak.kinds.base import Existing, ResourceKind
from generator.keycloak.resource import Representation, Resource, SecretUse
from generator.keycloak.ways import sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment
    from generator.keycloak.existing import Look
    from generator.keycloak.writer import Writer
    from generator.profile.identity import Person


class User(ResourceKind):
    """Accounts by user name."""

    name = "user"
    recorded = "after"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        accounts = sign_ins(deployment).accounts
        if accounts is None or deployment.profile.identity.keycloak.manage != "everything":
            return
        for user_name, person in accounts.people.items():
            yield Resource(
                self.name,
                user_name,
                {},
                because=f"identity.sign-in.accounts.people.{user_name}",
                create_only=_account(person),
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
            path = look.path("users")
            for user in look.verbs.get(path, username=resource.key, exact="true", briefRepresentation="true"):
                yield Existing(self.name, user["username"], user, id=user["id"])

    def create(self, writer: Writer, resource: Resource) -> None:
        # In one piece with its roles and its password: a run that ends in between leaves no half account.
        account = {"username": resource.key, **writer.fields(resource, create=True)}
        body = {"ifResourceExists": "SKIP", "users": [account]}
        writer.verbs.post(writer.path("partialImport"), body)


def _account(person: Person) -> dict[str, Any]:
    first, _, last = person.name.partition(" ")
    account: dict[str, Any] = {
        "enabled": True,
        "email": person.email,
        # Whoever wrote the profile vouches for the address.
        "emailVerified": True,
        "firstName": first,
        "lastName": last or first,
        "realmRoles": list(person.roles),
    }
    if person.password is None:
        account["requiredActions"] = ["UPDATE_PASSWORD"]
    else:
        value = SecretUse(person.password.secret, "value")
        account["credentials"] = [{"type": "password", "value": value, "temporary": True}]
    return account


KIND = User()
