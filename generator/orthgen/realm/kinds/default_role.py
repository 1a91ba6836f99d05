"""
What everybody holds who has an account: the composites of the realm's default role.

None of the profile's roles may be among them, and none of the admin API's. Keycloak's own default also lets
everybody share resources (UMA), which nothing here needs. That everybody may have offline tokens, which Keycloak adds
to every realm, does no harm: none of our clients may ask for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.kinds.base import Existing, ResourceKind
from orthgen.realm.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.snapshot import Look
    from orthgen.realm.write_context import Writer

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

    def read(self, look: Look) -> Iterator[Existing]:
        role = look.realm.get("defaultRole")
        if role is None:
            return
        clients = {client.id: client.key for client in look.of_kind("client")}
        composites = look.verbs.get(
            look.path("roles-by-id", role["id"], "composites"), list[representations.Role]
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
            "realmRoles": [name for name in of_realm if name in look.roles],
            "sharing": [name for name in of_realm if name == _UNWANTED],
        }
        yield Existing(self.name, _KEY, held, id=role["id"])

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        account = writer.id_of("client", ACCOUNT)
        before = set(existing.representation["roles"])
        wanted = set(resource.fields.get("roles", before))
        path = writer.path("roles-by-id", existing.id, "composites")
        missing = writer.client_roles(account, sorted(wanted - before)) if wanted - before else []
        if missing:
            writer.verbs.post(path, missing)
        extra = writer.client_roles(account, sorted(before - wanted)) if before - wanted else []
        extra += writer.roles(existing.representation["realmRoles"])
        if "administration" in resource.fields:
            extra += writer.roles(existing.representation["sharing"])
            for label in existing.representation["administration"]:
                client, _, name = label.partition("/")
                extra += writer.client_roles(writer.id_of("client", client), [name])
        if extra:
            writer.verbs.delete(path, extra)


KIND = DefaultRole()
