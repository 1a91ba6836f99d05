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
# People see and end their own sessions, and change a password in Keycloak; the import gives both roles.
_ACCOUNT_ROLES = ("manage-account", "view-profile")
# Keycloak's clients whose roles administer the realm, or read the tokens of a provider.
_ADMINISTRATION = ("broker", "realm-management")


class DefaultRole(ResourceKind):
    """The composites of the default role."""

    name = "default role"
    reads = ("realm role", "client")
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        identity = deployment.profile.identity
        empty: dict[str, Any] = {"realmRoles": [], "administration": [], "sharing": []}
        if identity.keycloak.manage == "everything":
            fields = {"roles": list(_ACCOUNT_ROLES), **empty}
            yield Resource(self.name, _KEY, fields, because="identity.sign-in")
        else:
            yield Resource(self.name, _KEY, {"realmRoles": []}, because="roles", foreign=True)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
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
        # An imported realm that declares this role does not get it into its default role.
        roles.append({"name": _UNWANTED, "description": f"${{role_{_UNWANTED}}}"})

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        role = context.realm.get("defaultRole")
        if role is None:
            return
        clients = {client.id: client.key for client in context.of_kind("client")}
        composites = context.api.get(
            context.path("roles-by-id", role["id"], "composites"), list[representations.Role]
        )
        client_roles = [
            (clients.get(item.get("containerId", "")), item["name"])
            for item in composites
            if item.get("clientRole")
        ]
        realm_roles = [item["name"] for item in composites if not item.get("clientRole")]
        representation = {
            "roles": [name for client, name in client_roles if client == ACCOUNT],
            "administration": [
                f"{client}/{name}" for client, name in client_roles if client in _ADMINISTRATION
            ],
            # Only roles of the profile and of Keycloak are compared; roles of other applications belong to others.
            "realmRoles": [name for name in realm_roles if name in context.roles],
            "sharing": [name for name in realm_roles if name == _UNWANTED],
        }
        yield ExistingObject(self.name, _KEY, representation, id=role["id"])

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        account = context.id_of("client", ACCOUNT)
        before = set(existing.representation["roles"])
        declared = set(resource.fields.get("roles", before))
        path = context.path("roles-by-id", existing.id, "composites")
        missing = context.client_roles(account, sorted(declared - before)) if declared - before else []
        if missing:
            context.api.post(path, missing)
        extra = context.client_roles(account, sorted(before - declared)) if before - declared else []
        extra += context.roles(existing.representation["realmRoles"])
        if "administration" in resource.fields:
            extra += context.roles(existing.representation["sharing"])
            for label in existing.representation["administration"]:
                client, _, name = label.partition("/")
                extra += context.client_roles(context.id_of("client", client), [name])
        if extra:
            context.api.delete(path, extra)


KIND = DefaultRole()
