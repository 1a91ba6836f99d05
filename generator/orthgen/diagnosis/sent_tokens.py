"""The kind of a token that a request carried, and the reasons for it, by the rules of orthanc-auth-service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.authz.model import Token, TokenKind
from orthgen.diagnosis.statements import Statement, counted
from orthgen.observed.model import SourceKind
from orthgen.observed.redaction import SECRET_HEADERS
from orthgen.observed.token_text import ARGUMENT

if TYPE_CHECKING:
    from orthgen.observed.model import ObservedDeployment, Orthanc
    from orthgen.observed.recording_model import Exchange, ObservedToken

_SECRET_HEADERS = frozenset({"authorization", "token", "api-key"})
_NO_HEADERS = "The headers of the request were not seen, so that its token is not known."
_SANITIZED = (
    "The recording has no `Authorization` header, because browsers leave it out unless the export is with sensitive data. So "
    "the token is not known."
)
_ALGORITHM = "RS256"


class SentToken(Struct, frozen=True):
    """
    The token of a request as the model takes it. `origin` says how a link of its type comes into being.

    A token that was not seen has `is_seen` false; the model then takes its sender for anonymous.
    """

    token: Token
    statements: tuple[Statement, ...]
    origin: tuple[Statement, ...] = ()
    is_link: bool = False
    roles: tuple[str, ...] = ()
    is_seen: bool = True
    is_broken: bool = False
    """Whether it is a user's token that the auth-service does not accept."""


def sent_token(
    deployment: ObservedDeployment, orthanc: Orthanc, exchange: Exchange, time: datetime | None
) -> SentToken | None:
    """The token that a request carried; None where it carried none. A redacted one is looked for elsewhere in the texts."""
    carried = [token for token in exchange.tokens if token.carrier.lower() not in {"cookie", "referer"}]
    redacted = next(
        (
            header
            for header in exchange.headers
            if header.name.lower() in _SECRET_HEADERS and "…" in header.value
        ),
        None,
    )
    if carried:
        return _read(orthanc, carried[0], carried[0].carrier or "Authorization", time)
    is_sanitized = _is_sanitized(deployment, exchange.location.file)
    if redacted is None and _shows_headers(exchange) and not is_sanitized:
        return None
    if redacted is None:
        if len(deployment.tokens) == 1:
            return _read(orthanc, deployment.tokens[0], "Authorization", time)
        text = _SANITIZED if is_sanitized else _NO_HEADERS
        statements = (Statement(text, exchange.location),)
        return SentToken(Token("Authorization", TokenKind.OTHER), statements, is_seen=False)
    if redacted.value.lower().startswith("basic"):
        text = "The request carries a user name and a password (`Basic`), and no token."
        return SentToken(
            Token(redacted.name, TokenKind.OTHER, basic=True), (Statement(text, redacted.location),)
        )
    if len(deployment.tokens) == 1:
        return _read(orthanc, deployment.tokens[0], redacted.name, time)
    if redacted.name.lower() == "api-key":
        text = "The request carries an API key. Its user is not known from what was read."
        return SentToken(Token(redacted.name, TokenKind.USER), (Statement(text, redacted.location),))
    text = "The token was removed from the text, so that its kind is not known."
    statements = (Statement(text, redacted.location),)
    return SentToken(Token(redacted.name, TokenKind.OTHER), statements, is_seen=False)


def _is_sanitized(deployment: ObservedDeployment, file: str) -> bool:
    """Whether a recording has no secret header at all: browsers leave them out unless asked (Chrome from 130 on)."""
    is_recording = any(source.kind is SourceKind.HAR and source.file == file for source in deployment.sources)
    return is_recording and not any(
        header.name.lower() in SECRET_HEADERS
        for exchange in deployment.exchanges
        if exchange.location.file == file
        for header in exchange.headers
    )


def _shows_headers(exchange: Exchange) -> bool:
    """Whether the headers of a request were seen; an address alone gives `Host`, an access log `Referer`."""
    return any(header.name.lower() not in {"host", "referer"} for header in exchange.headers) or bool(
        exchange.headers and exchange.headers[0].location.line != exchange.location.line
    )


def is_link(token: ObservedToken) -> bool:
    """Whether a token is a link of the auth-service: it names studies, not a person."""
    kind = str(token.claims.get("type", ""))
    return "resources" in token.claims or kind.endswith(("-link", "-publication"))


def _read(orthanc: Orthanc, token: ObservedToken, carrier: str, time: datetime | None) -> SentToken:
    in_query, name = carrier == ARGUMENT, carrier.removeprefix("?")
    return (
        _link(orthanc, token, name, time, in_query=in_query)
        if is_link(token)
        else _user(token, name, time, in_query=in_query)
    )


