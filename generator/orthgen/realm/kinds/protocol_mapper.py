"""
Protocol mappers: the claims that the auth-service needs in a token.

The auth-service needs `realm_access.roles` and `account` in `aud`, and reads `groups` where a token has them
(shares/keycloak.py, 23.9 to 26.4.1). The mappers belong to the profile's clients, which have no shared scope, so that
no change of the realm's client scopes can remove or add a claim.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#ProtocolMapperRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.kinds.client import Client, sign_in_clients
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

# For access tokens only: no page reads them from an ID token.
_WHERE = {
    "access.token.claim": "true",
    "id.token.claim": "false",
    "userinfo.token.claim": "false",
    "introspection.token.claim": "true",
}
_EVERYWHERE = {**_WHERE, "id.token.claim": "true", "userinfo.token.claim": "true"}
_MAPPERS: dict[str, tuple[str, dict[str, str]]] = {
    "realm roles": (
        "oidc-usermodel-realm-role-mapper",
        {"claim.name": "realm_access.roles", "jsonType.label": "String", "multivalued": "true", **_WHERE},
    ),
    # Without it `account` is an audience only of people who hold one of the account console's roles.
    "audience account": (
        "oidc-audience-mapper",
        {
            "included.client.audience": "account",
            "access.token.claim": "true",
            "id.token.claim": "false",
            "introspection.token.claim": "true",
        },
    ),
    # What every page and the auth-service want of a token, and Keycloak's shared scopes would give.
    "subject": ("oidc-sub-mapper", {"access.token.claim": "true", "introspection.token.claim": "true"}),
    "user name": (
        "oidc-usermodel-attribute-mapper",
        {
            "user.attribute": "username",
            "claim.name": "preferred_username",
            "jsonType.label": "String",
            **_EVERYWHERE,
        },
    ),
    "full name": ("oidc-full-name-mapper", _EVERYWHERE),
    "allowed origins": (
        "oidc-allowed-origins-mapper",
        {"access.token.claim": "true", "introspection.token.claim": "true"},
    ),
    # Keycloak itself adds `multivalued` at the first sign-in (26.7.3).
    "groups": (
        "oidc-group-membership-mapper",
        {"claim.name": "groups", "full.path": "true", "multivalued": "true", **_WHERE},
    ),
}
# The auth-service's own token: the roles of its account, for the admin API.
_SERVICE_MAPPERS: dict[str, tuple[str, dict[str, str]]] = {
    "subject": _MAPPERS["subject"],
    "client roles": (
        "oidc-usermodel-client-role-mapper",
        {
            "claim.name": "resource_access.${client_id}.roles",
            "jsonType.label": "String",
            "multivalued": "true",
            "access.token.claim": "true",
            "introspection.token.claim": "true",
        },
    ),
}


class ProtocolMapper(ResourceKind):
    """The mappers of the clients that people sign in through."""

    name = "protocol mapper"
    parent = "client"
    reads = ("client",)
    undeclared = UndeclaredFields(
        ignored={
            "consentRequired": "a name that Keycloak no longer reads",
            "consentText": "a name that Keycloak no longer reads",
            "id": "Keycloak's own",
            "name": "the key",
        },
        closed=frozenset({"config"}),
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for client, _ in sign_in_clients(deployment):
            for name, (mapper, config) in _MAPPERS.items():
                fields = {"protocol": "openid-connect", "protocolMapper": mapper, "config": config}
                yield Resource(self.name, name, fields, parent=client, because="roles")
        if deployment.needs_admin_client:
            for name, (mapper, config) in _SERVICE_MAPPERS.items():
                fields = {"protocol": "openid-connect", "protocolMapper": mapper, "config": config}
                yield Resource(self.name, name, fields, parent=naming.AUTH_SERVICE_CLIENT, because="identity")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        clients = {item["clientId"]: item for item in representation["clients"]}
        mappers = clients[resource.parent].setdefault("protocolMappers", [])
        mappers.append({"name": resource.key, **dict(resource.fields)})

    def is_built_in(self, existing: ExistingObject) -> bool:
        return existing.parent in Client.built_in

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for client in context.of_kind("client"):
            for mapper in client.representation.get("protocolMappers") or ():
                yield ExistingObject(self.name, mapper["name"], mapper, parent=client.key, id=mapper["id"])

    def create(self, context: WriteContext, resource: Resource) -> None:
        body = {"name": resource.key, **context.fields(resource, create=True)}
        context.api.post(self._path(context, resource.parent), body)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        path = f"{self._path(context, existing.parent)}/{existing.id}"
        context.api.put(path, self.update_body(context, existing, resource))

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(f"{self._path(context, existing.parent)}/{existing.id}")

    def _path(self, context: WriteContext, client: str) -> str:
        return context.path("clients", context.id_of("client", client), "protocol-mappers", "models")


KIND = ProtocolMapper()
