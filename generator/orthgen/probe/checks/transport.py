"""How the address is reached, and what the survey knows without another question."""

from __future__ import annotations

from orthgen.probe.checks.expected_responses import OK
from orthgen.probe.model import Ask, Check, Shape, Sign, Site

_REDIRECTS = frozenset({301, 302, 307, 308})


def _known(name: str, weakness: str, why: str, remedy: str) -> Check:
    """A check that asks nothing of its own: `survey` has the answer."""
    return Check(name, weakness, None, (), (), why, remedy)


TRANSPORT = (
    _known("https", "transport", "tokens and images cross the network in the clear", "TLS at the proxy"),
    _known(
        "hsts",
        "transport",
        "a first visit over http can be kept there by somebody in between",
        "Strict-Transport-Security",
    ),
    _known(
        "old-tls",
        "transport",
        "the connection can be weakened by somebody in between",
        "TLS 1.2 and 1.3 alone",
    ),
    Check(
        "http-redirect",
        "transport",
        Ask("GET", "", site=Site.CLEAR),
        closed=(Sign(_REDIRECTS, Shape.SAME_HOST), Sign(frozenset({403, 404, 426}))),
        open=(Sign(OK),),
        why="whoever types the address without https sends tokens in the clear",
        remedy="a redirect to https on port 80, or nothing there",
    ),
)

KNOWN = (
    _known(
        "link-expires",
        "W2",
        "a link that leaks opens its study for ever",
        "bounds of links' lives at the edge (`sharing` in a profile)",
    ),
    _known(
        "upload-beyond-labels",
        "W6",
        "uploads carry no label and name their study by themselves: a limited role adds to any study",
        "`upload` for roles that see everything, or knowingly; rules at reception that label what arrives",
    ),
    _known(
        "token-mix",
        "W7",
        "one token with the permission and without the label refuses the request; nothing is opened by it",
        "one token on each request",
    ),
    _known(
        "passwords-beside",
        "W12",
        "Orthanc asks for a password of its own and refuses every token that comes without",
        "`AuthenticationEnabled: false` beside the authorization plugin",
    ),
)
