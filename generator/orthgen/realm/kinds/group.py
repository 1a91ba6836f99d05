"""
Groups that grant roles: Keycloak's own, and those that a directory's groups become.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#GroupRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.changes.model import FieldChange
from orthgen.realm.admin import representations
from orthgen.realm.fields import Fields
from orthgen.realm.kinds.base import Existing, ResourceKind
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.snapshot import Look
    from orthgen.realm.write_context import Writer


_ALL = 100_000


class Group(ResourceKind):
    """Groups by path. Roles of ours that a group holds are declared; what else it holds is left alone."""

    name = "group"
    independent = False
    # GroupRepresentation, Keycloak 26.2 to 26.7.
    undeclared = Fields(
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
        directories = {directory.alias for directory in sign_ins(deployment).directories}
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

    def read(self, look: Look) -> Iterator[Existing]:
        paths = {resource.key for resource in look.wanted} | {
            key for kind, _, key in look.owned if kind == self.name
        }
        parents = {path.rpartition("/")[0] for path in paths} - {""}
        page = {"briefRepresentation": "false", "first": 0, "max": _ALL}
        listed = look.verbs.get(look.path("groups"), list[representations.Group], **page)
        while listed:
            for group in listed:
                held = [name for name in group.get("realmRoles") or () if name in look.roles]
                yield Existing(self.name, group["path"], {**group, "realmRoles": held}, id=group["id"])
            deeper = [group for group in listed if group["path"] in parents]
            # Each path is gone down once, whatever a server lists below it.
            parents -= {group["path"] for group in deeper}
            below = look.get_all(
                [look.path("groups", group["id"], "children") for group in deeper],
                list[representations.Group],
                **page,
            )
            listed = [child for children in below for child in children]

    def create(self, writer: Writer, resource: Resource) -> None:
        parent, _, name = resource.key.rpartition("/")
        if parent:
            path = writer.path("groups", writer.id_of(self.name, parent), "children")
        else:
            path = writer.path("groups")
        identifier = writer.create(path, {"name": name})
        writer.made(resource.address, identifier)
        self._grant(writer, identifier, set(), resource)

    def update(self, writer: Writer, existing: Existing, resource: Resource) -> None:
        self._grant(writer, existing.id, set(existing.representation["realmRoles"]), resource)

    def delete(self, writer: Writer, existing: Existing) -> None:
        writer.verbs.delete(writer.path("groups", existing.id))

    def grants(self, existing: Existing) -> tuple[FieldChange, ...]:
        held = existing.representation["realmRoles"]
        return (FieldChange("realmRoles", held, []),) if held else ()

    def release(self, writer: Writer, existing: Existing) -> None:
        held = existing.representation["realmRoles"]
        if held:
            writer.verbs.delete(
                writer.path("groups", existing.id, "role-mappings", "realm"), writer.roles(held)
            )

    def _grant(self, writer: Writer, group: str, before: set[str], resource: Resource) -> None:
        path = writer.path("groups", group, "role-mappings", "realm")
        wanted = set(resource.fields["realmRoles"])
        if wanted - before:
            writer.verbs.post(path, writer.roles(sorted(wanted - before)))
        if before - wanted:
            writer.verbs.delete(path, writer.roles(sorted(before - wanted)))


def _with_parents(paths: dict[str, list[str]]) -> set[str]:
    found = set(paths)
    for path in paths:
        parts = path.strip("/").split("/")
        found.update("/" + "/".join(parts[:depth]) for depth in range(1, len(parts)))
    return found


KIND = Group()
