"""Checks of the length of a sign-in, and of who reaches Keycloak's administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# Longer ones are rarely intended: Keycloak's own defaults are 1 minute, 30 minutes and 10 hours (26.2 to 26.7).
_MAX_SECONDS = {"access-token": _HOUR, "idle": _DAY, "longest": 31 * _DAY}
_CONSEQUENCES = {
    "access-token": "a right that is withdrawn, and a sign-out, reach the archive only when the token ends",
    "idle": "a workstation that somebody has left stays signed in",
    "longest": "people sign in once and stay signed in, also after they leave the institution",
}


SESSION_ENDS_DURING_WORK = Rule(
    "session-ends-during-work",
    Severity.WARNING,
    summary="An access token lives longer than a sign-in without use. Keycloak notices use only when a token is renewed, so "
    "the sign-in ends while people work.",
    remedy="Make `access-token` shorter than `idle`: a fifth of it, for example.",
    example="""
        identity: {keycloak: {local-port: 8081}, sessions: {access-token: 1h, idle: 30m}}
    """,
)
LONG_SESSION = Rule(
    "long-session",
    Severity.WARNING,
    summary="A sign-in, or one of its tokens, lasts much longer than usual.",
    remedy="Write a shorter time: at most an hour for `access-token`, a day for `idle`, a month for `longest`.",
    example="""
        identity: {keycloak: {local-port: 8081}, sessions: {idle: 7d, longest: 14d}}
    """,
)
SHORT_SESSION = Rule(
    "short-session",
    Severity.WARNING,
    summary="An access token lives for less than a minute. It can end between the request of a page and that of its images, and a "
    "clock that is seconds behind refuses it.",
    remedy="Write `1m` or more for `access-token`; Keycloak's own default is a minute, that of orthgen five.",
    example="""
        identity: {keycloak: {local-port: 8081}, sessions: {access-token: 10s}}
    """,
)
PUBLIC_ADMIN_CONSOLE = Rule(
    "public-admin-console",
    Severity.WARNING,
    summary="Keycloak's admin console and admin API answer at the public address: everybody who reaches it can try passwords of "
    "administrators. `orthgen verify` reports it as an open weakness.",
    remedy="Remove `admin-console`; `local-port` opens the console for people on the host.",
    example="""
        identity: {keycloak: {admin-console: true}}
    """,
)


def sessions_last_a_working_day(context: CheckContext) -> Iterator[Finding]:
    """A sign-in lasts while somebody works, and ends when nobody does."""
    sessions = context.profile.identity.sessions
    lengths = {"access-token": sessions.access_token, "idle": sessions.idle, "longest": sessions.longest}
    if sessions.access_token > min(sessions.idle, sessions.longest):
        message = "an access token lives longer than an unused sign-in, which ends while people work"
        hint = "make it shorter than `idle` and `longest`; both have defaults (30m and 10h)"
        path = ("identity", "sessions", "access-token")
        yield context.finding(SESSION_ENDS_DURING_WORK, path, message, hint)
    if sessions.access_token < _MINUTE:
        message = "an access token ends while a page loads"
        path = ("identity", "sessions", "access-token")
        yield context.finding(SHORT_SESSION, path, message, "write `1m` or more; `5m` is the default")
    for name, seconds in lengths.items():
        if seconds > _MAX_SECONDS[name]:
            message = f"`{name}` is long: {_CONSEQUENCES[name]}"
            hint = f"write {_usual(_MAX_SECONDS[name])} at most, or silence this with the reason"
            yield context.finding(LONG_SESSION, ("identity", "sessions", name), message, hint)


def _usual(seconds: int) -> str:
    return f"`{seconds // _DAY}d`" if seconds >= _DAY else f"`{seconds // _HOUR}h`"


def administration_is_not_public(context: CheckContext) -> Iterator[Finding]:
    """Keycloak's administration is not reached by everybody."""
    keycloak = context.profile.identity.keycloak
    if keycloak.admin_console and keycloak.server is None:
        message = "everybody who reaches the address can try passwords of Keycloak's administrators"
        hint = "remove it; `local-port: 8081` opens the console for people on the host"
        yield context.finding(PUBLIC_ADMIN_CONSOLE, ("identity", "keycloak", "admin-console"), message, hint)
