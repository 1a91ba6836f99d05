"""Sign-in methods of a profile by their form in Keycloak: identity providers, directories, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import Accounts, BrokeredProvider, Ldap


class ProviderMethod(Struct, frozen=True):
    """One identity provider; `because` is its key in the profile."""

    alias: str
    settings: BrokeredProvider
    because: str


class DirectoryMethod(Struct, frozen=True):
    """One LDAP directory; `because` is its key in the profile."""

    alias: str
    settings: Ldap
    because: str


class SignInMethods(Struct, frozen=True):
    """Every sign-in method, in the profile's order."""

    brokered: tuple[ProviderMethod, ...]
    directories: tuple[DirectoryMethod, ...]
    accounts: Accounts | None

    @property
    def links_by_email(self) -> bool:
        """Whether a provider links a first sign-in to an account by its e-mail address."""
        return any(provider.settings.link_by_email for provider in self.brokered)

    @property
    def shares_addresses(self) -> bool:
        """
        Whether two accounts may have one e-mail address.

        With several sources of people, an address does not identify a person: a successor may get it, or two providers
        may know it. Only where addresses link accounts, they have to be unique.
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
    """The path of a provider's secret to the realm: the deployment's own Keycloak has the vault, another gets the value."""
    return "vault" if deployment.has_own_keycloak else "value"


def flag(*, on: bool) -> str:
    """A boolean in the spelling of Keycloak's string maps."""
    return "true" if on else "false"
