"""What an OpenID Connect provider says of itself, and what becomes of it in the realm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from orthgen.errors import OrthgenError
from orthgen.http_client import Fault, NoReply
from orthgen.realm.admin.discovery import with_discovered_endpoints
from orthgen.realm.admin.representations import Unreadable
from orthgen.realm.realm_file import desired
from tests.support.builders import make_deployment

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

ISSUER = "https://login.example.org/realms/tenant"
UNKNOWN = "https://login.example.org/tenant"
SAID = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/oauth/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def identity(issuer: str, **more: str) -> str:
    """A way of signing in at `issuer`."""
    settings = {"issuer": issuer, "client-id": "a", "client-secret": "{secret: s}", **more}
    return f"{{sign-in: [oidc: {{{', '.join(f'{name}: {value}' for name, value in settings.items())}}}]}}"


def settings(deployment: Deployment) -> dict[str, str]:
    """The provider's settings in the realm."""
    provider = next(item for item in desired(deployment) if item.kind == "identity provider")
    return dict(provider.fields["config"])


def config(answer: Any, issuer: str = ISSUER) -> tuple[dict[str, str], tuple[str, ...]]:
    """The provider's settings after asking, and what is to be said."""
    asked: list[str] = []

    def fetch(issuer: str) -> bytes:
        asked.append(issuer)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    deployment, notes = with_discovered_endpoints(make_deployment(identity=identity(issuer)), fetch=fetch)
    assert asked == [issuer]
    return settings(deployment), notes


def test_a_provider_says_where_its_endpoints_are() -> None:
    """The realm has the endpoints that the provider names, and none that it does not."""
    found, notes = config(SAID)

    assert (found["authorizationUrl"], found["tokenUrl"], found["jwksUrl"]) == (
        f"{ISSUER}/authorize",
        f"{ISSUER}/oauth/token",
        f"{ISSUER}/keys",
    )
    assert (found["disableUserInfo"], "userInfoUrl" in found, notes) == ("true", False, ())


@pytest.mark.parametrize(
    "answer",
    [
        NoReply(Fault.REFUSED),
        Unreadable("status 404"),
        {"issuer": ISSUER},
        "text",
        b"<html>",
        {**SAID, "token_endpoint": 7},
        {**SAID, "token_endpoint": "javascript:alert(1)"},
        {**SAID, "jwks_uri": "http://login.example.org/keys"},
        {**SAID, "userinfo_endpoint": "https://login.example.org/\x1b[2J"},
    ],
)
def test_a_provider_that_says_nothing_is_noted(answer: Any) -> None:
    """Without an answer the endpoints are where the issuer's maker has them, and a line says so."""
    found, notes = config(answer)

    assert found["tokenUrl"] == f"{ISSUER}/protocol/openid-connect/token"
    assert len(notes) == 1
    assert ISSUER in notes[0]


def test_a_provider_that_says_nothing_and_is_not_known_stops_the_run() -> None:
    """No endpoint is invented."""
    with pytest.raises(OrthgenError, match="has no usable answer") as stopped:
        config(NoReply(Fault.REFUSED), UNKNOWN)
    assert "`endpoints:`" in stopped.value.hint


@pytest.mark.parametrize(
    ("issuer", "authorization", "jwks", "userinfo"),
    [
        (
            "https://accounts.google.com",
            "https://accounts.google.com/o/oauth2/v2/auth",
            "https://www.googleapis.com/oauth2/v3/certs",
            "https://openidconnect.googleapis.com/v1/userinfo",
        ),
        (
            "https://clinic.okta.com",
            "https://clinic.okta.com/oauth2/v1/authorize",
            "https://clinic.okta.com/oauth2/v1/keys",
            "https://clinic.okta.com/oauth2/v1/userinfo",
        ),
        (
            "https://clinic.okta.com/oauth2/default",
            "https://clinic.okta.com/oauth2/default/v1/authorize",
            "https://clinic.okta.com/oauth2/default/v1/keys",
            "https://clinic.okta.com/oauth2/default/v1/userinfo",
        ),
        (
            "https://sts.clinic.example/adfs",
            "https://sts.clinic.example/adfs/oauth2/authorize",
            "https://sts.clinic.example/adfs/discovery/keys",
            None,
        ),
        (
            "https://sso.clinic.example/auth/realms/staff",
            "https://sso.clinic.example/auth/realms/staff/protocol/openid-connect/auth",
            "https://sso.clinic.example/auth/realms/staff/protocol/openid-connect/certs",
            "https://sso.clinic.example/auth/realms/staff/protocol/openid-connect/userinfo",
        ),
    ],
)
def test_a_known_provider_needs_no_endpoints(
    issuer: str, authorization: str, jwks: str, userinfo: str | None
) -> None:
    """The endpoints of Google, Okta, ADFS and another Keycloak follow from the issuer."""
    found = settings(make_deployment(identity=identity(issuer)))

    assert (found["authorizationUrl"], found["jwksUrl"]) == (authorization, jwks)
    assert (found.get("userInfoUrl"), found["disableUserInfo"]) == (userinfo, str(userinfo is None).lower())


@pytest.mark.parametrize(
    ("issuer", "claim", "read"),
    [
        (ISSUER, "realm_access.roles", "true"),
        (ISSUER, "resource_access.pacs.roles", "true"),
        (ISSUER, "groups", "false"),
        ("https://clinic.okta.com", "realm_access.roles", "false"),
    ],
)
def test_the_access_token_of_another_keycloak_is_read_for_its_roles(
    issuer: str, claim: str, read: str
) -> None:
    """Keycloak says the roles of realms and clients in the access token only; of others it may be no token at all."""
    assert settings(make_deployment(identity=identity(issuer, claim=claim)))["isAccessTokenJWT"] == read


def test_a_provider_of_another_name_is_an_error() -> None:
    """An issuer that is spelled otherwise would refuse every token, so it stops the run."""
    with pytest.raises(OrthgenError, match="calls itself `https://other/`"):
        config({**SAID, "issuer": "https://other/"})
