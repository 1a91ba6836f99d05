"""
Identity providers: Microsoft Entra ID, Google, GitHub, other OpenID Connect providers, SAML.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#IdentityProviderRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.errors import OrthgenError
from orthgen.profile.identity import NAME_ID, EntraId, GitHub, Google, Oidc
from orthgen.profile.issuers import GOOGLE, GOOGLES_ENDPOINTS, is_keycloak, known_endpoints
from orthgen.realm.admin import representations
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.flows import after_provider_flow, first_sign_in_flow
from orthgen.realm.kinds.base import ResourceKind, without
from orthgen.realm.provider_roles import granted_role, take_role
from orthgen.realm.resource import FlowUse, Representation, Resource, SecretUse
from orthgen.realm.sign_in_methods import flag, secret_through, sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.changes.model import FieldChange
    from orthgen.deployment.model import Deployment
    from orthgen.field_types import Secret
    from orthgen.profile.identity import OpenIdProvider, Saml, SocialProvider
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.sign_in_methods import ProviderMethod
    from orthgen.realm.write_context import WriteContext

_ACCESS_TOKEN_CLAIMS = ("realm_access.", "resource_access.")
_ENTRA = "https://login.microsoftonline.com"
_NAME_ID = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


# IdentityProviderRepresentation, Keycloak 26.2 to 26.7; the values are those that the admin console writes.
_FIELDS = UndeclaredFields(
    watched={
        "authenticateByDefault": False,
        "hideOnLogin": False,
        "organizationId": "",
        "config": {"allowedClockSkew": "0", "sendIdTokenOnLogout": "true", "showInAccountConsole": "ALWAYS"},
    },
    ignored={
        "alias": "the key",
        "internalId": "Keycloak's own",
        "types": "computed by Keycloak",
        "updateProfileFirstLogin": "a name that Keycloak no longer reads",
        "updateProfileFirstLoginMode": "a name that Keycloak no longer reads",
    },
    closed=frozenset({"config"}),
)


class IdentityProvider(ResourceKind):
    """The profile's identity providers, in the order of the sign-in page."""

    name = "identity provider"
    precious = True
    read_with_realm = True
    undeclared_note = "its people can sign in, and the profile does not name it"
    adopted_on_request = True
    undeclared = _FIELDS

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        after_sign_in = after_provider_flow(deployment)
        for position, provider in enumerate(sign_in_methods(deployment).brokered, 1):
            settings = provider.settings
            kind, title, config = _settings(provider, deployment)
            fields = {
                "displayName": settings.title or title,
                "providerId": kind,
                "enabled": True,
                "trustEmail": settings.trust_email,
                "storeToken": False,
                "addReadTokenRoleOnCreate": False,
                "linkOnly": False,
                "firstBrokerLoginFlowAlias": FlowUse(first_sign_in_flow(linking=settings.link_by_email)),
                "postBrokerLoginFlowAlias": FlowUse(after_sign_in) if after_sign_in is not None else "",
                # FORCE: each sign-in updates the account, so a right that the provider removes is removed here.
                "config": {"syncMode": "FORCE", "guiOrder": str(position), **config},
            }
            yield Resource(self.name, provider.alias, fields, because=provider.because)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        provider = {"alias": resource.key, **dict(resource.fields)}
        representation.setdefault("identityProviders", []).append(provider)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        for provider in context.api.get(
            context.path("identity-provider", "instances"), list[representations.IdentityProvider]
        ):
            yield ExistingObject(self.name, provider["alias"], dict(provider), id=provider["alias"])

    def compare(self, declared: Mapping[str, Any], existing: ExistingObject) -> tuple[FieldChange, ...]:
        """Raise OrthgenError where the provider has another type: Keycloak answers 204 to such a change and makes none."""
        before, after = existing.representation.get("providerId"), declared["providerId"]
        if before != after:
            raise OrthgenError(
                f"the identity provider `{existing.key}` of this realm has the type `{before}`, the profile needs `{after}`, and "
                "Keycloak cannot change the type",
                hint="give the new one another `alias`, also in `granted-by`; `--prune` then deletes the old one, with the roles "
                "that it gave",
            )
        return super().compare(declared, existing)

    def create(self, context: WriteContext, resource: Resource) -> None:
        body = {"alias": resource.key, **context.fields(resource, create=True)}
        context.api.post(context.path("identity-provider", "instances"), body)
        context.register_id(resource.address, resource.key)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        # Keycloak keeps a secret whose mask it gets back.
        path = context.path("identity-provider", "instances", existing.key)
        body = self.update_body(context, existing, resource)
        if not body.get("organizationId"):
            # Keycloak 26.2 answers 500 to an empty id, and takes a missing one for none.
            body = without(body, "organizationId")
        context.api.put(path, body)

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        path = context.path("identity-provider", "instances", existing.key)
        mappers = context.api.get(f"{path}/mappers", list[representations.IdentityProviderMapper])
        # First, because Keycloak forgets with the provider who came from it. A person may have another way to sign in.
        for role in sorted({granted_role(mapper) for mapper in mappers} - {""}):
            take_role(context, existing.key, role)
        context.api.delete(path)

    def deletion_effect(self, existing: ExistingObject) -> str:  # noqa: ARG002 - the same for each provider
        return "its people lose the roles that it gave"


