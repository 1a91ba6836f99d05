"""Who signs people in: the auth-service's variables, the realms, and the clients that others use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from orthgen.catalogue import at_least
from orthgen.diagnosis.facts.containers import is_true, version
from orthgen.findings import Location
from orthgen.formats.loose_values import as_list, mapping, mappings
from orthgen.formats.yaml_io import Document, Path
from orthgen.observed.model import AuthService, ObservedDeployment, Orthanc
from orthgen.observed.recording_model import ObservedToken
from orthgen.secret_detection import PLACEHOLDER

# Defaults of the auth-service (26.4.1, app.py).
KEYCLOAK_URI = "http://keycloak:8080/realms/orthanc/"
KEYCLOAK_ADMIN_URI = "http://keycloak:8080/admin/realms/orthanc/"
# The permissions of the auth-service (26.4.1, models.py).
PERMISSIONS = (
    "all",
    "view",
    "download",
    "delete",
    "send",
    "modify",
    "anonymize",
    "upload",
    "q-r-remote-modalities",
    "settings",
    "api-view",
    "edit-labels",
    "admin-permissions",
    "audit-logs",
    "worklists",
    "share",
)
_REALM_OF_URI = re.compile(r"/realms/(?P<realm>[^/?#]+)")


class Client(Struct, frozen=True):
    """A client of a realm, with the realm and its position there."""

    realm: Document
    index: int
    representation: Mapping[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        return self.representation.get(key, default)

    def listed(self, key: str) -> list[Any]:
        """A value of the client that should be a list."""
        return as_list(self.representation.get(key))

    def attribute(self, name: str) -> Any:
        """An attribute of the client; None where it has none of that name."""
        return mapping(self.representation.get("attributes")).get(name)

    def place(self, *path: str | int) -> Location:
        """The place of a part of the client, else of its nearest part that exists."""
        return self.realm.locate(("clients", self.index, *path))


class UsedClient(Struct, frozen=True):
    """A name of a client that a part of the deployment signs people in by, and the place that says so."""

    name: str
    user: str
    """Who uses it: `Orthanc Explorer 2` or `OHIF`."""
    realm: str
    location: Location
    realm_location: Location


def realms(deployment: ObservedDeployment) -> Iterator[Document]:
    """Every realm whose export was read."""
    for keycloak in deployment.keycloaks:
        for realm in keycloak.realms:
            if isinstance(realm.value, Mapping):
                yield realm


def realm_named(deployment: ObservedDeployment, name: str) -> Document | None:
    """The realm of that name."""
    return next((realm for realm in realms(deployment) if realm.value.get("realm") == name), None)


def mappings_at(realm: Document, *path: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings of a list in a realm, each with its position; empty where there is no such list."""
    value: Any = realm.value
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return mappings(value)


class Mapper(Struct, frozen=True):
    """A mapper of an identity provider or of a directory, with the configuration of what it belongs to."""

    name: str
    kind: str
    path: Path
    """The path of its configuration."""
    config: Mapping[str, Any]
    provider: Mapping[str, Any]
    """The configuration of the provider."""
    provider_id: str


_ROLE_MAPPER = re.compile(
    r"role-idp-mapper|saml-role-idp-mapper|saml-advanced-role-idp-mapper|hardcoded-ldap-role"
)
_LDAP = "org.keycloak.storage.UserStorageProvider"
_LDAP_MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"


def role_mappers(realm: Document) -> Iterator[Mapper]:
    """The mappers of identity providers that give roles."""
    providers = {str(item.get("alias")): item for _, item in mappings_at(realm, "identityProviders")}
    for index, mapper in mappings_at(realm, "identityProviderMappers"):
        kind = str(mapper.get("identityProviderMapper"))
        if _ROLE_MAPPER.search(kind):
            provider = providers.get(str(mapper.get("identityProviderAlias")), {})
            yield _mapper(mapper, ("identityProviderMappers", index, "config"), provider, kind)


def directories(deployment: ObservedDeployment) -> Iterator[Location]:
    """The places of the directories (LDAP) in the realms."""
    for realm in realms(deployment):
        for index, provider in mappings_at(realm, "components", _LDAP):
            if provider.get("providerId") == "ldap":
                yield realm.locate(("components", _LDAP, index))


def ldap_mappers(realm: Document) -> Iterator[Mapper]:
    """The mappers of directories."""
    for index, provider in mappings_at(realm, "components", _LDAP):
        below: Path = ("components", _LDAP, index, "subComponents", _LDAP_MAPPER)
        mappers = as_list(mapping(provider.get("subComponents")).get(_LDAP_MAPPER))
        for position, mapper in enumerate(map(mapping, mappers)):
            yield _mapper(mapper, (*below, position, "config"), provider, str(mapper.get("providerId")))


def _mapper(mapper: Mapping[str, Any], path: Path, provider: Mapping[str, Any], kind: str) -> Mapper:
    config, outer = mapping(mapper.get("config")), mapping(provider.get("config"))
    return Mapper(str(mapper.get("name")), kind, path, config, outer, str(provider.get("providerId") or ""))


def seen_tokens(deployment: ObservedDeployment) -> Iterator[ObservedToken]:
    """The access tokens of Keycloak's that were seen, each once; no links, no tokens of other providers."""
    tokens = [*deployment.tokens, *(token for exchange in deployment.exchanges for token in exchange.tokens)]
    for token in {token.location: token for token in tokens}.values():
        if "/realms/" in str(token.claims.get("iss", "")) and token.claims.get("typ", "Bearer") == "Bearer":
            yield token


