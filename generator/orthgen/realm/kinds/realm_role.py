"""
Realm roles: one for each role of the profile, of the same name.

Never composite: whoever holds a composite role holds the roles in it too, and the auth-service leaves composite
roles out when it lists roles (shares/keycloak_admin.py, 24.7 to 26.4.1).
https://www.keycloak.org/docs-api/latest/rest-api/index.html#RoleRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.fields import Fields
from orthgen.realm.kinds.base import Existing, ResourceKind, under_new_keys, without
from orthgen.realm.resource import Representation, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.realm.snapshot import Look
    from orthgen.realm.write_context import Writer


_AT_ONCE = 250


class RealmRole(ResourceKind):
    """The roles that permissions.json gives rights to."""

    name = "realm role"
    adopted_on_request = True
    # RoleRepresentation, Keycloak 26.2 to 26.7.
    undeclared = Fields(
        watched={"composites": []},
        ignored={
            "attributes": "notes, which grant nothing",
            "clientRole": "the admin API lists realm roles apart",
            "composite": "`composites` says which",
            "containerId": "the realm",
            "id": "Keycloak's own",
            "name": "the key",
            "scopeParamRequired": "a name that Keycloak no longer reads",
        },
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for role in deployment.roles:
            fields = {"description": role.title}
            if role.renamed_from:
                fields["name"] = role.name
            yield Resource(
                self.name,
                role.name,
                fields,
                because=f"roles.{role.name}",
                renamed_from=role.renamed_from,
            )

    def place(self, representation: Representation, resource: Resource) -> None:
        roles = representation.setdefault("roles", {}).setdefault("realm", [])
        roles.append({"name": resource.key, **dict(resource.fields)})

    def read(self, look: Look) -> Iterator[Existing]:
        roles = look.verbs.get(look.path("roles"), list[representations.Role], briefRepresentation="false")
        composite = [role for role in roles if role.get("composite") and role["name"] in look.roles]
        paths = [look.path("roles-by-id", role["id"], "composites") for role in composite]
        parts = look.get_all(paths, list[representations.Role])
        held = {role["id"]: listed for role, listed in zip(composite, parts, strict=True)}
        found = (
            Existing(
                self.name,
                role["name"],
                {**role, "composites": sorted(_label(part) for part in held.get(role["id"], ()))},
                id=role["id"],
            )
            for role in roles
        )
        yield from under_new_keys(look.wanted, found)

    def create(self, writer: Writer, resource: Resource) -> None:
        writer.verbs.post(
            writer.path("roles"), {"name": resource.key, **writer.fields(resource, create=True)}
        )

    def create_many(self, writer: Writer, resources: Sequence[Resource]) -> bool:
        # One request for each role would take a minute for a thousand of them; what is there already is skipped.
        for start in range(0, len(resources), _AT_ONCE):
            roles = [
                {"name": resource.key, **writer.fields(resource, create=True)}
                for resource in resources[start : start + _AT_ONCE]
            ]
            body = {"ifResourceExists": "SKIP", "roles": {"realm": roles}}
            writer.verbs.post(writer.path("partialImport"), body)
        return True

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        body = self.whole(writer, existing, writer.fields(resource))
        path = writer.path("roles-by-id", existing.id)
        writer.verbs.put(path, without(body, "composites"))
        if existing.representation["composites"] and not body["composites"]:
            composites = path + "/composites"
            writer.verbs.delete(composites, writer.verbs.get(composites, list[dict[str, Any]]))

    def delete(self, writer: Writer, existing: Existing) -> None:
        writer.verbs.delete(writer.path("roles-by-id", existing.id))


def _label(role: representations.Role) -> str:
    return f"{role['name']} (of a client)" if role.get("clientRole") else str(role["name"])


KIND = RealmRole()
