"""Run of the checks: one request after the other, and the verdict on each answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from orthgen.probe.checks import CHECKS
from orthgen.probe.client import Client
from orthgen.probe.discovery import Survey, headers_of
from orthgen.probe.model import Ask, Caller, Check, Found, Result, Site, Tokens, Verdict
from orthgen.probe.verdict import judge

_WORD = re.compile(r"\{([a-z_]+)\}")


def lacking(check: Check, known: Survey) -> str:
    """Why a check cannot be made; nothing where it can."""
    ask = check.ask
    if ask is None:
        return ""
    needed = list(_WORD.findall(ask.path + ask.body))
    needed += {Caller.NOBODY: [], Caller.USER: ["user"], Caller.LINK: ["link"]}[ask.caller]
    needed += {Site.KEYCLOAK: ["keycloak"], Site.CLEAR: ["clear"]}.get(ask.site, [])
    reasons = [known.missing[word] for word in needed if word in known.missing]
    if reasons:
        return reasons[-1]
    if check.permission and not known.permissions & {"all", check.permission}:
        return f"needs a limited user who may `{check.permission}`"
    return ""


def writes(known: Survey) -> tuple[Ask, ...]:
    """The requests that go beyond reading and can be sent here."""
    return tuple(
        check.ask
        for check in CHECKS
        if check.ask is not None and check.ask.writes and not lacking(check, known)
    )


def run(client: Client, known: Survey, tokens: Tokens, *, with_writes: bool) -> tuple[Result, ...]:
    """Make every check; those that go beyond reading only `with_writes`."""
    return tuple(_result(check, client, known, tokens, with_writes=with_writes) for check in CHECKS)


def asked(ask: Ask, known: Survey | None = None) -> str:
    """A request in one line, as a person reads it: ids stay the words that stand for them."""
    root = ask.site.value
    if known is not None and ask.site in known.roots and ask.site is not Site.CLEAR:
        root = known.roots[ask.site]
    return f"{ask.caller.value}: {ask.line(root)}"


def _result(check: Check, client: Client, known: Survey, tokens: Tokens, *, with_writes: bool) -> Result:
    ask = check.ask
    if ask is None:
        return Result(check, "", known.known.get(check.name, Found(Verdict.UNKNOWN, "not seen from outside")))
    reason = lacking(check, known)
    if not reason and ask.writes and not with_writes:
        reason = "not asked, because it goes beyond reading (`--yes`)"
    if reason:
        return Result(check, asked(ask, known), Found(Verdict.UNKNOWN, reason))
    reply = client.ask(
        ask.method,
        known.roots[ask.site] + filled(ask.path, known),
        headers={**dict(ask.headers), **headers_of(ask.caller, tokens)},
        body=filled(ask.body, known).encode() if ask.body or ask.method in {"POST", "PUT"} else None,
        in_clear=ask.site is Site.CLEAR,
    )
    found = judge(check, reply, client.address.host)
    if found.verdict is Verdict.OPEN and check.control:
        beside = client.ask(ask.method, known.roots[ask.site] + check.control)
        if beside.status == reply.status:
            found = Found(
                Verdict.UNKNOWN, f"{reply.status}, as for every path there: something before it answers"
            )
    if check.name == "http-redirect" and reply.failure == "no answer (connection refused)":
        found = Found(Verdict.CLOSED, "nothing listens on port 80")
    return Result(check, asked(ask, known), found)


def filled(text: str, known: Survey) -> str:
    """The text with its words filled in."""
    return _WORD.sub(lambda match: known.words.get(match[1], match[0]), text)


def opened(results: Sequence[Result]) -> bool:
    """Whether anything is open."""
    return any(result.found.verdict is Verdict.OPEN for result in results)
