"""Checks of sign-in: methods, grants, and roles that nobody could hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity
from orthgen.profile.first_accounts import KINDS_WITHOUT_CLAIMS, first_accounts
from orthgen.profile.proposals import GROUP
from orthgen.spelling import Vocabulary, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.identity import Identity, Ldap, SignIn

_GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_OTHER_SOURCES = (GROUP,)


NOBODY_CAN_SIGN_IN = Rule(
    "nobody-can-sign-in",
    Severity.ERROR,
    summary="The deployment has a Keycloak of its own and no sign-in method.",
    remedy="Add one, such as `sign-in: [accounts: {}]`, or name an existing `keycloak.server`.",
    example="""
        identity: {sign-in: []}
    """,
    also=("role-for-nobody",),
)


def somebody_can_sign_in(context: CheckContext) -> Iterator[Finding]:
    """A Keycloak of the deployment's own has at least one way of signing in."""
    identity = context.profile.identity
    if context.is_whole and identity.keycloak.server is None and not identity.sign_in:
        hint = (
            "add a sign-in method, such as `sign-in: [accounts: {}]`; or name an existing `keycloak.server`"
        )
        yield context.finding(NOBODY_CAN_SIGN_IN, ("identity",), "nobody can sign in", hint)


DUPLICATE_ALIAS = Rule(
    "duplicate-alias",
    Severity.ERROR,
    summary="Two sign-in methods have the same alias in Keycloak.",
    remedy="Give one of them an `alias` of its own.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {}
            - ldap:
                alias: accounts
                url: ldaps://ldap.example.org
                bind-dn: cn=pacs
                bind-password: {secret: ldap}
                users-dn: ou=people
    """,
)


def aliases_are_distinct(context: CheckContext) -> Iterator[Finding]:
    """Two ways of signing in of the same kind have aliases of their own."""
    seen: dict[str, int] = {}
    for index, method in enumerate(context.profile.identity.sign_in):
        if method.alias in seen or method.alias in _OTHER_SOURCES:
            hint = f"give it a name of its own: `{method.kind}: {{alias: another-name, …}}`"
            path = ("identity", "sign-in", index)
            yield context.finding(DUPLICATE_ALIAS, path, f"`{method.alias}` names two sign-in methods", hint)
        seen[method.alias] = index


UNVERIFIED_EMAIL_LINK = Rule(
    "unverified-email-link",
    Severity.ERROR,
    summary="A first sign-in joins an existing account by its e-mail address, and addresses of "
    "accounts are not verified: somebody could take over an account with another's address.",
    remedy="Remove `link-by-email`; or trust the addresses of the other provider (`trust-email: "
    "true`) and allow no `self-registration`.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {self-registration: true}
            - saml:
                entity-id: pacs
                sign-on-url: https://idp.example.org/sso
                metadata-url: https://idp.example.org/metadata
                trust-email: true
                link-by-email: true
    """,
)
PROVIDERS_SHARE_ACCOUNTS = Rule(
    "providers-share-accounts",
    Severity.WARNING,
    summary="A first sign-in by one provider joins the account that another provider made. Anybody who "
    "sets e-mail addresses at the first can sign in as anybody of the second.",
    remedy="Keep `link-by-email` only for the time of a move from one provider to the other.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {}
            - saml:
                entity-id: pacs
                sign-on-url: https://idp.example.org/sso
                metadata-url: https://idp.example.org/metadata
                trust-email: true
                link-by-email: true
            - google:
                client-id: pacs
                client-secret: {secret: google}
                hosted-domain: example.org
                trust-email: true
    """,
)


def addresses_that_link_are_verified(context: CheckContext) -> Iterator[Finding]:
    """E-mail addresses are verified where a first sign-in joins an account by its address."""
    methods = context.profile.identity.sign_in
    for index, method in enumerate(methods):
        provider = method.brokered
        if provider is None or not provider.link_by_email:
            continue
        others = [other for other in methods if other is not method]
        path = ("identity", "sign-in", index, method.kind, "link-by-email")
        for other in others:
            if other.brokered is not None and not other.brokered.trust_email:
                remedy = "Leave `link-by-email` out"
                if other.github is None:
                    remedy = "Write `trust-email: true` there, or remove `link-by-email`"
                yield context.finding(
                    UNVERIFIED_EMAIL_LINK,
                    path,
                    f"`{method.alias}` joins accounts by addresses that nobody has verified",
                    f"`{other.alias}` has no `trust-email`: anybody who signs in there with an address of somebody else "
                    f"could have that person's account. {remedy}",
                )
            if other.accounts is not None and other.accounts.self_registration:
                yield context.finding(
                    UNVERIFIED_EMAIL_LINK,
                    path,
                    f"`{method.alias}` joins accounts that anybody can make",
                    "with `self-registration`, somebody registers another's address beforehand and shares the account "
                    "from then on. Leave one of the two out",
                )
        names = [other.alias for other in others if other.brokered is not None]
        if names:
            listed = " and ".join(f"`{name}`" for name in names)
            yield context.finding(
                PROVIDERS_SHARE_ACCOUNTS,
                path,
                f"`{method.alias}` can give access to the accounts of {listed}",
                f"anybody who sets e-mail addresses at `{method.alias}` signs in as anybody with that address, with that "
                "person's roles. Keep `link-by-email` for the time of a move from one to the other",
            )


MASTER_REALM = Rule(
    "master-realm",
    Severity.ERROR,
    summary="The realm `master` administers Keycloak itself; its users would be administrators of "
    "every realm.",
    remedy="Take a realm of your own, such as `orthanc`.",
    example="""
        identity: {realm: master}
    """,
)
RESERVED_ROLE_NAME = Rule(
    "reserved-role-name",
    Severity.ERROR,
    summary="Keycloak gives the role `default-roles-REALM` to everybody.",
    remedy="Choose another name for the role.",
    example="""
        identity: {keycloak: {local-port: 8081}}
        roles: {default-roles-orthanc: {can: [view], collections: all}}
    """,
)


def realm_is_not_keycloaks_own(context: CheckContext) -> Iterator[Finding]:
    """The realm is not the one that Keycloak administers itself with; no role has a name that Keycloak uses."""
    realm = context.profile.identity.realm
    if realm == "master":
        message = "the realm `master` administers Keycloak itself"
        yield context.finding(
            MASTER_REALM, ("identity", "realm"), message, "take a realm of your own: `orthanc`"
        )
    for name in context.profile.roles:
        if name == f"default-roles-{realm}":
            message = f"Keycloak gives `{name}` to everybody"
            yield context.finding(
                RESERVED_ROLE_NAME, ("roles", name), message, "choose another name", key=True
            )


UNKNOWN_GRANT_SOURCE = Rule(
    "unknown-grant-source",
    Severity.ERROR,
    summary="A role is granted by a sign-in method that the profile does not have.",
    remedy="Correct the spelling, or add the sign-in method.",
    example="""
        roles: {staff: {granted-by: [entra-id: reader]}}
    """,
)
INVALID_GRANT_VALUE = Rule(
    "invalid-grant-value",
    Severity.ERROR,
    summary="The value of a grant has not the form that its sign-in method sends, so that nobody "
    "would get the role.",
    remedy="Write the value as the finding says; a group is written from the top: `/staff`.",
    example="""
        roles: {staff: {granted-by: [group: staff]}}
    """,
)


def grants_name_a_sign_in_method(context: CheckContext) -> Iterator[Finding]:
    """Every grant is by a sign-in method that the profile has, with a value of the right form."""
    methods = {method.alias: method for method in context.profile.identity.sign_in}
    sources = Vocabulary([*methods, *_OTHER_SOURCES])
    for role, settings in context.profile.roles.items():
        for index, grant in enumerate(settings.granted_by):
            for source, value in grant.items():
                path = ("roles", role, "granted-by", index, source)
                if source not in sources:
                    if context.is_whole:
                        hint = did_you_mean(source, sources)
                        yield context.finding(
                            UNKNOWN_GRANT_SOURCE,
                            path,
                            f"`{source}` is not a sign-in method",
                            hint,
                            key=True,
                        )
                    continue
                problem = _wrong_value(source, value, methods.get(source))
                if problem is not None:
                    yield context.finding(INVALID_GRANT_VALUE, path, *problem)


def _wrong_value(source: str, value: str, method: SignIn | None) -> tuple[str, str] | None:
    if source == "group":
        group_path = "/" + "/".join(part for part in value.split("/") if part)
        if value == group_path != "/":
            return None
        hint = "name a group" if group_path == "/" else f"write it from the top: `{group_path}`"
        return f"`{value}` is not a group's path", hint
    if method is None:
        return None
    if method.accounts is not None:
        return (
            f"`{source}` has no claims",
            "leave `granted-by` out: an administrator grants the role, or `people: {…: {roles: […]}}`",
        )
    if method.entra_id is not None and method.entra_id.claim == "groups" and not re.fullmatch(_GUID, value):
        return (
            f"`{value}` is not an object id",
            "Entra ID sends groups as object ids (GUIDs); or use app roles: `claim: roles`",
        )
    if method.ldap is not None:
        return _wrong_directory_group(source, value, method.ldap)
    return _wrong_social_value(source, value, method)


def _wrong_directory_group(source: str, value: str, directory: Ldap) -> tuple[str, str] | None:
    if directory.groups_dn is None:
        return "the directory's groups are not read", f"say where they are: `groups-dn:` of `{source}`"
    if "" in value.split("/"):
        group_name = "/".join(part for part in value.split("/") if part)
        hint = f"write `{group_name}`" if group_name else "name a group as the directory names it"
        return f"`{value}` is not the name of a group in the directory", hint
    return None


def _wrong_social_value(source: str, value: str, method: SignIn) -> tuple[str, str] | None:
    if method.github is not None:
        return (
            "GitHub sends no value that could grant a role",
            "leave it out: an administrator grants the role in Keycloak, once somebody has signed in for the first time",
        )
    if method.google is not None and value != method.google.hosted_domain:
        domain = method.google.hosted_domain
        domain_hint = (
            f"`{source}: {domain}` is everybody of that domain" if domain else "name it: `hosted-domain: …`"
        )
        return (
            f"`{value}` is not the domain that people of `{source}` are from",
            f"{domain_hint}. For some of its people, leave `granted-by` out, and an administrator grants the role in Keycloak",
        )
    return None


ROLE_FOR_NOBODY = Rule(
    "role-for-nobody",
    Severity.ERROR,
    summary="Nobody can get the role: nothing grants it, no first account holds it, and no "
    "administrator can grant it.",
    remedy="Give the role to a first account, add `granted-by`, or open Keycloak's console with "
    "`identity: {keycloak: {local-port: 8081}}`.",
    example="""
        identity:
          sign-in:
            - accounts: {people: {ann: {name: Ann, email: ann@example.org, roles: [staff]}}}
        roles: {reader: {can: [view], collections: all}}
    """,
)


def every_role_can_have_a_holder(context: CheckContext) -> Iterator[Finding]:
    """Each role can have a holder: by a grant, by a first account, or by an administrator of Keycloak."""
    identity = context.profile.identity
    if not context.is_whole or _roles_are_granted_by_hand(identity):
        return
    held = {role for account in first_accounts(context.profile) for role in account.roles}
    has_accounts = any(method.accounts is not None for method in identity.sign_in)
    for name, role in context.profile.roles.items():
        if role.granted_by or name in held:
            continue
        if has_accounts:
            hint = (
                f"give it to a first account: `accounts: {{people: {{…: {{roles: [{name}]}}}}}}`; or open a way to "
                "Keycloak's console, where it is granted: `identity: {keycloak: {local-port: 8081}}`"
            )
        else:
            hint = _grant_hint(identity)
        yield context.finding(
            ROLE_FOR_NOBODY, ("roles", name), f"nobody can get the role `{name}`", hint, key=True
        )


def _grant_hint(identity: Identity) -> str:
    """The hint for a role that nobody can get, where there are no accounts."""
    for method in identity.sign_in:
        if method.google is not None and method.google.hosted_domain is not None:
            return f"say who holds it: `granted-by: [{{{method.alias}: {method.google.hosted_domain}}}]` is everybody of that domain"
        if method.google is None and method.github is None:
            return f"say who holds it: `granted-by: [{{{method.alias}: …}}]`"
    return (
        "open Keycloak's console, where it is granted once somebody has signed in for the first time: "
        "`identity: {keycloak: {local-port: 8081}}`"
    )


def _roles_are_granted_by_hand(identity: Identity) -> bool:
    """
    Whether administrators grant roles in the console: it is reachable, and some people can get no rule.

    A profile without sign-in methods leaves them to the existing realm, whose administrators grant its roles as well.
    """
    keycloak = identity.keycloak
    has_console = keycloak.server is not None or keycloak.admin_console or keycloak.local_port is not None
    return has_console and (
        not identity.sign_in or any(method.kind in KINDS_WITHOUT_CLAIMS for method in identity.sign_in)
    )


INCOMPLETE_SMTP_CREDENTIALS = Rule(
    "incomplete-smtp-credentials",
    Severity.ERROR,
    summary="The mail server has a user name without a password, or a password without a user name.",
    remedy="Write both `user` and `password`, or neither.",
    example="""
        identity: {smtp: {host: mail.example.org, sender: pacs@example.org, user: pacs}}
    """,
)


def mail_credentials_are_whole(context: CheckContext) -> Iterator[Finding]:
    """A mail server's user name comes with a password, and the other way round."""
    smtp = context.profile.identity.smtp
    if smtp is not None and (smtp.user is None) != (smtp.password is None):
        message = "a mail server's user name and password go together"
        yield context.finding(
            INCOMPLETE_SMTP_CREDENTIALS,
            ("identity", "smtp"),
            message,
            "give both `user` and `password`, or neither",
        )