def _link(
    orthanc: Orthanc, token: ObservedToken, carrier: str, time: datetime | None, *, in_query: bool
) -> SentToken:
    kind = str(token.claims.get("type", "a link"))
    is_share = kind.endswith("-publication")
    studies = frozenset(_identifiers(token))
    resources = token.claims.get("resources")
    count = len(resources) if isinstance(resources, list) else 0
    names = (
        f"It names {counted(count, 'study')}, not a person." if count else "It names studies, not a person."
    )
    head = Statement(
        f"The token is a link, not the token of a user: its type is `{kind}`. {names}", token.location
    )
    origin = [Statement(_origin(kind))]
    share_type = ("OrthancExplorer2", "Tokens", "ShareType")
    configured = orthanc.settings.get(*share_type)
    if configured and not is_share:
        text = (
            f"`Tokens.ShareType` (`{configured}`) is the type of links that people make with *Share*. "
            "It does not change the type of instant links."
        )
        origin.append(Statement(text, orthanc.settings.locate(share_type)))
    statements = [head, *origin]
    end = _end(token)
    if end is not None and time is not None and end < time:
        minutes = max(1, round((time - end).total_seconds() / 60))
        text = (
            f"The link had also expired: its end is {end:%H:%M:%S} UTC, the response came {counted(minutes, 'minute')} "
            "later. A new link is refused for this request as well."
        )
        statements.append(Statement(text, token.location))
    return SentToken(
        Token(carrier, TokenKind.LINK, argument=in_query, studies=studies, decodable=is_share),
        tuple(statements),
        tuple(origin),
        is_link=True,
    )


def _origin(kind: str) -> str:
    if kind.endswith("-publication"):
        return "People make such a link with *Share* in Orthanc Explorer 2, for a guest without an account."
    return (
        "Orthanc Explorer 2 makes such an instant link when a signed-in user opens a viewer, and writes it into the "
        "viewer's address (`?token=…`). The viewer sends it with every request, in place of the user's token."
    )


def _identifiers(token: ObservedToken) -> Iterator[str]:
    """The Orthanc ids and the DICOM UIDs in a link."""
    resources = token.claims.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        if isinstance(resource, Mapping):
            for key in ("orthanc_id", "dicom_uid", "orthanc-id", "dicom-uid"):
                if isinstance(resource.get(key), str):
                    yield resource[key]


def _end(token: ObservedToken) -> datetime | None:
    with suppress(KeyError, ValueError, TypeError):
        end = datetime.fromisoformat(str(token.claims["expiration_date"]))
        return end.astimezone(UTC) if end.tzinfo is not None else end.replace(tzinfo=UTC)
    with suppress(KeyError, ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(float(token.claims["exp"]), UTC)
    return None


def _user(token: ObservedToken, carrier: str, time: datetime | None, *, in_query: bool) -> SentToken:
    """A token of Keycloak's, by the rules of the auth-service: a broken one makes its sender anonymous."""
    access = token.claims.get("realm_access")
    listed = access.get("roles") if isinstance(access, Mapping) else None
    roles = tuple(str(role) for role in listed) if isinstance(listed, list) else ()
    broken = tuple(_broken_rules(token, time))
    name = token.claims.get("azp")
    client = f", made for the client `{name}`" if isinstance(name, str) else ""
    statements = [Statement(f"The token is the token of a user{client}.", token.location), *broken]
    if not broken and not roles:
        text = "It has no realm role (`realm_access.roles`). The auth-service looks at no other roles."
        statements.append(Statement(text, token.location))
    kind = TokenKind.OTHER if broken else TokenKind.USER
    return SentToken(
        Token(carrier, kind, argument=in_query, roles=roles),
        tuple(statements),
        roles=roles,
        is_broken=bool(broken),
    )


def _broken_rules(token: ObservedToken, time: datetime | None) -> Iterator[Statement]:
    algorithm = token.header.get("alg")
    if algorithm not in {None, _ALGORITHM}:
        text = f"The auth-service accepts tokens of users signed with {_ALGORITHM} only. This one is signed with {algorithm}."
        yield Statement(text, token.location)
    audience = token.claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if "account" not in listed:
        text = "The token's audience (`aud`) lacks `account`, so that the auth-service takes its sender for anonymous."
        yield Statement(text, token.location)
    end = _end(token)
    if end is not None and time is not None and end < time:
        text = f"The token had expired at {end:%H:%M:%S} UTC, so that its sender was anonymous."
        yield Statement(text, token.location)