def _settings(provider: ProviderMethod, deployment: Deployment) -> tuple[str, str, dict[str, Any]]:
    """Keycloak's name of a provider's kind, the default text of its button, and its settings."""
    settings = provider.settings
    if isinstance(settings, EntraId):
        return "oidc", "Microsoft", _entra_id(settings, deployment)
    if isinstance(settings, Google):
        return "google", "Google", _google(settings, deployment)
    if isinstance(settings, GitHub):
        return "github", "GitHub", _github(settings, deployment)
    if isinstance(settings, Oidc):
        return "oidc", provider.alias, _oidc(settings, deployment)
    return "saml", provider.alias, _saml(settings, deployment)


def _oauth(
    settings: OpenIdProvider | SocialProvider, scopes: list[str], deployment: Deployment
) -> dict[str, Any]:
    return {
        "clientId": settings.client_id,
        **_client_authentication(settings.client_secret, deployment),
        "defaultScope": " ".join(scopes),
        "pkceEnabled": "true",
        "pkceMethod": "S256",
    }


def _openid(settings: OpenIdProvider | Google, scopes: list[str], deployment: Deployment) -> dict[str, Any]:
    return {
        **_oauth(settings, scopes, deployment),
        "validateSignature": "true",
        "useJwksUrl": "true",
        "backchannelSupported": "false",
    }


def _client_authentication(secret: Secret | None, deployment: Deployment) -> dict[str, Any]:
    if secret is not None:
        return {
            "clientSecret": SecretUse(secret.secret, secret_through(deployment)),
            "clientAuthMethod": "client_secret_post",
        }
    return {
        "clientAuthMethod": "private_key_jwt",
        "clientAssertionSigningAlg": "RS256",
        # Entra ID finds the certificate by its thumbprint in the header.
        "jwtX509HeadersEnabled": "true",
    }


def _entra_id(settings: EntraId, deployment: Deployment) -> dict[str, Any]:
    base = f"{_ENTRA}/{settings.tenant}"
    return {
        **_openid(settings, ["openid", "profile", "email"], deployment),
        "issuer": f"{base}/v2.0",
        "authorizationUrl": f"{base}/oauth2/v2.0/authorize",
        "tokenUrl": f"{base}/oauth2/v2.0/token",
        "jwksUrl": f"{base}/discovery/v2.0/keys",
        "logoutUrl": f"{base}/oauth2/v2.0/logout",
        # Roles, groups and names are in the ID token; the userinfo endpoint is Microsoft Graph's and has none of them.
        "disableUserInfo": "true",
    }


