"""Verdict on an answer: a function of check and reply. Repeats nothing of the reply's contents."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from orthgen.probe.model import ExpectedResponse, Outcome, ProbeCheck, ProbeReply, Shape, Verdict


def verdict_on(check: ProbeCheck, reply: ProbeReply, host: str) -> Outcome:
    """The outcome of `check` by its reply; unknown where the reply fits no expected response."""
    if reply.failure:
        return Outcome(Verdict.UNKNOWN, reply.failure)
    for verdict, responses in ((Verdict.CLOSED, check.closed), (Verdict.OPEN, check.open)):
        for expected in responses:
            if _fits(expected, reply, host):
                reason = (
                    f"{reply.status}, {expected.shape.value}" if expected.shape.value else str(reply.status)
                )
                return Outcome(verdict, reason)
    return Outcome(Verdict.UNKNOWN, f"{reply.status}, which neither an open nor a closed system answers here")


def _fits(expected: ExpectedResponse, reply: ProbeReply, host: str) -> bool:
    return reply.status in expected.statuses and _SHAPES[expected.shape](reply, expected.text, host)


def parsed(reply: ProbeReply) -> Any:
    """The body as JSON, or None."""
    return json_or_none(reply.body)


def members(reply: ProbeReply) -> Mapping[str, Any]:
    """The members of the JSON object in an answer; none for another answer."""
    value = parsed(reply)
    return value if isinstance(value, dict) else {}


def json_or_none(text: bytes) -> Any:
    """The value of an untrusted text, or None where it is no JSON or is nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_member(reply: ProbeReply, member: str) -> bool:
    value = parsed(reply)
    return isinstance(value, dict) and member in value


def _items(reply: ProbeReply) -> bool | None:
    """Whether the body is a list with an item; None where it is no list."""
    value = parsed(reply)
    return bool(value) if isinstance(value, list) else None


def _totals(reply: ProbeReply) -> bool | None:
    """Whether the statistics show the archive's size; None where the body has no statistics."""
    value = parsed(reply)
    if not isinstance(value, dict) or "CountStudies" not in value:
        return None
    return any(
        value.get(key) not in (0, "0", None) for key in ("CountInstances", "CountPatients", "TotalDiskSize")
    )


def _same_host(reply: ProbeReply, host: str) -> bool:
    try:
        target = urlsplit(reply.headers.get("location", ""))
    except ValueError:
        return False
    return target.scheme == "https" and target.hostname == host


_SHAPES: dict[Shape, Callable[[ProbeReply, str, str], bool]] = {
    Shape.ANY: lambda _reply, _text, _host: True,
    Shape.ITEMS: lambda reply, _text, _host: _items(reply) is True,
    Shape.NO_ITEMS: lambda reply, _text, _host: _items(reply) is False,
    Shape.MEMBER: lambda reply, member, _host: _has_member(reply, member),
    Shape.TEXT: lambda reply, text, _host: text.encode() in reply.body,
    Shape.ORTHANC_ERROR: lambda reply, _text, _host: _has_member(reply, "OrthancStatus"),
    Shape.ALLOW: lambda reply, _text, _host: "allow" in reply.headers and not reply.body,
    Shape.TOTALS: lambda reply, _text, _host: _totals(reply) is True,
    Shape.NO_TOTALS: lambda reply, _text, _host: _totals(reply) is False,
    Shape.SAME_HOST: lambda reply, _text, host: _same_host(reply, host),
}
