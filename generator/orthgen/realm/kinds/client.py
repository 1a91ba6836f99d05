"""
Clients: Orthanc Explorer 2, viewers with a sign-in of their own, and the auth-service.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#ClientRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.formats.merging import merged
from orthgen.realm.admin import representations
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind, without
from orthgen.realm.resource import Representation, Resource, SecretUse
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

_SCOPE_LISTS = {
    "defaultClientScopes": "default-client-scopes",
    "optionalClientScopes": "optional-client-scopes",
}


# ClientRepresentation, Keycloak 26.2 to 26.7; the values are those of a client that the admin API makes.
_OLD = "a name that Keycloak no longer reads"
_FIELDS = UndeclaredFields(
    watched={
        "adminUrl": "",
        "alwaysDisplayInConsole": False,
        "authenticationFlowBindingOverrides": {},
        "authorizationServicesEnabled": False,
        "baseUrl": "",
        "bearerOnly": False,
        "clientAuthenticatorType": "client-secret",
        "consentRequired": False,
        "frontchannelLogout": False,
        "notBefore": 0,
        "redirectUris": [],
        "rootUrl": "",
        "surrogateAuthRequired": False,
        "webOrigins": [],
        # Keycloak and its admin console write these into every client.
        "attributes": {
            "backchannel.logout.session.required": "true",
            "post.logout.redirect.uris": "+",
            "use.refresh.tokens": "true",
        },
    },
    ignored={
        "access": "the administrator's own rights",
        "attributes.client.secret.creation.time": "when a secret was made",
        "authorizationSettings": "come with `authorizationServicesEnabled`, which is watched",
        "attributes.realm_client": "Keycloak's own",
        "clientId": "the key",
        "clientTemplate": _OLD,
        "defaultRoles": _OLD,
        "description": "a text for administrators",
        "directGrantsOnly": _OLD,
        "id": "Keycloak's own",
        "name": "a text for people",
        "nodeReRegistrationTimeout": "for clusters of adapters, which we have none of",
        "origin": "where the admin API found the client",
        "protocolMappers": "the kind `protocol mapper` has them",
        "registeredNodes": "for clusters of adapters, which we have none of",
        "registrationAccessToken": "never answered",
        "secret": "never compared; a public client has none",
        "type": "computed by Keycloak",
        "useTemplateConfig": _OLD,
        "useTemplateMappers": _OLD,
        "useTemplateScope": _OLD,
    },
    closed=frozenset({"attributes", "authenticationFlowBindingOverrides"}),
)


class Client(ResourceKind):
    """The profile's clients."""

    name = "client"
    precious = True
    built_in = frozenset(
        {"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}
    )
    adopted_on_request = True
    undeclared = _FIELDS

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        for key, fields in sign_in_clients(deployment):
            yield Resource(self.name, key, fields, because="institution")
        if deployment.needs_admin_client:
            yield Resource(
                self.name,
                naming.AUTH_SERVICE_CLIENT,
                _auth_service(),
                because=_admin_client_reason(deployment),
            )
        elif deployment.profile.identity.keycloak.manage == "everything":
            yield Resource(self.name, naming.AUTH_SERVICE_CLIENT, _switched_off(), because="identity")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        client = {"clientId": resource.key, **dict(resource.fields)}
        representation.setdefault("clients", []).append(client)

    def is_recorded(self, key: str) -> bool:
        # Keycloak creates this client with every realm.
        return key != naming.AUTH_SERVICE_CLIENT

    def is_built_in(self, existing: ExistingObject) -> bool:
        # The realm `master` has a client for each realm.
        represents_realm = existing.representation.get("attributes", {}).get("realm_client") == "true"
        return represents_realm or super().is_built_in(existing)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        path = context.path("clients")
        clients = context.api.get(path, list[representations.Client])
        if not any(client["clientId"] in self.built_in for client in clients):
            # With `query-clients` alone, Keycloak answers a list without the hidden ones.
            raise context.not_shown("clients", path)
        for client in clients:
            # Keycloak sends secrets to administrators who may manage clients; only their existence is compared.
            hidden = {"secret": "*" if client.get("secret") else ""}
            yield ExistingObject(self.name, client["clientId"], {**client, **hidden}, id=client["id"])

    def create(self, context: WriteContext, resource: Resource) -> None:
        body = {"clientId": resource.key, **context.fields(resource, create=True)}
        context.register_id(resource.address, context.create(context.path("clients"), body))

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        declared = context.fields(resource)
        # The existing secret is hidden. Mappers are a kind of their own; scopes need requests of their own.
        kept = without(self.existing_fields(context, existing, resource), "secret", "protocolMappers")
        body = without(merged(kept, declared), *_SCOPE_LISTS)
        path = context.path("clients", existing.id)
        context.api.put(path, body)
        current = existing.representation
        if current.get("protocol", body.get("protocol")) != body.get("protocol"):
            # Keycloak gives the client the shared scopes of the other protocol.
            current = dict(context.api.get(path, representations.Client))
        for name, segment in _SCOPE_LISTS.items():
            before = set(current.get(name) or ())
            if declared.get("serviceAccountsEnabled") and name == "defaultClientScopes":
                # Keycloak adds this scope of its own where a service account is switched on.
                before.add("service_account")
            _put_scopes(context, existing, segment, before, declared.get(name, sorted(before)))

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(context.path("clients", existing.id))


def _put_scopes(
    context: WriteContext, existing: ExistingObject, segment: str, before: set[str], desired: list[str]
) -> None:
    for name in sorted(before ^ set(desired)):
        scope = context.client_scope(name)
        if not scope:
            continue  # a realm without this scope of Keycloak's: the next plan reports it
        path = context.path("clients", existing.id, segment, scope)
        if name in before:
            context.api.delete(path)
        else:
            context.api.put(path, {})


def sign_in_clients(deployment: Deployment) -> Iterator[tuple[str, dict[str, Any]]]:
    """The clients for people's sign-in, with their declared fields."""
    explorer = deployment.origin.url + deployment.addresses.explorer_path
    # Explorer 2 returns to the page of the sign-in, with its query (keycloak-js sends the complete address; real paths
    # since 1.13, `#/` before). So every address below its application is a redirect URI, and no other.
    yield (
        naming.ORTHANC_CLIENT,
        _public(deployment, "Orthanc Explorer 2", explorer, (explorer + "*",), (explorer + "*",)),
    )
    for viewer in deployment.viewers:
        if (client := viewer.client) is not None:
            fields = _public(deployment, viewer.title, client.home, client.redirect_uris, client.logout_uris)
            yield client.id, fields


def _public(
    deployment: Deployment, title: str, home: str, redirects: tuple[str, ...], after_logout: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "name": title,
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": True,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "consentRequired": False,
        # Only the profile's roles reach the token, by the scope mappings.
        "fullScopeAllowed": False,
        "baseUrl": home,
        "redirectUris": list(redirects),
        "webOrigins": [deployment.origin.url],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": "##".join(after_logout),
            "access.token.signed.response.alg": "RS256",
            "oauth2.device.authorization.grant.enabled": "false",
            "oidc.ciba.grant.enabled": "false",
        },
        # No shared scope, because a mapper that others add to a scope would reach these tokens.
        "defaultClientScopes": [],
        "optionalClientScopes": [],
    }


_ADMIN_CLI_ATTRIBUTES = {
    # Keycloak's own value for this client (26.2.5 to 26.7.3) is "true", which keeps the roles out of its token.
    "client.use.lightweight.access.token.enabled": "false",
    "oauth2.device.authorization.grant.enabled": "false",
}


def _auth_service() -> dict[str, Any]:
    return {
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        # The client signs in only itself: its token carries the roles of its service account.
        "fullScopeAllowed": True,
        "clientAuthenticatorType": "client-secret",
        "secret": SecretUse(naming.KEYCLOAK_CLIENT_SECRET, "value"),
        "attributes": dict(_ADMIN_CLI_ATTRIBUTES),
        "defaultClientScopes": [],
        "optionalClientScopes": [],
    }


def _switched_off() -> dict[str, Any]:
    """Keycloak's client for its command line, switched off: it would allow password guessing."""
    return {
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": True,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "fullScopeAllowed": False,
        "attributes": dict(_ADMIN_CLI_ATTRIBUTES),
        "defaultClientScopes": [],
        "optionalClientScopes": [],
    }


def _admin_client_reason(deployment: Deployment) -> str:
    return "identity.api-keys" if deployment.profile.identity.api_keys else "identity.permission-editor"


KIND = Client()
