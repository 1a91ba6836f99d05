"""The addresses that an administrator of an identity provider registers for Keycloak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.secrets_readme import ProviderAddresses
from orthgen.profile.identity import EntraId, Oidc, Saml
from orthgen.profile.issuers import known_endpoints
from orthgen.realm.sign_in_methods import sign_in_methods

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import BrokeredProvider


def provider_addresses(deployment: Deployment) -> tuple[ProviderAddresses, ...]:
    """The addresses at each OpenID Connect provider; a SAML provider reads them in Keycloak's descriptor."""
    if deployment.profile.identity.keycloak.manage != "everything":
        return ()
    realm = f"{deployment.addresses.keycloak_public}realms/{deployment.profile.identity.realm}"
    return tuple(
        ProviderAddresses(
            provider.alias,
            f"{realm}/broker/{provider.alias}/endpoint",
            f"{realm}/broker/{provider.alias}/endpoint/logout_response"
            if _signs_out(provider.settings)
            else None,
        )
        for provider in sign_in_methods(deployment).brokered
        if not isinstance(provider.settings, Saml)
    )


def _signs_out(settings: BrokeredProvider) -> bool:
    """Whether a sign-out here leads to the provider, which ends its own session."""
    if isinstance(settings, Oidc):
        endpoints = settings.endpoints or known_endpoints(settings.issuer)
        return endpoints is not None and endpoints.logout is not None
    return isinstance(settings, EntraId)