def _google(settings: Google, deployment: Deployment) -> dict[str, Any]:
    config = {
        **_openid(settings, ["openid", "profile", "email"], deployment),
        **_verified_addresses(deployment),
        # Keycloak 26.2 checks neither issuer nor signature without these two; 26.7 sets both by itself.
        "issuer": GOOGLE,
        "jwksUrl": GOOGLES_ENDPOINTS.jwks,
    }
    if settings.hosted_domain is not None:
        config["hostedDomain"] = settings.hosted_domain
    return config


def _github(settings: GitHub, deployment: Deployment) -> dict[str, Any]:
    return _oauth(settings, ["user:email"], deployment)


def _verified_addresses(deployment: Deployment) -> dict[str, str]:
    """The required claim of the ID token; without linking by address, none is required."""
    if not sign_in_methods(deployment).links_by_email:
        return {"filteredByClaim": "false"}
    return {"filteredByClaim": "true", "claimFilterName": "email_verified", "claimFilterValue": "true"}


def _oidc(settings: Oidc, deployment: Deployment) -> dict[str, Any]:
    endpoints = settings.endpoints or known_endpoints(settings.issuer)
    if endpoints is None:
        # `render` refuses such a profile, and provisioning asks the provider first.
        raise OrthgenError(f"the profile has no endpoints for `{settings.issuer}` are")
    config = {
        **_openid(settings, settings.scopes, deployment),
        **_verified_addresses(deployment),
        "issuer": settings.issuer,
        "authorizationUrl": endpoints.authorization,
        "tokenUrl": endpoints.token,
        "jwksUrl": endpoints.jwks,
        # Keycloak has the roles of its realms and clients in the access token only, as a JSON Web Token.
        "isAccessTokenJWT": flag(
            on=is_keycloak(settings.issuer) and settings.claim.startswith(_ACCESS_TOKEN_CLAIMS)
        ),
    }
    config["disableUserInfo"] = flag(on=endpoints.userinfo is None)
    if endpoints.userinfo is not None:
        config["userInfoUrl"] = endpoints.userinfo
    if endpoints.logout is not None:
        config["logoutUrl"] = endpoints.logout
    return config


def _saml(settings: Saml, deployment: Deployment) -> dict[str, Any]:
    realm = deployment.profile.identity.realm
    config = {
        "entityId": f"{deployment.addresses.keycloak_public}realms/{realm}",
        "idpEntityId": settings.entity_id,
        "singleSignOnServiceUrl": settings.sign_on_url,
        "nameIDPolicyFormat": _NAME_ID,
        **_principal(settings.principal),
        "postBindingResponse": "true",
        "postBindingAuthnRequest": "true",
        "postBindingLogout": "true",
        "wantAuthnRequestsSigned": "true",
        "wantAssertionsSigned": "true",
        # The provider reads the key from the service provider metadata that Keycloak publishes.
        "wantAssertionsEncrypted": "true",
        "validateSignature": "true",
        "signatureAlgorithm": "RSA_SHA256",
        # ADFS needs it; other providers ignore it.
        "xmlSigKeyInfoKeyNameTransformer": "CERT_SUBJECT",
        "allowedClockSkew": "30",
    }
    if settings.logout_url is not None:
        config["singleLogoutServiceUrl"] = settings.logout_url
    if settings.metadata_url is not None:
        config |= {"useMetadataDescriptorUrl": "true", "metadataDescriptorUrl": settings.metadata_url}
    elif settings.signing_certificate is not None:
        config |= {"useMetadataDescriptorUrl": "false", "signingCertificate": settings.signing_certificate}
    return config


def _principal(name: str) -> dict[str, str]:
    if name == NAME_ID:
        return {"principalType": "SUBJECT"}
    return {"principalType": "ATTRIBUTE", "principalAttribute": name}


KIND = IdentityProvider()
