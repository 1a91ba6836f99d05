"""
Types of Keycloak's answers, for the members that are read by name. Each answer is checked once.

After the check a declared member exists and has its type; every other member of a representation is only compared and
sent back. A member is declared here when a kind reads it.
https://www.keycloak.org/docs-api/latest/rest-api/index.html
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, NotRequired, TypedDict, TypeVar

import msgspec

# No representation of Keycloak's is nested as deeply; what walks through an answer later may rely on it.
_MAX_DEPTH = 64

T = TypeVar("T")

# An id becomes a segment of a path: there is one, and it leads nowhere else.
Id = Annotated[str, msgspec.Meta(pattern=r"^(?!\.{0,2}$)")]


class Unreadable(Exception):
    """An answer is not what it should be; says where and what was expected, and nothing of what it holds."""


class RoleRef(TypedDict):
    """A role, of the realm or of a client."""

    id: Id
    name: str


class Role(RoleRef):
    """A role as lists of roles have it."""

    composite: NotRequired[bool]
    clientRole: NotRequired[bool]
    containerId: NotRequired[str]


class Realm(TypedDict):
    """A realm's settings."""

    realm: str
    id: NotRequired[Id]
    adminPermissionsEnabled: NotRequired[bool | None]
    attributes: NotRequired[dict[str, Any] | None]
    browserSecurityHeaders: NotRequired[dict[str, Any] | None]
    clientPolicies: NotRequired[dict[str, Any] | None]
    clientProfiles: NotRequired[dict[str, Any] | None]
    smtpServer: NotRequired[dict[str, Any] | None]
    defaultRole: NotRequired[RoleRef | None]
    browserFlow: NotRequired[str | None]
    resetCredentialsFlow: NotRequired[str | None]


class PublicRealm(TypedDict):
    """The public page of a realm."""

    realm: str
    public_key: str


class ProtocolMapper(TypedDict):
    """A protocol mapper of a client."""

    id: Id
    name: str
    config: NotRequired[dict[str, Any] | None]


class Client(TypedDict):
    """A client."""

    id: Id
    clientId: str
    secret: NotRequired[str | None]
    attributes: NotRequired[dict[str, Any]]
    authenticationFlowBindingOverrides: NotRequired[dict[str, Any] | None]
    serviceAccountsEnabled: NotRequired[bool]
    protocolMappers: NotRequired[list[ProtocolMapper] | None]
    defaultClientScopes: NotRequired[list[str] | None]
    optionalClientScopes: NotRequired[list[str] | None]


class ClientSecret(TypedDict):
    """The secret of a client."""

    value: str


class ClientScope(TypedDict):
    """A client scope."""

    id: Id
    name: str


class UserAttribute(TypedDict):
    """An attribute of the user profile."""

    name: str
    permissions: NotRequired[dict[str, list[str]] | None]


class UserProfile(TypedDict):
    """The user profile of a realm."""

    attributes: list[UserAttribute]
    unmanagedAttributePolicy: NotRequired[str | None]


class AccountRef(TypedDict):
    """An account of which the id is all that matters."""

    id: Id


class User(AccountRef):
    """An account."""

    username: str


class RoleMember(User):
    """An account that holds a role."""

    attributes: NotRequired[dict[str, list[str]] | None]


class FederatedIdentity(TypedDict):
    """The link of an account to a provider."""

    identityProvider: str


class ClientMappings(TypedDict):
    """The roles of one client that somebody holds, or that a client may ask for."""

    id: Id
    mappings: list[RoleRef]


class RoleMappings(TypedDict):
    """The roles that somebody holds, or that a client may ask for."""

    realmMappings: NotRequired[list[RoleRef] | None]
    clientMappings: NotRequired[dict[str, ClientMappings] | None]


class FlowStep(TypedDict):
    """A step as the list of flows has it."""

    requirement: str
    priority: NotRequired[int]
    authenticator: NotRequired[str | None]
    flowAlias: NotRequired[str | None]
    authenticatorConfig: NotRequired[str | None]


class Flow(TypedDict):
    """An authentication flow."""

    id: Id
    alias: Id
    builtIn: NotRequired[bool]
    authenticationExecutions: NotRequired[list[FlowStep] | None]


class Execution(TypedDict):
    """A step of one flow, with its place."""

    level: int
    requirement: str
    displayName: NotRequired[str]
    providerId: NotRequired[str]
    index: NotRequired[int]
    priority: NotRequired[int]
    authenticationFlow: NotRequired[bool | None]
    authenticationConfig: NotRequired[str | None]
    alias: NotRequired[str | None]
    flowId: NotRequired[Id | None]


class ExecutionConfig(TypedDict):
    """The settings of a step."""

    config: NotRequired[dict[str, str] | None]


class RequiredAction(TypedDict):
    """A required action."""

    alias: Id


class IdentityProvider(TypedDict):
    """An identity provider."""

    alias: Id
    config: NotRequired[dict[str, Any] | None]


class IdentityProviderMapper(TypedDict):
    """A mapper of an identity provider."""

    id: Id
    name: str
    identityProviderMapper: NotRequired[str]
    config: NotRequired[dict[str, Any] | None]


class Group(TypedDict):
    """A group."""

    id: Id
    name: str
    path: str
    parentId: NotRequired[str | None]
    realmRoles: NotRequired[list[str] | None]


class Count(TypedDict):
    """A number of groups."""

    count: int


class Component(TypedDict):
    """A component: a directory, a mapper of one, and much that does not concern us."""

    id: Id
    name: NotRequired[str | None]
    parentId: NotRequired[str | None]
    providerId: NotRequired[str | None]
    providerType: NotRequired[str | None]
    config: NotRequired[dict[str, Any] | None]


class TokenAnswer(TypedDict):
    """The token endpoint's answer (RFC 6749, 5.1)."""

    access_token: str
    expires_in: NotRequired[float]
    refresh_token: NotRequired[str | None]


class OauthError(TypedDict):
    """The token endpoint's error answer (RFC 6749, 5.2)."""

    error: str
    error_description: NotRequired[str | None]


class ProviderMetadata(TypedDict):
    """Metadata of an OpenID Connect provider (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: NotRequired[str | None]
    end_session_endpoint: NotRequired[str | None]


class Issuer(TypedDict):
    """The `issuer` member of a provider's metadata."""

    issuer: str


def read_answer(body: bytes, kind: type[T]) -> T:
    """The answer as a value of its declared type. Raises Unreadable where it has another form."""
    return checked(_read_json(body), kind)


def checked(value: Any, kind: type[T]) -> T:
    """`value` itself, checked against `kind`; members that `kind` does not declare stay in it."""
    try:
        msgspec.convert(value, kind)
    except msgspec.MsgspecError as error:
        # Speaks of types and of the members declared above.
        reason, _, position = str(error).partition(" - at ")
        raise Unreadable(f"{reason.lower()}{' at ' + position if position else ''}") from None
    result: T = value
    return result


def _read_json(body: bytes) -> Any:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Unreadable("it is not JSON, or incomplete") from None
    level = list(_containers([value]))
    for _ in range(_MAX_DEPTH):
        if not level:
            return value
        level = [inner for outer in level for inner in _containers(_members(outer))]
    raise Unreadable("it is nested too deeply")


def _containers(values: Iterable[Any]) -> Iterator[Any]:
    return (value for value in values if isinstance(value, (dict, list)))


def _members(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container
