"""Kinds of answers that several checks look for."""

from __future__ import annotations

from orthgen.probe.model import Shape, Sign

OK = frozenset({200})
REFUSED = Sign(frozenset({401, 403}))
FORBIDDEN = Sign(frozenset({403}))
"""For whoever has a token that is good: a 401 would say that it was not read."""
NOT_PUBLIC = Sign(frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 410}))
THROUGH = (
    Sign(frozenset({200, 201, 202, 204})),
    Sign(frozenset({400, 404, 405, 409, 413, 415, 422, 500}), Shape.ORTHANC_ERROR),
)
"""A write that was let through: Orthanc did it, or says itself why it did not. A proxy's own errors are not it."""


def page(word: str) -> Sign:
    """A page, known by a text in it: some servers answer every path with their start page."""
    return Sign(OK, Shape.TEXT, word)


def value(member: str) -> Sign:
    """A JSON object that has this member."""
    return Sign(OK, Shape.MEMBER, member)
