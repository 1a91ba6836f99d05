"""Checks of identity providers: their kind, their endpoints, and encryption of the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.findings import Rule, Severity
from orthgen.profile.host_ports import is_local
from orthgen.profile.issuers import known_endpoints, of_another_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.identity import SignIn

_IN_THE_CLEAR = "anybody on the network path could read and change it"


WRONG_PROVIDER_KIND = Rule(
    "wrong-provider-kind",
    Severity.ERROR,
    summary="The provider does not speak OpenID Connect as `oidc` needs it, or has a kind of its own "
    "in the profile.",
    remedy="Write the kind that the finding names.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {}
            - oidc: {issuer: https://github.com, client-id: pacs, client-secret: {secret: github}}
    """,
)
UNKNOWN_ENDPOINTS = Rule(
    "unknown-endpoints",
    Severity.ERROR,
    summary="The realm needs the endpoints of an OpenID Connect provider, and they cannot be derived "
    "from its address.",
    remedy="Write `endpoints` with the addresses in the provider's `.well-known/openid-configuration`.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {}
            - oidc: {issuer: https://id.example.org, client-id: pacs, client-secret: {secret: id}}
    """,
)


def issuers_have_endpoints(context: CheckContext) -> Iterator[Finding]:
    """Each OpenID Connect provider of a rendered realm has endpoints in the profile, or well-known ones."""
    identity = context.profile.identity
    for index, method in enumerate(identity.sign_in):
        if method.oidc is None:
            continue
        path = ("identity", "sign-in", index, "oidc", "issuer")
        other = of_another_kind(method.oidc.issuer)
        if other is not None:
            yield context.finding(
                WRONG_PROVIDER_KIND, path, f"`{method.oidc.issuer}` is not a provider for `oidc`", other
            )
        elif (
            method.oidc.endpoints is None
            and identity.keycloak.server is None
            and not known_endpoints(method.oidc.issuer)
        ):
            yield context.finding(
                UNKNOWN_ENDPOINTS,
                path,
                f"the profile has no endpoints for `{method.alias}`, and orthgen cannot derive them",
                "orthgen derives those of Google, Okta, ADFS (`https://HOST/adfs`) and another Keycloak (`https://HOST/realms/NAME`). "
                f"Open {method.oidc.issuer.rstrip('/')}/.well-known/openid-configuration, and write what it says: "
                "`endpoints: {authorization: …, token: …, jwks: …, userinfo: …}`",
            )


CLEAR_TEXT_SMTP_PASSWORD = Rule(
    "clear-text-smtp-password",
    Severity.ERROR,
    summary="The password for the mail server would cross the network unencrypted.",
    remedy="Write `encryption: start-tls` (port 587) or `encryption: tls` (port 465).",
    example="""
        identity:
          smtp:
            host: mail.example.org
            sender: pacs@example.org
            encryption: none
            user: pacs
            password: {secret: smtp}
    """,
)
CLEAR_TEXT_SMTP = Rule(
    "clear-text-smtp",
    Severity.WARNING,
    summary="Mails cross the network unencrypted. A link in a mail lets anybody who reads it choose a password.",
    remedy="Write `encryption: start-tls` if the mail server can.",
    example="""
        identity: {smtp: {host: mail.example.org, sender: pacs@example.org, encryption: none}}
    """,
)
CLEAR_TEXT_S3 = Rule(
    "clear-text-s3",
    Severity.WARNING,
    summary="Images travel between Orthanc and the object store unencrypted.",
    remedy="Write `https://` in `endpoint`.",
    example="""
        archive:
          storage:
            files:
              s3:
                bucket: images
                region: eu
                endpoint: http://minio.example.org
                access-key: {secret: s3-id}
                secret-key: {secret: s3-key}
    """,
)
CLEAR_TEXT_LDAP = Rule(
    "clear-text-ldap",
    Severity.ERROR,
    summary="People's passwords would cross the network to the directory unencrypted.",
    remedy="Write `ldaps://`, or add `start-tls: true`.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {}
            - ldap:
                url: ldap://ldap.example.org
                bind-dn: cn=pacs
                bind-password: {secret: ldap}
                users-dn: ou=people
    """,
)
CLEAR_TEXT_PROVIDER = Rule(
    "clear-text-provider",
    Severity.ERROR,
    summary="The address of a provider is plain http, so that anybody who is on the network path can read "
    "and change what it says.",
    remedy="Write `https://`.",
    example="""
        identity:
          keycloak: {local-port: 8081}
          sign-in:
            - accounts: {}
            - oidc: {issuer: http://sso.example.org/realms/staff, client-id: pacs, client-secret: {secret: sso}}
    """,
)


def nothing_secret_is_in_the_clear(context: CheckContext) -> Iterator[Finding]:
    """Passwords, tokens and the keys that signatures are checked with cross no network unencrypted."""
    identity = context.profile.identity
    for index, method in enumerate(identity.sign_in):
        yield from _unencrypted_connections(context, ("identity", "sign-in", index, method.kind), method)
    smtp = identity.smtp
    if smtp is not None and smtp.encryption == "none" and not is_local(smtp.host):
        path = ("identity", "smtp", "encryption")
        if smtp.password is not None:
            hint = "write `start-tls` (port 587) or `tls` (port 465)"
            yield context.finding(
                CLEAR_TEXT_SMTP_PASSWORD,
                path,
                "the mail server's password would cross the network unencrypted",
                hint,
            )
        else:
            hint = (
                "a link in a mail lets its reader choose a password; write `start-tls` if the mail server can"
            )
            yield context.finding(CLEAR_TEXT_SMTP, path, "mails cross the network unencrypted", hint)
    endpoint = getattr(context.profile.archive.storage.files.s3, "endpoint", None)
    if endpoint is not None and _is_clear(endpoint):
        hint = f"write `{endpoint.replace('http://', 'https://', 1)}`; the institution's own authority goes to `authority`"
        yield context.finding(
            CLEAR_TEXT_S3,
            ("archive", "storage", "files", "s3", "endpoint"),
            "images cross the network unencrypted",
            hint,
        )


def _unencrypted_connections(
    context: CheckContext, path: tuple[str | int, ...], method: SignIn
) -> Iterator[Finding]:
    if method.ldap is not None and method.ldap.url.startswith("ldap://") and not method.ldap.start_tls:
        yield context.finding(
            CLEAR_TEXT_LDAP,
            (*path, "url"),
            "people's passwords would cross the network unencrypted",
            f"write `{method.ldap.url.replace('ldap://', 'ldaps://', 1)}`, or add `start-tls: true`",
        )
    for key, url, description in _addresses(method):
        if _is_clear(url):
            hint = f"write `{url.replace('http://', 'https://', 1)}`: {_IN_THE_CLEAR}"
            yield context.finding(CLEAR_TEXT_PROVIDER, (*path, *key), f"{description} over plain http", hint)


def _addresses(method: SignIn) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if method.oidc is not None:
        yield ("issuer",), method.oidc.issuer, "a provider"
        endpoints = method.oidc.endpoints
        for name in ("authorization", "token", "jwks", "userinfo", "logout"):
            url = getattr(endpoints, name, None)
            if url is not None:
                yield ("endpoints", name), url, "an endpoint"
    if method.saml is not None:
        yield ("sign-on-url",), method.saml.sign_on_url, "the sign-on service"
        for key, url, description in (
            ("logout-url", method.saml.logout_url, "the logout service"),
            ("metadata-url", method.saml.metadata_url, "the keys that assertions are checked with"),
        ):
            if url is not None:
                yield (key,), url, description


def _is_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_local(parts.hostname or "")
