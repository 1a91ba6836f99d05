"""Checks of the transport, and checks whose outcome the discovery has."""

from __future__ import annotations

from orthgen.probe.checks.expected_responses import OK
from orthgen.probe.model import Check, ExpectedResponse, Request, Shape, Site

_REDIRECTS = frozenset({301, 302, 307, 308})


def _discovered(name: str, weakness: str, why: str, remedy: str) -> Check:
    """A check without a request: the discovery has its outcome."""
    return Check(name, weakness, None, (), (), why, remedy)


TRANSPORT = (
    _discovered("https", "transport", "tokens and images cross the network unencrypted", "TLS at the proxy"),
    _discovered(
        "hsts",
        "transport",
        "a first visit over http can be kept on http by an attacker on the network path",
        "Strict-Transport-Security",
    ),
    _discovered(
        "old-tls",
        "transport",
        "the connection can be weakened by an attacker on the network path",
        "TLS 1.2 and 1.3 alone",
    ),
    Check(
        "http-redirect",
        "transport",
        Request("GET", "", site=Site.CLEAR),
        closed=(ExpectedResponse(_REDIRECTS, Shape.SAME_HOST), ExpectedResponse(frozenset({403, 404, 426}))),
        open=(ExpectedResponse(OK),),
        why="anybody who types the address without https sends tokens unencrypted",
        remedy="a redirect to https on port 80, or nothing there",
    ),
)

DISCOVERED = (
    _discovered(
        "link-expires",
        "W2",
        "a link that leaks opens its study without end",
        "bounds of links' lives at the edge (`sharing` in a profile)",
    ),
    _discovered(
        "upload-beyond-labels",
        "W6",
        "uploads carry no label and name their own study, so a limited role can add to any study",
        "`upload` for roles that see everything, or knowingly; rules at reception that label what arrives",
    ),
    _discovered(
        "token-mix",
        "W7",
        "one token with the permission and without the label refuses the request; nothing is opened by it",
        "one token on each request",
    ),
    _discovered(
        "passwords-beside",
        "W12",
        "Orthanc asks for a password of its own and refuses every token that comes without",
        "`AuthenticationEnabled: false` beside the authorization plugin",
    ),
)
