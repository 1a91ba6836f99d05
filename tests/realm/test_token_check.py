"""The rules by which the auth-service understands a token, each with the setting to look at where it is broken."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from orthgen.errors import OrthgenError
from orthgen.realm.token_check import TokenCheck, check_token, parse_token
from tests.support.builders import make_deployment

NOW = 1_000_000
CLAIMS: dict[str, Any] = {
    "azp": "orthanc",
    "iat": NOW - 60,
    "exp": NOW + 240,
    "aud": ["account", "other"],
    "realm_access": {"roles": ["offline_access", "reader"]},
    "name": "Jo Reader",
    "groups": ["/staff"],
}
RULES = (
    "signed with RS256",
    "signed by the realm",
    "not expired",
    "`account` in the audience",
    "a role of the profile in realm_access.roles",
    "a name",
    "groups",
)


@cache
def key() -> JWK:
    """The realm's key."""
    return JWK.generate(kty="RSA", size=2048)


def public(signing_key: JWK) -> str:
    """A key as Keycloak's page of a realm shows it."""
    lines = signing_key.export_to_pem().decode().splitlines()
    return "".join(line for line in lines if not line.startswith("-"))


def token(*, algorithm: str = "RS256", signing_key: JWK | None = None, **changes: object) -> str:
    """A signed token; a claim that is None is left out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return _signed(claims, algorithm, signing_key or key())


def _signed(claims: dict[str, Any], algorithm: str, signing_key: JWK) -> str:
    signed = JWS(json.dumps(claims))
    signed.allowed_algs = [algorithm]
    signed.add_signature(signing_key, protected=json.dumps({"alg": algorithm}))
    return str(signed.serialize(compact=True))


def checks(text: str) -> dict[str, TokenCheck]:
    """The result of every rule, by the rule."""
    results = check_token(parse_token(text), public(key()), make_deployment(), now=NOW)
    return {result.rule: result for result in results}


def test_a_good_token_keeps_every_rule() -> None:
    """The result tells what was found, in the order of the rules."""
    results = checks(f" Bearer {token()}\n")

    assert tuple(results) == RULES
    assert all(result.holds for result in results.values())
    assert [result.value for result in results.values()] == [
        "RS256",
        "by the key that the realm shows",
        "240 s of 300 s left",
        "account, other",
        "reader",
        "Jo Reader",
        "/staff",
    ]


BROKEN = [
    pytest.param({"algorithm": "RS512"}, RULES[0], "RS512", "`defaultSignatureAlgorithm`", id="algorithm"),
    pytest.param(
        {"signing_key": JWK.generate(kty="RSA", size=2048)}, RULES[1], "another signature", "another realm", id="key"
    ),
    pytest.param({"exp": NOW}, RULES[2], "over since 0 s", "check the clocks", id="over"),
    pytest.param({"exp": NOW - 9}, RULES[2], "over since 9 s", "check the clocks", id="long-over"),
    pytest.param({"exp": None}, RULES[2], "says nothing of its life", "not a token of Keycloak's", id="no-end"),
    pytest.param({"iat": "x"}, RULES[2], "says nothing of its life", "not a token of Keycloak's", id="no-begin"),
    pytest.param({"aud": ["other"]}, RULES[3], "other", "`audience account` of the client `orthanc`", id="audience"),
    pytest.param({"aud": None}, RULES[3], "none", "`audience account`", id="no-audience"),
    pytest.param({"aud": "accounts", "azp": "x"}, RULES[3], "accounts", "of the client `x`", id="like-account"),
    pytest.param({"realm_access": None}, RULES[4], "no roles", "the protocol mapper `realm roles`", id="no-roles"),
    pytest.param({"realm_access": []}, RULES[4], "no roles", "scope mapping of the client `orthanc`", id="no-object"),
    pytest.param(
        {"realm_access": {"roles": ["offline_access"]}}, RULES[4], "offline_access", "`granted-by`", id="other-roles"
    ),
    pytest.param({"name": None}, RULES[5], "none", "the client scope `profile`", id="no-name"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "rule", "found", "blame"), BROKEN)
def test_a_broken_rule_names_what_was_found_and_what_to_look_at(
    changes: dict[str, Any], rule: str, found: str, blame: str
) -> None:
    """Only this rule is broken, or the one of the signature with it."""
    results = checks(token(**changes))

    assert not results[rule].holds
    assert results[rule].value == found
    assert blame in results[rule].cause
    assert {result.rule for result in results.values() if not result.holds} <= {rule, RULES[1]}


@pytest.mark.parametrize(
    ("client", "holds"), [("orthanc", True), ("ris", True), ("portal", False), (None, False)]
)
def test_in_a_shared_realm_the_client_is_a_rule(client: str | None, *, holds: bool) -> None:
    """Nginx refuses the tokens of other applications; the result names the key that accepts one."""
    shared = (
        "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles, other-clients: [ris]}}"
    )
    found = check_token(
        parse_token(token(azp=client)), public(key()), make_deployment(identity=shared), now=NOW
    )
    results = {result.rule: result for result in found}
    result = results["given to a client of the deployment"]

    assert (result.holds, result.value) == (holds, client or "?")
    assert f"add `{client or '?'}` to `identity.keycloak.other-clients`" in result.cause


@pytest.mark.parametrize(
    ("changes", "rule", "found"),
    [
        pytest.param({"aud": "account"}, RULES[3], "account", id="audience-as-text"),
        pytest.param({"name": None, "preferred_username": "jo"}, RULES[5], "jo", id="user-name"),
        pytest.param({"groups": None}, RULES[6], "none (none are needed)", id="no-groups"),
        pytest.param(
            {"iat": NOW - 360},
            RULES[2],
            "240 s of 600 s left (the profile says 300 s: another setting of the realm or client)",
            id="another-life",
        ),
        pytest.param({"name": "a\x1b[2J"}, RULES[5], "a?[2J", id="no-command-for-a-terminal"),
        pytest.param({"name": "a" * 400}, RULES[5], "a" * 300 + " and more", id="long"),
        pytest.param({"groups": ["/a", 3, "/b"]}, RULES[6], "/a, /b", id="not-only-texts"),
    ],
)
def test_what_the_service_takes_is_told_as_it_is(changes: dict[str, Any], rule: str, found: str) -> None:
    """A rule that holds says by what; text of a token is shown on one short line."""
    result = checks(token(**changes))[rule]

    assert (result.holds, result.value) == (True, found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        "e30.bm90IGpzb24.x",
        base64.urlsafe_b64encode(b"[]").decode() + ".e30.x",
        "é.e30.x",
    ],
)
def test_what_is_no_token_is_refused_without_repeating_it(text: str) -> None:
    """Something else was copied; it may be a password."""
    with pytest.raises(OrthgenError, match="this is not an access token") as raised:
        parse_token(f"hunter2{text}")

    assert "hunter2" not in str(raised.value) + raised.value.hint
