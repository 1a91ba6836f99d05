"""
Directory mappers: LDAP attributes to user attributes, LDAP groups to groups.

Groups are read by their member attribute: by `memberOf`, Keycloak 26.2 and 26.3 lost roles (keycloak issue 41842).
https://www.keycloak.org/docs/latest/server_admin/#_ldap_mappers
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.directory import (
    CHILD,
    COMPONENT_FIELDS,
    MAPPER,
    STORAGE,
    Component,
    user_name_attribute,
)
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import DirectoryMethod, sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext


class DirectoryMapper(Component):
    """The mappers of the profile's directories, with the names of Keycloak's default mappers."""

    name = "directory mapper"
    parent = "directory"
    reads = ("directory",)
    undeclared = UndeclaredFields(
        watched={
            "config": {
                "attribute.force.default": ["true"],
                "memberof.ldap.attribute": ["memberOf"],
            }
        },
        ignored={
            **COMPONENT_FIELDS,
            "config.decode.group.uuid.attribute": "how a group's id is stored; 26.7 keeps `false` in older realms",
        },
        closed=frozenset({"config"}),
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        for directory in sign_in_methods(deployment).directories:
            for name, provider, config in _mappers(directory):
                fields = {
                    "providerId": provider,
                    "providerType": MAPPER,
                    "config": {key: [value] for key, value in config.items()},
                }
                yield Resource(self.name, name, fields, parent=directory.alias, because=directory.because)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        components = {item["name"]: item for item in representation["components"][STORAGE]}
        mappers = components[resource.parent]["subComponents"].setdefault(MAPPER, [])
        fields = resource.fields
        mappers.append(
            {
                "name": resource.key,
                "providerId": fields["providerId"],
                "subComponents": {},
                "config": fields["config"],
            }
        )

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        names = {directory.id: directory.key for directory in context.of_kind("directory")}
        for component in context.of_kind(CHILD):
            if component.parent in names:
                parent = names[component.parent]
                yield ExistingObject(self.name, component.key, component.representation, parent, component.id)

    def create(self, context: WriteContext, resource: Resource) -> None:
        parent = context.id_of("directory", resource.parent)
        body = {"name": resource.key, "parentId": parent, **context.fields(resource, create=True)}
        context.api.post(context.path("components"), body)


def _mappers(directory: DirectoryMethod) -> Iterator[tuple[str, str, dict[str, str]]]:
    settings = directory.settings
    attributes = {
        "username": (user_name_attribute(settings), "username", "true"),
        "first name": ("givenName", "firstName", "false"),
        "last name": ("sn", "lastName", "false"),
        "email": ("mail", "email", "false"),
    }
    for name, (source, target, mandatory) in attributes.items():
        yield (
            name,
            "user-attribute-ldap-mapper",
            {
                "ldap.attribute": source,
                "user.model.attribute": target,
                "read.only": "true",
                # A name or address that changes in the directory changes at the next sign-in.
                "always.read.value.from.ldap": "false" if mandatory == "true" else "true",
                "is.mandatory.in.ldap": mandatory,
            },
        )
    if settings.vendor == "ad":
        # Accounts that are disabled or whose password expired in Active Directory cannot sign in.
        yield "MSAD account controls", "msad-user-account-control-mapper", {}
    if settings.groups_dn is not None:
        yield "groups", "group-ldap-mapper", _groups(directory, settings.groups_dn)


def _groups(directory: DirectoryMethod, groups_dn: str) -> dict[str, str]:
    is_ad = directory.settings.vendor == "ad"
    return {
        "groups.dn": groups_dn,
        "group.name.ldap.attribute": "cn",
        "group.object.classes": "group" if is_ad else "groupOfNames",
        "membership.ldap.attribute": "member",
        "membership.attribute.type": "DN",
        "membership.user.ldap.attribute": user_name_attribute(directory.settings),
        "mode": "READ_ONLY",
        "user.roles.retrieve.strategy": "LOAD_GROUPS_BY_MEMBER_ATTRIBUTE",
        "preserve.group.inheritance": "false",
        "ignore.missing.groups": "true",
        "drop.non.existing.groups.during.sync": "false",
        # The groups of the profile hold the roles; they stand below the directory's name.
        "groups.path": f"/{directory.alias}",
    }


KIND = DirectoryMapper()
