"""
Directories: LDAP servers for sign-in with a directory password. Keycloak only reads them.

https://www.keycloak.org/docs/latest/server_admin/#_ldap
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.admin.api import OutcomeUnknown
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.resource import Representation, Resource, SecretUse
from orthgen.realm.sign_in_methods import flag, secret_through, sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import Ldap
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

STORAGE = "org.keycloak.storage.UserStorageProvider"
MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
CHILD = "component of a directory"

# user name, its RDN, the attribute that never changes, object classes
VENDORS = {
    "ad": ("sAMAccountName", "cn", "objectGUID", "person, organizationalPerson, user"),
    "rhds": ("uid", "uid", "nsuniqueid", "inetOrgPerson, organizationalPerson"),
    "other": ("uid", "uid", "entryUUID", "inetOrgPerson, organizationalPerson"),
}


# ComponentRepresentation, Keycloak 26.2 to 26.7.
COMPONENT_FIELDS = {
    "id": "Keycloak's own",
    "name": "the key",
    "parentId": "the parent",
    "subType": "directories and their mappers have none",
}


class Component(ResourceKind):
    """A kind whose objects are components of Keycloak."""

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        path = context.path("components", existing.id)
        context.api.put(path, self.update_body(context, existing, resource))

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(context.path("components", existing.id))


class Directory(Component):
    """The profile's LDAP user federations."""

    name = "directory"
    precious = True
    read_with_realm = True
    undeclared_note = "its people can sign in, and the profile does not name it"
    adopted_on_request = True
    undeclared = UndeclaredFields(
        watched={"config": {"connectionPooling": ["true"]}},
        ignored={
            **COMPONENT_FIELDS,
            "config.krbPrincipalAttribute": "for Kerberos, which is off",
            "config.lastSync": "when Keycloak read the directory last",
        },
        closed=frozenset({"config"}),
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        for position, directory in enumerate(sign_in_methods(deployment).directories):
            config = _config(directory.settings, position, deployment)
            fields = {"providerId": "ldap", "providerType": STORAGE, "config": config}
            yield Resource(self.name, directory.alias, fields, because=directory.because)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        components = representation.setdefault("components", {}).setdefault(STORAGE, [])
        fields = resource.fields
        components.append(
            {
                "name": resource.key,
                "providerId": fields["providerId"],
                "subComponents": {},
                "config": fields["config"],
            }
        )

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for component in context.api.get(context.path("components"), list[representations.Component]):
            # Of any type: people of a Kerberos server or of an extension can sign in, too.
            if component.get("providerType") == STORAGE:
                yield ExistingObject(
                    self.name, component.get("name") or "", dict(component), id=component["id"]
                )
            elif component.get("providerType") == MAPPER:
                # The kind of mappers reads these from the snapshot, because Keycloak has no list of mappers alone.
                parent = component.get("parentId") or ""
                yield ExistingObject(
                    CHILD, component.get("name") or "", dict(component), parent, component["id"]
                )

    def create(self, context: WriteContext, resource: Resource) -> None:
        realm = context.snapshot.realm
        parent = realm.get("id", "") if realm is not None else ""
        body = {"name": resource.key, "parentId": parent, **context.fields(resource, create=True)}
        try:
            identifier = context.create(context.path("components"), body)
        except OutcomeUnknown:
            components = [
                item
                for item in context.api.get(
                    context.path("components"), list[representations.Component], type=STORAGE
                )
                if item.get("name") == resource.key
            ]
            if not components:
                raise
            identifier = components[0]["id"]
        context.register_id(resource.address, identifier)
        # Keycloak gives a new directory default mappers; the profile declares all that it needs.
        path = context.path("components")
        for mapper in context.api.get(path, list[representations.Component], parent=identifier, type=MAPPER):
            context.api.delete(context.path("components", mapper["id"]))


def user_name_attribute(settings: Ldap) -> str:
    """The attribute that people sign in with."""
    return settings.user_name or VENDORS[settings.vendor][0]


def _config(settings: Ldap, position: int, deployment: Deployment) -> dict[str, Any]:
    _, rdn, unique, classes = VENDORS[settings.vendor]
    return {
        "enabled": ["true"],
        "priority": [str(position)],
        "editMode": ["READ_ONLY"],
        "importEnabled": ["true"],
        "syncRegistrations": ["false"],
        "vendor": [settings.vendor],
        "usernameLDAPAttribute": [user_name_attribute(settings)],
        "rdnLDAPAttribute": [rdn],
        "uuidLDAPAttribute": [unique],
        "userObjectClasses": [classes],
        "connectionUrl": [settings.url],
        "startTls": [flag(on=settings.start_tls)],
        "useTruststoreSpi": ["always"],
        "usersDn": [settings.users_dn],
        # Subtree: people are in organizational units below.
        "searchScope": ["2"],
        "authType": ["simple"],
        "bindDn": [settings.bind_dn],
        "bindCredential": [SecretUse(settings.bind_password.secret, secret_through(deployment))],
        # The directory's administrators set the addresses.
        "trustEmail": ["true"],
        "pagination": ["true"],
        "connectionTimeout": ["5000"],
        "readTimeout": ["10000"],
        # A person who left the directory loses the account; looked up at each sign-in, so no period is needed.
        "removeInvalidUsersEnabled": ["true"],
        "fullSyncPeriod": ["-1"],
        "changedSyncPeriod": ["-1"],
        "cachePolicy": ["DEFAULT"],
        "allowKerberosAuthentication": ["false"],
        "useKerberosForPasswordAuthentication": ["false"],
    }


KIND = Directory()
