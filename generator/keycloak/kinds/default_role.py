"""
What everybody holds who has an account: the composites of the realm's default role.

Keycloak's own default also lets everybody have offline tokens and share resources (UMA), which nothing here
needs; accounts that another provider keeps cannot be managed here either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.keycloak.kinds.base import Existing, ResourceKind
from generator.keycloak.resource import Representation, Resource
from generator.keycloak.signin import sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment
    from generator.keycloak.existing import Look
    from generator.keycloak.writer import Writer

ACCOUNT = "account"
_KEY = "default roles"
_KEYCLOAKS = ("offline_access", "uma_authorization")


class DefaultRole(ResourceKind):
    """The roles of the account console that come with an account."""

    name = "default role"
    recorded = "never"

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        identity = deployment.profile.identity
        if identity.keycloak.manage != "everything":
            return
        own = sign_ins(deployment).accounts is not None
        roles = ["manage-account", "view-profile"] if own else ["view-profile"]
        fields = {"roles": roles, "realmRoles": []}
        yield Resource(self.name, _KEY, fields, because="identity.sign-in")

    def place(self, representation: Representation, resource: Resource) -> None:
        name = f"default-roles-{representation['realm']}"
        representation["defaultRole"] = {"name": name}
        role = {
            "name": name,
            "composite": True,
            "composites": {"client": {ACCOUNT: list(resource.fields["roles"])}},
        }
        representation.setdefault("roles", {}).setdefault("realm", []).append(role)

    def read(self, look: Look) -> Iterator[Existing]:
        role = look.realm.get("defaultRole") or {}
        if not role:
            return
        # What somebody added of other applications' roles is theirs; ours and Keycloak's own are compared.
        ours = {existing.key for existing in look.of_kind("realm role")} | set(_KEYCLOAKS)
        account = next((client.id for client in look.of_kind("client") if client.key == ACCOUNT), "")
        composites = look.verbs.get(look.path("roles-by-id", role["id"], "composites"))
        of_client = [item["name"] for item in composites if item.get("containerId") == account]
        of_realm = [
            item["name"] for item in composites if not item.get("clientRole") and item["name"] in ours
        ]
        held = {"roles": of_client, "realmRoles": of_realm}
        yield Existing(self.name, _KEY, held, id=role["id"])

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        account = writer.id_of("client", ACCOUNT)
        before, wanted = set(existing.representation["roles"]), set(resource.fields["roles"])
        path = writer.path("roles-by-id", existing.id, "composites")
        missing = writer.client_roles(account, sorted(wanted - before)) if wanted - before else []
        if missing:
            writer.verbs.post(path, missing)
        extra = writer.client_roles(account, sorted(before - wanted)) if before - wanted else []
        extra += writer.roles(existing.representation["realmRoles"])
        if extra:
            writer.verbs.delete(path, extra)


KIND = DefaultRole()
