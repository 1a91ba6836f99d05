"""
Realm settings: sign-in, session lifetimes, languages, recorded events.

https://www.keycloak.org/docs-api/latest/rest-api/index.html#RealmRepresentation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.kinds.base import ResourceKind
from orthgen.realm.realm_field_decisions import REALM_FIELDS
from orthgen.realm.resource import Representation, Resource, SecretUse
from orthgen.realm.sign_in_methods import flag, secret_through, sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import Accounts, Smtp
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

# Three months, for sign-ins and for administrators' changes.
_EVENT_LIFETIME_SECONDS = 90 * 86400
_PASSWORDLESS = "webAuthnPolicyPasswordless"


class Realm(ResourceKind):
    """The settings of the realm."""

    name = "realm"
    recorded = "never"
    precious = True
    undeclared = REALM_FIELDS

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        realm = deployment.profile.identity.realm
        yield Resource(self.name, realm, _settings(deployment), because="identity")

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        representation.update(dict(resource.fields))

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        yield ExistingObject(self.name, context.realm["realm"], dict(context.realm))

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        before = existing.representation
        settings = self.update_body(context, existing, resource)
        body = {
            name: value
            for name, value in settings.items()
            if name in resource.fields or value != before.get(name)
        }
        if any(name.startswith(_PASSWORDLESS) for name in body):
            # Keycloak 26.7 ignores this policy unless all its members are sent.
            body |= {name: value for name, value in settings.items() if name.startswith(_PASSWORDLESS)}
        if "smtpServer" in body:
            body["smtpServer"] = _mail_server(body["smtpServer"])
        if "organizationsEnabled" in body:
            _unlink_from_organizations(context)
        # Only changed attributes, because another run may have changed the others meanwhile.
        attributes, attributes_before = settings.get("attributes", {}), before.get("attributes", {})
        body["attributes"] = {
            name: value for name, value in attributes.items() if value != attributes_before.get(name)
        }
        context.put_realm(body)


def _unlink_from_organizations(context: WriteContext) -> None:
    """
    Take the providers that the plan changes out of their organizations, as long as there are organizations.

    Afterwards Keycloak disables a linked provider, and 26.2.5 and 26.7.3 let nobody unlink it.
    """
    for address in context.updates:
        existing = context.snapshot.objects[address]
        if organization := existing.representation.get("organizationId"):
            path = context.path("organizations", organization, "identity-providers", existing.key)
            context.api.delete(path)


def _mail_server(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings without empty ones; Keycloak 26.7 refuses settings without a sender, and takes none at all."""
    server = {name: value for name, value in settings.items() if value != ""}
    return server if "from" in server else {}


def _settings(deployment: Deployment) -> dict[str, Any]:
    identity = deployment.profile.identity
    methods = sign_in_methods(deployment)
    accounts = methods.accounts
    sends_mail = identity.smtp is not None
    return {
        "enabled": True,
        "displayName": deployment.profile.institution.name,
        # Plain http from private addresses only: the auth-service and the proxy reach Keycloak inside the deployment.
        "sslRequired": "external",
        "registrationAllowed": accounts is not None and accounts.self_registration,
        "resetPasswordAllowed": accounts is not None and sends_mail,
        "verifyEmail": _verifies_addresses(deployment),
        "editUsernameAllowed": False,
        "duplicateEmailsAllowed": methods.shares_addresses,
        # An address that two accounts may share identifies neither.
        "loginWithEmailAllowed": not methods.shares_addresses,
        "rememberMe": False,
        "userManagedAccessAllowed": False,
        **_brute_force(),
        "passwordPolicy": _password_policy(accounts),
        "otpPolicyType": "totp",
        # Every authenticator app supports it; the secret has 160 bits and a code is valid once.
        "otpPolicyAlgorithm": "HmacSHA1",
        "otpPolicyDigits": 6,
        "otpPolicyPeriod": 30,
        "otpPolicyLookAheadWindow": 1,
        "otpPolicyCodeReusable": False,
        # The auth-service accepts no other algorithm (shares/keycloak.py, 23.9 to 26.4.1).
        "defaultSignatureAlgorithm": "RS256",
        **_lifespans(deployment),
        **_languages(deployment.profile.institution.languages),
        "eventsEnabled": True,
        "eventsExpiration": _EVENT_LIFETIME_SECONDS,
        "eventsListeners": ["jboss-logging"],
        "adminEventsEnabled": True,
        # The details would keep copies of personal data.
        "adminEventsDetailsEnabled": False,
        "attributes": {"adminEventsExpiration": str(_EVENT_LIFETIME_SECONDS), **_frontend_url(deployment)},
        **({"smtpServer": _smtp(identity.smtp, deployment)} if identity.smtp is not None else {}),
    }


def _frontend_url(deployment: Deployment) -> dict[str, str]:
    """The first part of every link of this realm; the server's own console may have another address."""
    if not deployment.has_own_keycloak:
        return {}
    return {"frontendUrl": deployment.addresses.keycloak_public.rstrip("/")}


def _verifies_addresses(deployment: Deployment) -> bool:
    """Whether people confirm their address: where Keycloak has accounts of its own and sends mail."""
    return deployment.profile.identity.smtp is not None and sign_in_methods(deployment).accounts is not None


def _brute_force() -> dict[str, Any]:
    return {
        "bruteForceProtected": True,
        # With a permanent lock, anybody could lock any account.
        "permanentLockout": False,
        "failureFactor": 5,
        "waitIncrementSeconds": 60,
        "maxFailureWaitSeconds": 900,
        "minimumQuickLoginWaitSeconds": 60,
        "quickLoginCheckMilliSeconds": 1000,
        "maxDeltaTimeSeconds": 43200,
    }


def _password_policy(accounts: Accounts | None) -> str:
    length = accounts.password_length if accounts is not None else 12
    # Length, not composition: NIST SP 800-63B, 5.1.1.2. Keycloak hashes with argon2 by default since 25.
    return f"length({length}) and maxLength(128) and notUsername(undefined) and notEmail(undefined) and passwordHistory(3)"


def _lifespans(deployment: Deployment) -> dict[str, Any]:
    sessions = deployment.profile.identity.sessions
    return {
        "accessTokenLifespan": sessions.access_token,
        "ssoSessionIdleTimeout": sessions.idle,
        "ssoSessionMaxLifespan": sessions.longest,
        # A refresh token is valid once, so the use of a copy is noticed.
        "revokeRefreshToken": True,
        "refreshTokenMaxReuse": 0,
        # The profile's clients cannot request offline tokens; those of other clients expire.
        "offlineSessionMaxLifespanEnabled": True,
    }


def _languages(languages: list[str]) -> dict[str, Any]:
    return {
        "internationalizationEnabled": True,
        "supportedLocales": sorted(languages),
        "defaultLocale": languages[0],
    }


def _smtp(smtp: Smtp, deployment: Deployment) -> dict[str, Any]:
    server: dict[str, Any] = {
        "host": smtp.host,
        "port": str(smtp.port),
        "from": smtp.sender,
        "fromDisplayName": deployment.profile.institution.name,
        "ssl": flag(on=smtp.encryption == "tls"),
        "starttls": flag(on=smtp.encryption == "start-tls"),
        "auth": flag(on=smtp.user is not None),
    }
    if smtp.user is not None:
        server["user"] = smtp.user
    if smtp.password is not None:
        server["password"] = SecretUse(smtp.password.secret, secret_through(deployment))
    return server


KIND = Realm()
