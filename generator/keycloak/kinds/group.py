"""
Groups that grant roles: Keycloak's own, and those that a directory's groups become.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#GroupRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.keycloak.kinds.base import ResourceKind
from generator.keycloak.resource import Representation, Resource
from generator.keycloak.signin import sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.deployment.model import Deployment


class Group(ResourceKind):
    """Groups by path. Roles of ours that a group holds are declared; what else it holds is left alone."""

    name = "group"

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
            siblings = next(group for group in siblings if group["name"] == parent)["subGroups"]
        roles = list(resource.fields["realmRoles"])
        siblings.append({"name": name, "path": resource.key, "realmRoles": roles, "subGroups": []})


def _with_parents(paths: dict[str, list[str]]) -> set[str]:
    found = set(paths)
    for path in paths:
        parts = path.strip("/").split("/")
        found.update("/" + "/".join(parts[:depth]) for depth in range(1, len(parts)))
    return found


KIND = Group()
