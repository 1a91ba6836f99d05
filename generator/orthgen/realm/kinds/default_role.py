"""
Default role, which every account holds: its composites.

No role of the profile and no role of the admin API may be among them. Keycloak's own default also lets every account
share resources (UMA), and nothing here needs that. Keycloak adds offline tokens to every realm's default role; they
do no harm, because no client of the profile may ask for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

ACCOUNT = "account"
_KEY = "default roles"
_UNWANTED = "uma_authorization"
# To see and end one's own sessions and, where the password is Keycloak's, to change it; the import gives both.
_ACCOUNT_ROLES = ("manage-account", "view-profile")
# Keycloak's clients whose roles administer the realm, or read the tokens of a provider.
_ADMINISTRATION = ("broker", "realm-management")


class DefaultRole(ResourceKind):
    """The roles of the account console that come with an account."""

    name = "default role"
    reads = ("realm role", "client")
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        identity = deployment.profile.identity
        nobodys: dict[str, Any] = {"realmRoles": [], "administration": [], "sharing": []}
        if identity.keycloak.manage == "everything":
            fields = {"roles": list(_ACCOUNT_ROLES), **nobodys}
            yield Resource(self.name, _KEY, fields, because="identity.sign-in")
        else:
            yield Resource(self.name, _KEY, {"realmRoles": []}, because="roles", theirs=True)

    def place(self, representation: Representation, resource: Resource) -> None:
        name = f"default-roles-{representation['realm']}"
        representation["defaultRole"] = {"name": name}
        roles = representation.setdefault("roles", {}).setdefault("realm", [])
        roles.append(
            {
                "name": name,
                "composite": True,
                "composites": {"client": {ACCOUNT: list(resource.fields["roles"])}},
            }
        )
        # A realm that brings this role along does not get it into its default role.
        roles.append({"name": _UNWANTED, "description": f"${{role_{_UNWANTED}}}"})

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        role = context.realm.get("defaultRole")
        if role is None:
            return
        clients = {client.id: client.key for client in context.of_kind("client")}
        composites = context.api.get(
            context.path("roles-by-id", role["id"], "composites"), list[representations.Role]
        )
        of_clients = [
            (clients.get(item.get("containerId", "")), item["name"])
            for item in composites
            if item.get("clientRole")
        ]
        of_realm = [item["name"] for item in composites if not item.get("clientRole")]
        held = {
            "roles": [name for client, name in of_clients if client == ACCOUNT],
            "administration": [
                f"{client}/{name}" for client, name in of_clients if client in _ADMINISTRATION
            ],
            # What somebody added of other applications' roles is theirs; ours and Keycloak's own are compared.
            "realmRoles": [name for name in of_realm if name in context.roles],
            "sharing": [name for name in of_realm if name == _UNWANTED],
        }
        yield ExistingObject(self.name, _KEY, held, id=role["id"])

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        account = context.id_of("client", ACCOUNT)
        before = set(existing.representation["roles"])
        wanted = set(resource.fields.get("roles", before))
        path = context.path("roles-by-id", existing.id, "composites")
        missing = context.client_roles(account, sorted(wanted - before)) if wanted - before else []
        if missing:
            context.api.post(path, missing)
        extra = context.client_roles(account, sorted(before - wanted)) if before - wanted else []
        extra += context.roles(existing.representation["realmRoles"])
        if "administration" in resource.fields:
            extra += context.roles(existing.representation["sharing"])
            for label in existing.representation["administration"]:
                client, _, name = label.partition("/")
                extra += context.client_roles(context.id_of("client", client), [name])
        if extra:
            context.api.delete(path, extra)


KIND = DefaultRole()
