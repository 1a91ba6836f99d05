"""
Check of a token by the auth-service's rules, with the setting behind each broken rule.

The rules (shares/keycloak.py, 23.9 to 26.4.1): RS256 and no other algorithm, signed by the key on the realm's public
page, not expired, `account` in the audience; roles from `realm_access.roles`; the name from `name` or
`preferred_username`; `groups` where the token has them. A broken rule makes the person anonymous: 403, not 401.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from jwcrypto.common import JWException  # type: ignore[import-untyped]
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from jwcrypto.jws import JWS  # type: ignore[import-untyped]
from msgspec import Struct

from orthgen.deployment.guard_settings import token_clients
from orthgen.errors import OrthgenError
from orthgen.formats.json_web_token import unverified_parts
from orthgen.realm.admin.representations import Unreadable, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment


_MAX_TEXT_LENGTH = 300


class TokenCheck(Struct, frozen=True):
    """Result of one rule: whether it holds, the token's value, and the setting behind a broken rule."""

    rule: str
    holds: bool
    value: str
    cause: str = ""


class ParsedToken(Struct, frozen=True):
    """A parsed token with an unverified signature."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]

    def __repr__(self) -> str:
        """Without the token, which signs in whoever has it."""
        return "Token(…)"


def parse_token(text: str) -> ParsedToken:
    """Parse a token; raises OrthgenError where it is none. No message shows the token."""
    text = text.strip().removeprefix("Bearer ").strip()
    try:
        header, payload = unverified_parts(text)
        return ParsedToken(text, read_answer(header, dict[str, Any]), read_answer(payload, dict[str, Any]))
    except (ValueError, Unreadable):
        raise OrthgenError(
            "this is not an access token",
            hint="three parts joined by dots; the browser sends it after `Bearer `",
        ) from None


def _texts(value: Any) -> list[str]:
    """The texts of a claim that is a text or a list of texts; other values are ignored."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _shown(*texts: str) -> str:
    """Untrusted texts of a token on one short line."""
    text = ", ".join(texts)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _MAX_TEXT_LENGTH else f"{text[:_MAX_TEXT_LENGTH]} and more"


def check_token(
    token: ParsedToken, public_key: str, deployment: Deployment, *, now: float | None = None
) -> tuple[TokenCheck, ...]:
    """The results of all rules. `public_key` is the key from `GET /realms/REALM`."""
    client = _shown(*_texts(token.claims.get("azp", "?")))
    return (
        _algorithm(token),
        _signature(token, public_key),
        _lifetime(token, deployment, time.time() if now is None else now),
        _audience(token, client),
        *_client(client, deployment),
        _roles(token, client, deployment),
        _name(token, client),
        _groups(token),
    )


def _algorithm(token: ParsedToken) -> TokenCheck:
    algorithm = _shown(*_texts(token.header.get("alg"))) or "none"
    cause = "the realm's `defaultSignatureAlgorithm`, the client's `access.token.signed.response.alg`"
    return TokenCheck("signed with RS256", algorithm == "RS256", algorithm, cause)


def _signature(token: ParsedToken, public_key: str) -> TokenCheck:
    rule = "signed by the realm"
    cause = "the token is of another realm, or the realm's key was changed: the auth-service reads it once, at its start"
    pem = f"-----BEGIN PUBLIC KEY-----\n{public_key}\n-----END PUBLIC KEY-----\n"
    try:
        signed = JWS()
        signed.deserialize(token.text, JWK.from_pem(pem.encode()), alg="RS256")
    except (JWException, ValueError, TypeError, AttributeError):
        return TokenCheck(rule, holds=False, value="another signature", cause=cause)
    return TokenCheck(rule, holds=True, value="by the key that the realm shows")


def _lifetime(token: ParsedToken, deployment: Deployment, now: float) -> TokenCheck:
    expires, issued = token.claims.get("exp"), token.claims.get("iat")
    rule = "not expired"
    if not isinstance(expires, (int, float)) or not isinstance(issued, (int, float)):
        return TokenCheck(
            rule, holds=False, value="says nothing of its life", cause="not a token of Keycloak's"
        )
    lifetime, remaining = int(expires - issued), int(expires - now)
    declared = deployment.profile.identity.sessions.access_token
    note = (
        ""
        if lifetime == declared
        else f" (the profile says {declared} s: another setting of the realm or client)"
    )
    if remaining <= 0:
        return TokenCheck(
            rule, holds=False, value=f"over since {-remaining} s", cause="sign in again, or check the clocks"
        )
    return TokenCheck(rule, holds=True, value=f"{remaining} s of {lifetime} s left{note}")


def _audience(token: ParsedToken, client: str) -> TokenCheck:
    listed = _texts(token.claims.get("aud"))
    cause = f"the protocol mapper `audience account` of the client `{client}`"
    return TokenCheck("`account` in the audience", "account" in listed, _shown(*listed) or "none", cause)


def _client(client: str, deployment: Deployment) -> Iterator[TokenCheck]:
    """Whether nginx accepts the client, in a realm that other applications use too."""
    accepted = token_clients(deployment)
    if accepted is not None:
        cause = f"the token was given to another application; if it may be used here, add `{client}` to "
        cause += "`identity.keycloak.other-clients`"
        yield TokenCheck("given to a client of the deployment", client in accepted, client, cause)


def _roles(token: ParsedToken, client: str, deployment: Deployment) -> TokenCheck:
    realm_access = token.claims.get("realm_access")
    held = _texts(realm_access.get("roles")) if isinstance(realm_access, dict) else []
    granted = [role.name for role in deployment.roles if role.name in held]
    rule = "a role of the profile in realm_access.roles"
    if granted:
        return TokenCheck(rule, holds=True, value=_shown(*granted))
    if not held:
        cause = (
            f"the protocol mapper `realm roles` or the scope mapping of the client `{client}`, or the person holds no "
            "role: look at the person's role mappings, then at `granted-by` and the provider's mappers"
        )
        return TokenCheck(rule, holds=False, value="no roles", cause=cause)
    cause = (
        "the person holds none of the profile's roles: `granted-by`, and what the provider says of the person"
    )
    return TokenCheck(rule, holds=False, value=_shown(*held), cause=cause)


def _name(token: ParsedToken, client: str) -> TokenCheck:
    names = _texts(token.claims.get("name") or token.claims.get("preferred_username"))
    cause = f"the client scope `profile` of the client `{client}`"
    return TokenCheck("a name", bool(names), _shown(*names) or "none", cause)


def _groups(token: ParsedToken) -> TokenCheck:
    groups = _shown(*_texts(token.claims.get("groups")))
    return TokenCheck("groups", holds=True, value=groups or "none (none are needed)")
