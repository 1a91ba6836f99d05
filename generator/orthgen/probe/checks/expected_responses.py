"""Expected responses that several checks share."""

from __future__ import annotations

from orthgen.probe.model import ExpectedResponse, Shape

OK = frozenset({200})
REFUSED = ExpectedResponse(frozenset({401, 403}))
FORBIDDEN = ExpectedResponse(frozenset({403}))
"""For a request with a valid token: a 401 would mean that the server did not read it."""
NOT_PUBLIC = ExpectedResponse(frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 410}))
THROUGH = (
    ExpectedResponse(frozenset({200, 201, 202, 204})),
    ExpectedResponse(frozenset({400, 404, 405, 409, 413, 415, 422, 500}), Shape.ORTHANC_ERROR),
)
"""A write that reached Orthanc: it was done, or Orthanc itself refused it. A proxy's errors do not count."""


def page(text: str) -> ExpectedResponse:
    """A page with a certain text, because some servers answer every path with their start page."""
    return ExpectedResponse(OK, Shape.TEXT, text)


def value(member: str) -> ExpectedResponse:
    """A JSON object with this member."""
    return ExpectedResponse(OK, Shape.MEMBER, member)
