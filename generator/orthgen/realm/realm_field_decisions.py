"""
Rules for the fields of a realm that the profile does not declare.

RealmRepresentation, Keycloak 26.2 to 26.7; the values are those of a new realm.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#RealmRepresentation
"""

from __future__ import annotations

from typing import Any

from orthgen.deployment import naming
from orthgen.realm.field_decisions import UndeclaredFields

_FLOWS = {
    "clientAuthenticationFlow": "clients",
    "directGrantFlow": "direct grant",
    "dockerAuthenticationFlow": "docker auth",
    "firstBrokerLoginFlow": "first broker login",
    "registrationFlow": "registration",
}

_LIFESPANS = {
    "accessCodeLifespan": 60,
    "accessCodeLifespanLogin": 1800,
    "accessCodeLifespanUserAction": 300,
    "accessTokenLifespanForImplicitFlow": 900,
    "actionTokenGeneratedByAdminLifespan": 43200,
    "actionTokenGeneratedByUserLifespan": 300,
    "clientOfflineSessionIdleTimeout": 0,
    "clientOfflineSessionMaxLifespan": 0,
    "clientSessionIdleTimeout": 0,
    "clientSessionMaxLifespan": 0,
    "oauth2DeviceCodeLifespan": 600,
    "oauth2DevicePollingInterval": 5,
    "offlineSessionIdleTimeout": 2592000,
    "offlineSessionMaxLifespan": 5184000,
    "ssoSessionIdleTimeoutRememberMe": 0,
    "ssoSessionMaxLifespanRememberMe": 0,
}

_SWITCHES = {
    "adminPermissionsEnabled": False,
    "organizationsEnabled": False,
    "registrationEmailAsUsername": False,
    "scimApiEnabled": False,
    "verifiableCredentialsEnabled": False,
    # Else a passkey alone signs in on the page that asks for a password.
    "webAuthnPolicyPasswordlessPasskeysEnabled": False,
}

_BRUTE_FORCE = {"bruteForceStrategy": "MULTIPLE", "maxTemporaryLockouts": 0, "maxSecondaryAuthFailures": 0}

_WATCHED: dict[str, Any] = {
    **_FLOWS,
    **_LIFESPANS,
    **_SWITCHES,
    **_BRUTE_FORCE,
    "browserSecurityHeaders": {
        "contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
        "contentSecurityPolicyReportOnly": "",
        "referrerPolicy": "no-referrer",
        "strictTransportSecurity": "max-age=31536000; includeSubDomains",
        "xContentTypeOptions": "nosniff",
        "xFrameOptions": "SAMEORIGIN",
        "xRobotsTag": "none",
    },
    "clientPolicies": {"policies": []},
    "clientProfiles": {"profiles": []},
    "enabledEventTypes": [],
    "otpPolicyInitialCounter": 0,
    "requiredCredentials": ["password"],
    "smtpServer": {},
    "attributes": {
        "cibaAuthRequestedUserHint": "login_hint",
        "cibaBackchannelTokenDeliveryMode": "poll",
        "cibaExpiresIn": "120",
        "cibaInterval": "5",
        "clientOfflineSessionIdleTimeout": "0",
        "clientOfflineSessionMaxLifespan": "0",
        "clientSessionIdleTimeout": "0",
        "clientSessionMaxLifespan": "0",
        "oauth2DeviceCodeLifespan": "600",
        "oauth2DevicePollingInterval": "5",
        "parRequestUriLifespan": "60",
    },
}

_WEBAUTHN = "no flow of orthgen asks for a WebAuthn key"
_THEME = "what pages look like gives nobody a right"
_EXPORT = "part of an import or an export only; the admin API has a list of its own"
_OLD = "a name that Keycloak no longer reads"

_IGNORED = {
    f"attributes.{naming.OWNED_ATTRIBUTE}": "our own record",
    f"attributes.{naming.ADOPTED_ATTRIBUTE}": "our own record",
    f"attributes.{naming.REVISION_ATTRIBUTE}": "our own mark",
    "accountTheme": _THEME,
    "adminTheme": _THEME,
    "emailTheme": _THEME,
    "loginTheme": _THEME,
    "displayNameHtml": _THEME,
    "localizationTexts": _THEME,
    "otpSupportedApplications": "computed by Keycloak",
    "id": "Keycloak's own",
    "realm": "the key",
    "keycloakVersion": _EXPORT,
    "notBefore": "set by anybody who ends all sessions in an emergency",
    "attributesOrEmpty": "another form of `attributes`",
    "adminPermissionsClient": "comes with `adminPermissionsEnabled`, which is watched",
    "browserFlow": "the kind `flow binding` has it",
    "resetCredentialsFlow": "the kind `flow binding` has it",
    "defaultRole": "the kind `default role` has it",
    "parsedClientPolicies": "another form of `clientPolicies`",
    "parsedClientProfiles": "another form of `clientProfiles`",
    **dict.fromkeys(
        (
            "authenticationFlows",
            "authenticatorConfig",
            "clientScopeMappings",
            "clientScopes",
            "clients",
            "components",
            "defaultDefaultClientScopes",
            "defaultGroups",
            "defaultOptionalClientScopes",
            "federatedUsers",
            "groups",
            "identityProviderMappers",
            "identityProviders",
            "organizations",
            "protocolMappers",
            "requiredActions",
            "roles",
            "scopeMappings",
            "userFederationMappers",
            "userFederationProviders",
            "users",
        ),
        _EXPORT,
    ),
    **dict.fromkeys(
        (
            "applicationScopeMappings",
            "applications",
            "certificate",
            "clientTemplates",
            "identityFederationEnabled",
            "codeSecret",
            "defaultRoles",
            "oauthClients",
            "passwordCredentialGrantAllowed",
            "privateKey",
            "publicKey",
            "realmCacheEnabled",
            "social",
            "socialProviders",
            "updateProfileOnInitialSocialLogin",
            "userCacheEnabled",
        ),
        _OLD,
    ),
    **{
        f"webAuthnPolicy{form}{name}": _WEBAUTHN
        for form in ("", "Passwordless")
        for name in (
            "AcceptableAaguids",
            "AttestationConveyancePreference",
            "AuthenticatorAttachment",
            "AvoidSameAuthenticatorRegister",
            "CreateTimeout",
            "ExtraOrigins",
            "RequireResidentKey",
            "ResidentKey",
            "RpEntityName",
            "RpId",
            "SignatureAlgorithms",
            "UserVerificationRequirement",
        )
    },
    "webAuthnPolicyPasswordlessMediation": _WEBAUTHN,
}

REALM_FIELDS = UndeclaredFields(_WATCHED, _IGNORED, frozenset({"attributes", "smtpServer"}))