def client(realm: Document, client_id: str) -> Client | None:
    """The client of a realm by its id."""
    return next(
        (
            Client(realm, index, item)
            for index, item in mappings_at(realm, "clients")
            if item.get("clientId") == client_id
        ),
        None,
    )


def used_clients(deployment: ObservedDeployment) -> Iterator[UsedClient]:
    """The clients by which browsers sign people in."""
    for orthanc in deployment.orthancs:
        values = orthanc.settings.get("OrthancExplorer2", "Keycloak")
        path: Path = ("OrthancExplorer2", "Keycloak")
        if isinstance(values, Mapping) and is_true(values.get("Enable")) and values.get("ClientId"):
            yield UsedClient(
                str(values["ClientId"]),
                "Orthanc Explorer 2",
                str(values.get("Realm", "")),
                orthanc.settings.locate((*path, "ClientId")),
                orthanc.settings.locate((*path, "Realm")),
            )
    for ohif in deployment.ohifs:
        entry = ohif.settings.get("oidc", 0)
        if isinstance(entry, Mapping) and entry.get("client_id"):
            yield UsedClient(
                str(entry["client_id"]),
                "OHIF",
                realm_of(str(entry.get("authority", ""))),
                ohif.settings.locate(("oidc", 0, "client_id")),
                ohif.settings.locate(("oidc", 0, "authority")),
            )


def browser_clients(deployment: ObservedDeployment) -> Iterator[tuple[UsedClient, Client]]:
    """The clients by which browsers sign people in, where the realm has them."""
    for used in used_clients(deployment):
        for realm in realms(deployment):
            found = client(realm, used.name)
            if found is not None and (not used.realm or realm.value.get("realm") == used.realm):
                yield used, found


def realm_of(uri: str) -> str:
    """The realm in an address of Keycloak's; empty where there is none."""
    match = _REALM_OF_URI.search(uri)
    return match["realm"] if match else ""


def realm_roles(realm: Document) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """The realm roles of an export, by name, each with its position."""
    return {str(item.get("name")): (index, item) for index, item in mappings_at(realm, "roles", "realm")}


def groups(realm: Document) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every group of a realm, the nested ones too, with its path in the file."""

    def below(path: Path, entries: Sequence[Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        for index, group in enumerate(entries):
            if isinstance(group, Mapping):
                yield (*path, index), group
                yield from below((*path, index, "subGroups"), as_list(group.get("subGroups")))

    yield from below(("groups",), as_list(realm.value.get("groups")))


def permission_roles(auth_service: AuthService) -> Mapping[str, Any]:
    """The roles of permissions.json, by name; empty where the file was not read."""
    document = auth_service.permissions
    return {} if document is None else mapping(mapping(document.value).get("roles"))


def permissions_of(auth_service: AuthService, role: str) -> list[str]:
    """The permissions of a role of permissions.json."""
    entry = permission_roles(auth_service).get(role)
    values = entry.get("permissions") if isinstance(entry, Mapping) else entry
    return [str(value) for value in values] if isinstance(values, list) else []


def labels_of(auth_service: AuthService, role: str) -> list[str] | None:
    """The labels that a role of permissions.json is limited to; None where the old form of a role has none."""
    entry = permission_roles(auth_service).get(role)
    if not isinstance(entry, Mapping):
        return None
    values = entry.get("authorized-labels", entry.get("authorized_labels"))
    return [str(value) for value in values] if isinstance(values, list) else []


def limited_roles(auth_service: AuthService) -> list[str]:
    """The roles that see the studies of some labels only."""
    return [
        role
        for role in permission_roles(auth_service)
        if (labels := labels_of(auth_service, role)) is not None and labels and "*" not in labels
    ]


def uses_keycloak(auth_service: AuthService) -> bool | None:
    """Whether an auth-service takes users from Keycloak; None where its container is not known."""
    if auth_service.service is None:
        return None
    return auth_service.service.variable("ENABLE_KEYCLOAK") == "true"


def users(auth_service: AuthService) -> Mapping[str, Any] | None:
    """The names and passwords of `USERS`; None where it is not set, or set by a variable that is not known."""
    service = auth_service.service
    if (
        service is not None
        and service.environment.has("ORTHANC_USER")
        and not service.environment.has("USERS")
    ):
        # The entry point that `orthgen render` writes makes USERS of this name and of a secret.
        return {str(service.environment.get("ORTHANC_USER")): PLACEHOLDER}
    value = service.environment.get("USERS") if service is not None else None
    if isinstance(value, Mapping):
        return value
    try:
        parsed = json.loads(str(value)) if value is not None else None
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, Mapping) else None


def auth_service_of(deployment: ObservedDeployment, orthanc: Orthanc) -> AuthService | None:  # noqa: ARG001 - one so far
    """The auth-service that an Orthanc asks: the only one of the deployment."""
    return deployment.auth_services[0] if len(deployment.auth_services) == 1 else None


def auth_service_is_at_least(auth_service: AuthService, needed: str) -> bool:
    """Whether an auth-service is known to be this version or newer."""
    has = version(auth_service.service) or auth_service.release
    return bool(has) and at_least(has, needed)
