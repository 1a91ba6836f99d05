"""Whether providers are what the profile takes them for, and whether what they say can be read on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.profile.checks.context import is_local
from orthgen.profile.issuers import known_endpoints, of_another_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import Subject
    from orthgen.profile.identity import SignIn

_IN_THE_CLEAR = "whoever is on the way could read it and change it"


def issuers_have_endpoints(subject: Subject) -> Iterator[Finding]:
    """Where realm.json is written, each OpenID Connect provider's endpoints are in the profile or known."""
    identity = subject.profile.identity
    for index, way in enumerate(identity.sign_in):
        if way.oidc is None:
            continue
        path = ("identity", "sign-in", index, "oidc", "issuer")
        other = of_another_kind(way.oidc.issuer)
        if other is not None:
            yield subject.error(
                path, f"`{way.oidc.issuer}` is no provider for `oidc`", other, rule="wrong-provider"
            )
        elif (
            way.oidc.endpoints is None
            and identity.keycloak.server is None
            and not known_endpoints(way.oidc.issuer)
        ):
            yield subject.error(
                path,
                f"nothing says where the endpoints of `{way.alias}` are",
                "known are Google, Okta, ADFS (`https://HOST/adfs`) and another Keycloak (`https://HOST/realms/NAME`). "
                f"Open {way.oidc.issuer.rstrip('/')}/.well-known/openid-configuration, and write what it says: "
                "`endpoints: {authorization: …, token: …, jwks: …, userinfo: …}`",
                rule="unknown-endpoints",
            )


def nothing_secret_is_in_the_clear(subject: Subject) -> Iterator[Finding]:
    """Passwords, tokens and the keys that signatures are checked with cross no network unencrypted."""
    identity = subject.profile.identity
    for index, way in enumerate(identity.sign_in):
        yield from _ways_in_the_clear(subject, ("identity", "sign-in", index, way.kind), way)
    smtp = identity.smtp
    if smtp is not None and smtp.encryption == "none" and not is_local(smtp.host):
        path = ("identity", "smtp", "encryption")
        if smtp.password is not None:
            hint = "write `start-tls` (port 587) or `tls` (port 465)"
            yield subject.error(
                path,
                "the mail server's password would cross the network in the clear",
                hint,
                rule="clear-text",
            )
        else:
            hint = (
                "a link in a mail lets its reader choose a password; write `start-tls` if the mail server can"
            )
            yield subject.warning(path, "mails cross the network in the clear", hint, rule="clear-text")
    endpoint = getattr(subject.profile.archive.storage.files.s3, "endpoint", None)
    if endpoint is not None and _is_clear(endpoint):
        hint = "write `https://`; the institution's own authority goes to its certificates"
        yield subject.warning(
            ("archive", "storage", "files", "s3", "endpoint"),
            "images cross the network in the clear",
            hint,
            rule="clear-text",
        )


def _ways_in_the_clear(subject: Subject, path: tuple[str | int, ...], way: SignIn) -> Iterator[Finding]:
    if way.ldap is not None and way.ldap.url.startswith("ldap://") and not way.ldap.start_tls:
        yield subject.error(
            (*path, "url"),
            "people's passwords would cross the network in the clear",
            "write `ldaps://`, or add `start-tls: true`",
            rule="clear-text",
        )
    for key, url, what in _addresses(way):
        if _is_clear(url):
            hint = f"write `https://`: {_IN_THE_CLEAR}"
            yield subject.error((*path, *key), f"{what} over plain http", hint, rule="clear-text")


def _addresses(way: SignIn) -> Iterator[tuple[tuple[str, ...], str, str]]:
    if way.oidc is not None:
        yield ("issuer",), way.oidc.issuer, "a provider"
        given = way.oidc.endpoints
        for name in ("authorization", "token", "jwks", "userinfo", "logout"):
            url = getattr(given, name, None)
            if url is not None:
                yield ("endpoints", name), url, "an endpoint"
    if way.saml is not None:
        yield ("sign-on-url",), way.saml.sign_on_url, "the sign-on service"
        for key, url, what in (
            ("logout-url", way.saml.logout_url, "the logout service"),
            ("metadata-url", way.saml.metadata_url, "the keys that assertions are checked with"),
        ):
            if url is not None:
                yield (key,), url, what


def _is_clear(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_local(parts.hostname or "")
