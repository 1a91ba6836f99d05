"""What an OpenID Connect provider says of itself, and what becomes of it in the realm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.errors import OrthgenError
from generator.keycloak.answers import Unreadable
from generator.keycloak.desired import desired
from generator.keycloak.discovery import with_discovered_endpoints
from generator.keycloak.http_client import Fault, NoReply
from tests.support.builders import make_deployment

ISSUER = "https://login.example.org/tenant"
SAID = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/oauth/token",
    "jwks_uri": f"{ISSUER}/keys",
}
IDENTITY = f"{{sign-in: [oidc: {{issuer: '{ISSUER}', client-id: a, client-secret: {{secret: s}}}}]}}"


def config(answer: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    """The provider's settings after asking, and what is to be said."""
    asked: list[str] = []

    def fetch(issuer: str) -> bytes:
        asked.append(issuer)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    deployment, notes = with_discovered_endpoints(make_deployment(identity=IDENTITY), fetch=fetch)
    assert asked == [ISSUER]
    provider = next(item for item in desired(deployment) if item.kind == "identity provider")
    return dict(provider.fields["config"]), notes


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
    """Without an answer the endpoints are Keycloak's, and a line says so."""
    found, notes = config(answer)

    assert found["tokenUrl"] == f"{ISSUER}/protocol/openid-connect/token"
    assert len(notes) == 1
    assert ISSUER in notes[0]


def test_a_provider_of_another_name_is_an_error() -> None:
    """An issuer that is spelled otherwise would refuse every token, so it stops the run."""
    with pytest.raises(OrthgenError, match="calls itself `https://other/`"):
        config({**SAID, "issuer": "https://other/"})
