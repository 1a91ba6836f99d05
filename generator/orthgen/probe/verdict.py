"""Verdict on an answer: a function of check and reply. Repeats nothing of the reply's contents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from orthgen.probe.model import Check, Found, Reply, Shape, Sign, Verdict


def judge(check: Check, reply: Reply, host: str = "") -> Found:
    """What `reply` says about the weakness; what fits no sign of the check is not guessed at."""
    if reply.failure:
        return Found(Verdict.UNKNOWN, reply.failure)
    for verdict, signs in ((Verdict.CLOSED, check.closed), (Verdict.OPEN, check.open)):
        for sign in signs:
            if _fits(sign, reply, host):
                said = f"{reply.status}, {sign.shape.value}" if sign.shape.value else str(reply.status)
                return Found(verdict, said)
    return Found(Verdict.UNKNOWN, f"{reply.status}, which neither an open nor a closed system answers here")


def _fits(sign: Sign, reply: Reply, host: str) -> bool:
    return reply.status in sign.statuses and _SHAPES[sign.shape](reply, sign.word, host)


def parsed(reply: Reply) -> Any:
    """The body as JSON, or None."""
    return read_json(reply.body)


def read_json(text: bytes) -> Any:
    """The value of a text that somebody else wrote, or None where it is no JSON, or nests without end."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_member(reply: Reply, word: str) -> bool:
    value = parsed(reply)
    return isinstance(value, dict) and word in value


def _items(reply: Reply) -> bool | None:
    """Whether a list has something in it; None where the body is no list."""
    value = parsed(reply)
    return bool(value) if isinstance(value, list) else None


def _totals(reply: Reply) -> bool | None:
    """Whether an answer tells how large the archive is; None where it is no such answer."""
    value = parsed(reply)
    if not isinstance(value, dict) or "CountStudies" not in value:
        return None
    return any(
        value.get(key) not in (0, "0", None) for key in ("CountInstances", "CountPatients", "TotalDiskSize")
    )


def _same_host(reply: Reply, host: str) -> bool:
    try:
        target = urlsplit(reply.headers.get("location", ""))
    except ValueError:
        return False
    return target.scheme == "https" and target.hostname == host


_SHAPES: dict[Shape, Callable[[Reply, str, str], bool]] = {
    Shape.ANY: lambda _reply, _word, _host: True,
    Shape.ITEMS: lambda reply, _word, _host: _items(reply) is True,
    Shape.NO_ITEMS: lambda reply, _word, _host: _items(reply) is False,
    Shape.MEMBER: lambda reply, word, _host: _has_member(reply, word),
    Shape.TEXT: lambda reply, word, _host: word.encode() in reply.body,
    Shape.ORTHANC_ERROR: lambda reply, _word, _host: _has_member(reply, "OrthancStatus"),
    Shape.ALLOW: lambda reply, _word, _host: "allow" in reply.headers and not reply.body,
    Shape.TOTALS: lambda reply, _word, _host: _totals(reply) is True,
    Shape.NO_TOTALS: lambda reply, _word, _host: _totals(reply) is False,
    Shape.SAME_HOST: lambda reply, _word, host: _same_host(reply, host),
}
