"""The ways of signing in, sorted by what Keycloak makes of them: brokered providers, directories, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from generator.deployment.model import Deployment
    from generator.profile.identity import Accounts, EntraId, Ldap, Oidc, Saml


class Brokered(Struct, frozen=True):
    """One identity provider that Keycloak sends people to; `because` is its key in the profile."""

    alias: str
    settings: EntraId | Oidc | Saml
    because: str


class Directory(Struct, frozen=True):
    """One LDAP directory; `because` is its key in the profile."""

    alias: str
    settings: Ldap
    because: str


class SignIns(Struct, frozen=True):
    """Every way of signing in, in the profile's order."""

    brokered: tuple[Brokered, ...]
    directories: tuple[Directory, ...]
    accounts: Accounts | None


def sign_ins(deployment: Deployment) -> SignIns:
    """The ways of signing in that the profile names."""
    brokered: list[Brokered] = []
    directories: list[Directory] = []
    accounts = None
    for index, way in enumerate(deployment.profile.identity.sign_in):
        because = f"identity.sign-in.{index}.{way.kind}"
        provider = way.entra_id or way.oidc or way.saml
        if provider is not None:
            brokered.append(Brokered(way.alias, provider, because))
        elif way.ldap is not None:
            directories.append(Directory(way.alias, way.ldap, because))
        else:
            accounts = way.accounts
    return SignIns(tuple(brokered), tuple(directories), accounts)


def secret_through(deployment: Deployment) -> Literal["vault", "value"]:
    """How a provider's secret reaches the realm: by the vault of our own Keycloak, by value in another's."""
    return "vault" if deployment.has_own_keycloak else "value"


def flag(*, on: bool) -> str:
    """A truth value as Keycloak's string maps have it."""
    return "true" if on else "false"
