"""Checks of the transport, and checks whose outcome the discovery has."""

from __future__ import annotations

from orthgen.probe.checks.expected_responses import OK
from orthgen.probe.model import ExpectedResponse, ProbeCheck, ProbeRequest, Shape, Site

_REDIRECTS = frozenset({301, 302, 307, 308})


def _discovered(name: str, weakness: str, why: str, remedy: str) -> ProbeCheck:
    """A check without a request: the discovery has its outcome."""
    return ProbeCheck(name, weakness, None, (), (), why, remedy)


TRANSPORT = (
    _discovered("https", "transport", "tokens and images cross the network unencrypted", "TLS at the proxy"),
    _discovered(
        "hsts",
        "transport",
        "an attacker on the network path can keep the first visit of a browser on plain http",
        "Strict-Transport-Security",
    ),
    _discovered(
        "old-tls",
        "transport",
        "an attacker on the network path can weaken the encryption",
        "TLS 1.2 and 1.3 only",
    ),
    ProbeCheck(
        "http-redirect",
        "transport",
        ProbeRequest("GET", "ui/app/", site=Site.CLEAR),
        closed=(ExpectedResponse(_REDIRECTS, Shape.SAME_HOST), ExpectedResponse(frozenset({403, 404, 426}))),
        open=(ExpectedResponse(OK),),
        why="a browser sends tokens unencrypted if a person types the address without https",
        remedy="a redirect to https on port 80, or a closed port 80",
    ),
)

DISCOVERED = (
    _discovered(
        "link-expires",
        "W2",
        "a link that leaks opens its study without end",
        "limits of the lifetime of links in the proxy (`sharing` in a profile)",
    ),
    _discovered(
        "upload-beyond-labels",
        "W6",
        "an uploaded object names its study and has no label, so a limited role can add to any study",
        "`upload` only for roles that see every study; rules that put labels on arriving studies",
    ),
    _discovered(
        "token-mix",
        "W7",
        "one token with the permission and without the label makes the plugin refuse the request; this gives no access",
        "one token on each request",
    ),
    _discovered(
        "passwords-beside",
        "W12",
        "Orthanc asks for its own password, and refuses every request with a token and without this password",
        "`AuthenticationEnabled: false` with the authorization plugin",
    ),
)
