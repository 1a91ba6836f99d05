"""
Groups that grant roles: Keycloak's own, and groups that come from a directory.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#GroupRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.changes.model import FieldChange
from orthgen.realm.admin import representations
from orthgen.realm.fields import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.ownership import Address
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


_MAX_GROUPS = 100_000


class Group(ResourceKind):
    """Groups by path. Roles of ours that a group holds are declared; what else it holds is left alone."""

    name = "group"
    reads = ("realm role",)
    holder_note = "{} in it"
    independent = False
    # GroupRepresentation, Keycloak 26.2 to 26.7.
    undeclared = UndeclaredFields(
        ignored={
            "access": "the administrator's own rights",
            "attributes": "notes, which grant nothing",
            "clientRoles": "roles of other applications are theirs",
            "description": "a text for administrators",
            "id": "Keycloak's own",
            "name": "the last part of the key",
            "parentId": "the key names it",
            "path": "the key",
            "subGroupCount": "each group is an object of its own",
            "subGroups": "each group is an object of its own",
        }
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        granted: dict[str, list[str]] = {}
        directories = {directory.alias for directory in sign_in_methods(deployment).directories}
        for alias in sorted(directories):
            # The directory's groups appear below it (directory mapper `groups`).
            granted[f"/{alias}"] = []
        for role in deployment.roles:
            for grant in role.grants:
                if grant.source == "group":
                    granted.setdefault("/" + grant.value.strip("/"), []).append(role.name)
                elif grant.source in directories:
                    granted.setdefault(f"/{grant.source}/{grant.value}", []).append(role.name)
        for path in sorted(_with_parents(granted)):
            roles = sorted(granted.get(path, []))
            yield Resource(self.name, path, {"realmRoles": roles}, because="roles")

    def place(self, representation: Representation, resource: Resource) -> None:
        siblings: list[dict[str, Any]] = representation.setdefault("groups", [])
        *parents, name = resource.key.strip("/").split("/")
        for parent in parents:
            siblings = {group["name"]: group for group in siblings}[parent]["subGroups"]
        roles = list(resource.fields["realmRoles"])
        siblings.append({"name": name, "path": resource.key, "realmRoles": roles, "subGroups": []})

    def owner(self, address: Address) -> Address | None:
        above = address[2].rpartition("/")[0]
        return (self.name, "", above) if above else None

    def holder_paths(self, existing: ExistingObject) -> tuple[tuple[str, ...], ...]:
        return (("groups", existing.id, "members"),)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        paths = {resource.key for resource in context.desired} | {
            key for kind, _, key in context.owned if kind == self.name
        }
        parents = {path.rpartition("/")[0] for path in paths} - {""}
        page = {"briefRepresentation": "false", "first": 0, "max": _MAX_GROUPS}
        listed = context.api.get(context.path("groups"), list[representations.Group], **page)
        while listed:
            for group in listed:
                held = [name for name in group.get("realmRoles") or () if name in context.roles]
                yield ExistingObject(self.name, group["path"], {**group, "realmRoles": held}, id=group["id"])
            deeper = [group for group in listed if group["path"] in parents]
            # Each path is gone down once, whatever a server lists below it.
            parents -= {group["path"] for group in deeper}
            below = context.get_all(
                [context.path("groups", group["id"], "children") for group in deeper],
                list[representations.Group],
                **page,
            )
            listed = [child for children in below for child in children]

    def create(self, context: WriteContext, resource: Resource) -> None:
        parent, _, name = resource.key.rpartition("/")
        if parent:
            path = context.path("groups", context.id_of(self.name, parent), "children")
        else:
            path = context.path("groups")
        identifier = context.create(path, {"name": name})
        context.made(resource.address, identifier)
        self._grant(context, identifier, set(), resource)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        self._grant(context, existing.id, set(existing.representation["realmRoles"]), resource)

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(context.path("groups", existing.id))

    def grants(self, existing: ExistingObject) -> tuple[FieldChange, ...]:
        held = existing.representation["realmRoles"]
        return (FieldChange("realmRoles", held, []),) if held else ()

    def release(self, context: WriteContext, existing: ExistingObject) -> None:
        held = existing.representation["realmRoles"]
        if held:
            context.api.delete(
                context.path("groups", existing.id, "role-mappings", "realm"), context.roles(held)
            )

    def _grant(self, context: WriteContext, group: str, before: set[str], resource: Resource) -> None:
        path = context.path("groups", group, "role-mappings", "realm")
        wanted = set(resource.fields["realmRoles"])
        if wanted - before:
            context.api.post(path, context.roles(sorted(wanted - before)))
        if before - wanted:
            context.api.delete(path, context.roles(sorted(before - wanted)))


def _with_parents(paths: dict[str, list[str]]) -> set[str]:
    found = set(paths)
    for path in paths:
        parts = path.strip("/").split("/")
        found.update("/" + "/".join(parts[:depth]) for depth in range(1, len(parts)))
    return found


KIND = Group()
