"""
Groups that grant roles: Keycloak's own, and groups that come from a directory.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#GroupRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.changes.model import FieldChange
from orthgen.realm.admin import representations
from orthgen.realm.admin.many_requests import all_pages, at_a_time
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.group_keys import escaped, group_key, group_names, parent_key
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


# Keycloak's time for a list grows with the square of its groups (26.7.3: 5,000 groups in one list take minutes, in lists of
# 1,000 three seconds), above all where it counts the groups below each.
_GROUPS_PER_REQUEST = 500
_QUERY = {"briefRepresentation": "false", "subGroupsCount": "false"}


class Group(ResourceKind):
    """Groups by path. Only roles of the profile are declared; other roles of a group stay."""

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
        roles_by_path: dict[str, list[str]] = {}
        directories = {directory.alias for directory in sign_in_methods(deployment).directories}
        for alias in sorted(directories):
            # The directory's groups appear below it (directory mapper `groups`).
            roles_by_path[f"/{alias}"] = []
        for role in deployment.roles:
            for grant in role.grants:
                if grant.source == "group":
                    roles_by_path.setdefault("/" + grant.value.strip("/"), []).append(role.name)
                elif grant.source in directories:
                    path = f"/{grant.source}/{escaped(grant.value)}"
                    roles_by_path.setdefault(path, []).append(role.name)
        for path in sorted(_with_parents(roles_by_path)):
            role_names = sorted(roles_by_path.get(path, []))
            yield Resource(self.name, path, {"realmRoles": role_names}, because="roles")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        siblings: list[dict[str, Any]] = representation.setdefault("groups", [])
        *parents, name = names = group_names(resource.key)
        for parent in parents:
            siblings = {group["name"]: group for group in siblings}[parent]["subGroups"]
        roles = list(resource.fields["realmRoles"])
        siblings.append({"name": name, "path": f"/{'/'.join(names)}", "realmRoles": roles, "subGroups": []})

    def owner(self, address: Address) -> Address | None:
        parent = parent_key(address[2])
        return (self.name, "", parent) if parent else None

    def holder_paths(self, existing: ExistingObject) -> tuple[tuple[str, ...], ...]:
        return (("groups", existing.id, "members"),)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        paths = {resource.key for resource in context.desired} | {
            key for kind, _, key in context.owned if kind == self.name
        }
        parents = {parent_key(path) for path in paths} - {""}
        path = context.path("groups")
        groups = _listed(context, [path])
        # With `query-groups` alone, Keycloak answers a list without the hidden ones, and counts all.
        if not groups and context.api.get(context.path("groups", "count"), representations.Count)["count"]:
            raise context.not_shown("groups", path)
        while groups:
            for group in groups:
                roles = [name for name in group.get("realmRoles") or () if name in context.roles]
                representation = {**group, "realmRoles": roles}
                yield ExistingObject(self.name, group_key(group), representation, id=group["id"])
            parent_groups = [group for group in groups if group_key(group) in parents]
            # Each path is read once, whatever a server lists below it.
            parents -= {group_key(group) for group in parent_groups}
            groups = _listed(
                context, [context.path("groups", group["id"], "children") for group in parent_groups]
            )

    def create(self, context: WriteContext, resource: Resource) -> None:
        parent, name = parent_key(resource.key), group_names(resource.key)[-1]
        if parent:
            path = context.path("groups", context.id_of(self.name, parent), "children")
        else:
            path = context.path("groups")
        identifier = context.create(path, {"name": name})
        context.register_id(resource.address, identifier)
        self._grant(context, identifier, set(), resource)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        self._grant(context, existing.id, set(existing.representation["realmRoles"]), resource)

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(context.path("groups", existing.id))

    def grants(self, existing: ExistingObject) -> tuple[FieldChange, ...]:
        roles = existing.representation["realmRoles"]
        return (FieldChange("realmRoles", roles, []),) if roles else ()

    def release(self, context: WriteContext, existing: ExistingObject) -> None:
        roles = existing.representation["realmRoles"]
        if roles:
            context.api.delete(
                context.path("groups", existing.id, "role-mappings", "realm"), context.roles(roles)
            )

    def _grant(self, context: WriteContext, group: str, before: set[str], resource: Resource) -> None:
        path = context.path("groups", group, "role-mappings", "realm")
        declared = set(resource.fields["realmRoles"])
        if declared - before:
            context.api.post(path, context.roles(sorted(declared - before)))
        if before - declared:
            context.api.delete(path, context.roles(sorted(before - declared)))


def _listed(context: ReadContext, paths: list[str]) -> list[representations.Group]:
    """Every group of several lists, in pages."""

    def listed(path: str) -> list[representations.Group]:
        return all_pages(context.api, path, representations.Group, page=_GROUPS_PER_REQUEST, **_QUERY)

    return [group for groups in at_a_time(listed, paths) for group in groups]


def _with_parents(paths: dict[str, list[str]]) -> set[str]:
    all_paths = set(paths)
    for path in paths:
        while path := parent_key(path):
            all_paths.add(path)
    return all_paths


KIND = Group()
