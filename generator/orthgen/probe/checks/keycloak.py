"""Checks of Keycloak: its reachable parts, and the restrictions of the realm's client."""

from __future__ import annotations

from urllib.parse import quote

from orthgen.probe.checks.expected_responses import NOT_PUBLIC, OK, page
from orthgen.probe.model import ExpectedResponse, ProbeCheck, ProbeRequest, Shape, Site

_PUBLIC_PATHS = "a proxy that forwards only the sign-in and account pages of the realm, and answers 404 to all other paths of Keycloak"
# `.invalid` belongs to nobody (RFC 2606).
_ELSEWHERE = quote("https://verify.invalid/", safe="")


def _page(name: str, path: str, text: str, why: str) -> ProbeCheck:
    return ProbeCheck(
        name,
        "Keycloak",
        ProbeRequest("GET", path, site=Site.KEYCLOAK),
        closed=(NOT_PUBLIC,),
        open=(page(text),),
        why=why,
        remedy=_PUBLIC_PATHS,
    )


KEYCLOAK = (
    _page(
        "keycloak-console",
        "admin/master/console/",
        "eycloak",
        "anybody in the network can try passwords of the administrator",
    ),
    _page(
        "keycloak-master-realm",
        "realms/master/.well-known/openid-configuration",
        "issuer",
        "the sign-in page of the administrators is open to everybody",
    ),
    _page(
        "keycloak-metrics",
        "metrics",
        "# TYPE",
        "everybody can read which sign-ins and requests fail, and how often",
    ),
    _page(
        "keycloak-health",
        "health",
        '"status"',
        "everybody can read the state of the server and its database",
    ),
    ProbeCheck(
        "keycloak-administration",
        "Keycloak",
        ProbeRequest("GET", "admin/realms", site=Site.KEYCLOAK),
        closed=(ExpectedResponse(frozenset({301, 302, 303, 307, 308, 403, 404, 405, 410})),),
        # Keycloak's own refusal: it was reached and wants a token.
        open=(ExpectedResponse(OK), ExpectedResponse(frozenset({401}))),
        why="with a stolen token of an administrator, anybody can change users and roles from any computer",
        remedy=_PUBLIC_PATHS,
        control="orthgen-verify-nowhere",
    ),
    ProbeCheck(
        "keycloak-redirects",
        "Keycloak",
        ProbeRequest(
            "GET",
            "realms/{realm}/protocol/openid-connect/auth"
            f"?client_id={{client}}&response_type=code&scope=openid&redirect_uri={_ELSEWHERE}",
            site=Site.KEYCLOAK,
        ),
        closed=(ExpectedResponse(frozenset({400, 403, 404})),),
        open=(ExpectedResponse(OK), ExpectedResponse(frozenset({302, 303}))),
        why="a web page of an attacker can receive the codes, and so the tokens, of people who sign in",
        remedy="complete redirect URIs at the client, without `*`",
    ),
    ProbeCheck(
        "keycloak-direct-grants",
        "Keycloak",
        ProbeRequest(
            "POST",
            "realms/{realm}/protocol/openid-connect/token",
            site=Site.KEYCLOAK,
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body="grant_type=password&client_id={client}",
            note="a sign-in by password without a name and a password",
            writes=True,
        ),
        closed=(
            ExpectedResponse(frozenset({400, 401}), Shape.TEXT, "unauthorized_client"),
            ExpectedResponse(frozenset({400, 401}), Shape.TEXT, "invalid_client"),
            ExpectedResponse(frozenset({403, 404, 405})),
        ),
        open=(
            ExpectedResponse(frozenset({400, 401}), Shape.TEXT, "invalid_request"),
            ExpectedResponse(frozenset({400, 401}), Shape.TEXT, "invalid_grant"),
        ),
        why="programs can try passwords without the second factor of the sign-in page",
        remedy="`directAccessGrantsEnabled: false` at the client",
    ),
)
