"""
Realm roles: one for each role of the profile, with the same name.

A role is never composite, for two reasons. The holder of a composite role holds the roles in it too. And the
auth-service leaves composite roles out when it lists roles (shares/keycloak_admin.py, 24.7 to 26.4.1).
https://www.keycloak.org/docs-api/latest/rest-api/index.html#RoleRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind, with_current_keys, without
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


_ROLES_PER_IMPORT = 250


class RealmRole(ResourceKind):
    """The roles that permissions.json gives rights to."""

    name = "realm role"
    built_in = frozenset({"offline_access", "uma_authorization"})
    adopted_on_request = True
    # RoleRepresentation, Keycloak 26.2 to 26.7.
    undeclared = UndeclaredFields(
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

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        roles = representation.setdefault("roles", {}).setdefault("realm", [])
        roles.append({"name": resource.key, **dict(resource.fields)})

    def holder_paths(self, existing: ExistingObject) -> tuple[tuple[str, ...], ...]:
        # A role that is about to be renamed has its old name there.
        name = existing.representation["name"]
        return (("roles", name, "users"), ("roles", name, "groups"))

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        roles = context.api.get(
            context.path("roles"), list[representations.Role], briefRepresentation="false"
        )
        composite = [role for role in roles if role.get("composite") and role["name"] in context.roles]
        paths = [context.path("roles-by-id", role["id"], "composites") for role in composite]
        composite_lists = context.get_all(paths, list[representations.Role])
        composites = {
            role["id"]: roles_inside for role, roles_inside in zip(composite, composite_lists, strict=True)
        }
        objects = (
            ExistingObject(
                self.name,
                role["name"],
                {**role, "composites": sorted(_label(part) for part in composites.get(role["id"], ()))},
                id=role["id"],
            )
            for role in roles
        )
        yield from with_current_keys(context.desired, objects)

    def create(self, context: WriteContext, resource: Resource) -> None:
        context.api.post(
            context.path("roles"), {"name": resource.key, **context.fields(resource, create=True)}
        )

    def create_many(self, context: WriteContext, resources: Sequence[Resource]) -> bool:
        # One request for each role would take a minute for a thousand roles; SKIP keeps existing ones.
        for start in range(0, len(resources), _ROLES_PER_IMPORT):
            roles = [
                {"name": resource.key, **context.fields(resource, create=True)}
                for resource in resources[start : start + _ROLES_PER_IMPORT]
            ]
            body = {"ifResourceExists": "SKIP", "roles": {"realm": roles}}
            context.api.post(context.path("partialImport"), body)
        return True

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        body = self.update_body(context, existing, resource)
        path = context.path("roles-by-id", existing.id)
        context.api.put(path, without(body, "composites"))
        if existing.representation["composites"] and not body["composites"]:
            composites = path + "/composites"
            context.api.delete(composites, context.api.get(composites, list[dict[str, Any]]))

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(context.path("roles-by-id", existing.id))


def _label(role: representations.Role) -> str:
    return f"{role['name']} (of a client)" if role.get("clientRole") else str(role["name"])


KIND = RealmRole()
