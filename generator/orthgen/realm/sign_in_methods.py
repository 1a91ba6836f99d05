"""Sign-in methods of a profile by their form in Keycloak: identity providers, directories, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import Accounts, BrokeredProvider, Ldap


class ProviderMethod(Struct, frozen=True):
    """One identity provider that Keycloak sends people to; `because` is its key in the profile."""

    alias: str
    settings: BrokeredProvider
    because: str


class DirectoryMethod(Struct, frozen=True):
    """One LDAP directory; `because` is its key in the profile."""

    alias: str
    settings: Ldap
    because: str


class SignInMethods(Struct, frozen=True):
    """Every method of signing in, in the profile's order."""

    brokered: tuple[ProviderMethod, ...]
    directories: tuple[DirectoryMethod, ...]
    accounts: Accounts | None

    @property
    def links_by_email(self) -> bool:
        """Whether a first sign-in through some provider joins an account by its e-mail address."""
        return any(provider.settings.link_by_email for provider in self.brokered)

    @property
    def shares_addresses(self) -> bool:
        """
        Whether two accounts may have one e-mail address.

        Where people come from several places, one address stands for nobody: it passes to a successor, comes back
        with a person who was made anew, or is known to two providers. Unless addresses link accounts, they are
        only something to write to.
        """
        places = len(self.brokered) + len(self.directories) + (self.accounts is not None)
        return not self.links_by_email and (bool(self.brokered) or places > 1)


def sign_in_methods(deployment: Deployment) -> SignInMethods:
    """The sign-in methods that the profile names."""
    brokered: list[ProviderMethod] = []
    directories: list[DirectoryMethod] = []
    accounts = None
    for index, method in enumerate(deployment.profile.identity.sign_in):
        because = f"identity.sign-in.{index}.{method.kind}"
        provider = method.brokered
        if provider is not None:
            brokered.append(ProviderMethod(method.alias, provider, because))
        elif method.ldap is not None:
            directories.append(DirectoryMethod(method.alias, method.ldap, because))
        else:
            accounts = method.accounts
    return SignInMethods(tuple(brokered), tuple(directories), accounts)


def secret_through(deployment: Deployment) -> Literal["vault", "value"]:
    """How a provider's secret reaches the realm: by the vault of our own Keycloak, by value in another's."""
    return "vault" if deployment.has_own_keycloak else "value"


def flag(*, on: bool) -> str:
    """A truth value as Keycloak's string maps have it."""
    return "true" if on else "false"
