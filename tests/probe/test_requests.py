"""Which requests may be sent: the whole list, and that no deployment is harmed by them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from orthgen.probe.checks import CHECKS
from orthgen.probe.client import Client, parse_address
from orthgen.probe.discovery import discover
from orthgen.probe.model import NO_STUDY, GivenStudies, ProbeRequest, Tokens
from orthgen.probe.run import run, write_requests
from tests.support.builders import make_deployment
from tests.support.deployed import GIVEN_STUDIES, STUDY, TOKENS, bare
from tests.support.filtered import link_token, user_token

if TYPE_CHECKING:
    from orthgen.probe.model import ProbeResult
    from tests.support.deployed import Served

REQUESTS: list[ProbeRequest] = [check.request for check in CHECKS if check.request is not None]
A = STUDY.orthanc_id
LINKED = f"/studies/{A}"
TOKEN_PATH = "/keycloak/realms/orthanc/protocol/openid-connect/token"

READS = """
GET /
GET /ui/api/pre-login-configuration
GET /system
GET /auth/user/profile
GET /studies/{A}
GET /studies/{A}
POST /tools/lookup
GET /changes?limit=1
GET /statistics
GET /tools/metrics-prometheus
GET /dicom-web/studies?limit=1
GET /studies?since=0&limit=1
GET /app/explorer.html
GET /webdav/
GET /auth-service/openapi.json
GET /orthanc-api/system
GET /shares/system
GET /tools/create-archive?resources=00000000-00000000-00000000-00000000-00000000&Resources={A}
GET /patients/{P}/studies
POST /tools/find
GET /studies/{A}/patient
GET /changes?limit=1
GET /statistics
GET /tools/metrics-prometheus
GET /plugins/postgresql/audit-logs?limit=1
POST /tools/lookup
GET /dicom-web/studies?limit=1
GET /studies/{B}
GET /keycloak/admin/master/console/
GET /keycloak/realms/master/.well-known/openid-configuration
GET /keycloak/metrics
GET /keycloak/health
GET /keycloak/admin/realms
GET /keycloak/orthgen-verify-nowhere
GET /keycloak/realms/orthanc/protocol/openid-connect/auth?client_id=orthanc&response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fverify.invalid%2F
""".strip().splitlines()


def _wish(seconds: int) -> str:
    study = f'{{"OrthancId": "{NO_STUDY}", "Level": "study"}}'
    return f'{{"Resources": [{study}], "Type": "viewer-instant-link", "ValidityDuration": {seconds}}}'


# What goes beyond reading, and its body: no DICOM, no JSON, nothing that exists.
WRITES = [
    ("POST /instances", "orthgen verify"),
    ("POST /dicom-web/studies", "orthgen verify"),
    ("POST /tools/create-dicom", "orthgen verify"),
    (f"PUT /studies/{NO_STUDY}/labels/orthgen-verify", ""),
    (f"DELETE /studies/{NO_STUDY}/metadata/orthgen-verify", ""),
    ("POST /tools/execute-script", "-- orthgen verify"),
    (f"POST {LINKED}/modify", "orthgen verify"),
    (f"DELETE {LINKED}/metadata/orthgen-verify", ""),
    (f"GET {LINKED}/statistics?_method=DELETE", ""),
    (f"GET {LINKED}/statistics", ""),
    (
        "PUT /auth/tokens/viewer-instant-link",
        _wish(1),
    ),
    (
        "PUT /auth/tokens./viewer-instant-link",
        _wish(1),
    ),
    (
        "PUT /auth/tokens/viewer-instant-link",
        _wish(0),
    ),
    ("POST /modalities/orthgen-verify-nowhere/store", f'["{NO_STUDY}"]'),
    (f"POST {TOKEN_PATH}", "grant_type=password&client_id=orthanc"),
]


def _verify(server: Served, *, with_writes: bool, tokens: Tokens = TOKENS) -> tuple[ProbeResult, ...]:
    client = Client(parse_address(server.url))
    discovery = discover(client, tokens, GIVEN_STUDIES)
    return run(client, discovery, tokens, with_writes=with_writes)


def _lines(server: Served) -> list[str]:
    return [f"{heard.method} {heard.path}" for heard in server.heard]


def _named(line: str) -> str:
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}", lambda found: _NAMES.get(found[0], found[0]), line)


_NAMES = {A: "{A}", GIVEN_STUDIES.other: "{B}"}


def test_without_consent_these_requests_are_sent_and_no_others() -> None:
    """Where every door is open and every option given: the reads of the list, in its order, and nothing else."""
    with bare(make_deployment()) as server:
        _verify(server, with_writes=False)
        sent = [
            re.sub(r"/patients/[0-9a-f-]+", "/patients/{P}", line) for line in map(_named, _lines(server))
        ]

    assert sent == READS


def test_with_consent_these_are_sent_beside_them() -> None:
    """The writes of the list with their bodies, and nothing else."""
    with bare(make_deployment()) as reading, bare(make_deployment()) as writing:
        _verify(reading, with_writes=False)
        _verify(writing, with_writes=True)
        plain = _lines(reading)
        beside = [(f"{heard.method} {heard.path}", heard.body.decode()) for heard in writing.heard]

    for line in plain:
        beside.remove(next(pair for pair in beside if pair[0] == line))
    assert sorted(beside) == sorted(WRITES)


def test_writes_are_marked_as_such() -> None:
    """Whatever is no GET, and every method in disguise, waits for consent; two POSTs, which only read, do not."""
    unmarked = [request for request in REQUESTS if not request.writes]
    disguised = [
        request
        for request in REQUESTS
        if "_method" in request.path or any("Override" in name for name, _ in request.headers)
    ]

    assert {(request.method, request.path) for request in unmarked if request.method != "GET"} == {
        ("POST", "tools/lookup"),
        ("POST", "tools/find"),
    }
    assert all(request.writes for request in disguised)


def test_no_write_names_a_study_but_the_links_own() -> None:
    """A write is about what cannot exist; with the link, it is one that Orthanc has no handler or no data for."""
    about = {
        word
        for request in REQUESTS
        if request.writes
        for word in re.findall(r"\{(\w+)\}", request.path + request.body)
    }

    assert about == {"linked", "realm", "client"}
    assert {request.path for request in REQUESTS if request.writes and "{linked}" in request.path} == {
        "studies/{linked}/modify",
        "studies/{linked}/metadata/orthgen-verify",
        "studies/{linked}/statistics?_method=DELETE",
        "studies/{linked}/statistics",
    }


def test_those_who_are_asked_see_every_write_that_is_sent() -> None:
    """The list for consent is the list of what consent lets through."""
    with bare(make_deployment()) as server:
        client = Client(parse_address(server.url))
        discovery = discover(client, TOKENS, GIVEN_STUDIES)
        before = len(client.sent)
        shown = write_requests(discovery)
        run(client, discovery, TOKENS, with_writes=False)
        reading = len(client.sent) - before
        run(client, discovery, TOKENS, with_writes=True)

    assert len(client.sent) - before - reading == reading + len(shown)


def test_each_request_carries_its_callers_token_and_no_other() -> None:
    """The user's token and the link's go where a check says so; what is asked signed out carries none."""
    carriers = {f"Bearer {TOKENS.user}": 0, f"Bearer {TOKENS.link}": 0}
    with bare(make_deployment()) as server:
        _verify(server, with_writes=True)
    for heard in server.heard:
        value = heard.headers.get("authorization")
        if value is not None:
            carriers[value] += 1
        assert heard.headers["user-agent"].startswith("orthgen-verify/")
        assert "cookie" not in heard.headers
        if heard.path.startswith("/keycloak/"):
            assert value is None

    assert carriers == {f"Bearer {TOKENS.user}": 16, f"Bearer {TOKENS.link}": 6}


def test_names_are_told_apart() -> None:
    """Every check has a name of its own, a reason and a remedy."""
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.why and check.remedy for check in CHECKS)


# --------------------------------------------------------------------------------------- what cannot be told


def test_what_a_user_may_not_do_shows_no_weakness() -> None:
    """A user without `send` is refused whether or not the list of studies is read: nothing is concluded from it."""
    with bare(make_deployment()) as server:
        client = Client(parse_address(server.url))
        discovery = replace(discover(client, TOKENS, GivenStudies()), permissions=frozenset({"view"}))
        (result,) = (
            each
            for each in run(client, discovery, TOKENS, with_writes=True)
            if each.check.name == "sending-any-study"
        )

    assert result.outcome.verdict.value == "cannot tell"
    assert result.outcome.reason == "needs a limited user who may `send`"


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        pytest.param(Tokens(), "needs --user-token", id="none"),
        pytest.param(Tokens(user_token("gone")), "opens nothing", id="expired"),
        pytest.param(
            Tokens(TOKENS.user, link_token("B")[:-2]), "does not open its own study", id="forged link"
        ),
        pytest.param(Tokens(TOKENS.user, "abc"), "not of a link to a study", id="no link"),
    ],
)
def test_a_token_that_opens_nothing_closes_nothing(tokens: Tokens, reason: str) -> None:
    """Behind a bad token every door looks closed; so nothing is concluded from it, and the reason is said."""
    with bare(make_deployment()) as server:
        client = Client(parse_address(server.url))
        discovery = discover(client, tokens, GivenStudies())
        said = [
            (result.check.weakness, result.outcome.verdict.value, result.outcome.reason)
            for result in run(client, discovery, tokens, with_writes=True)
            if reason in result.outcome.reason
        ]

    assert said
    assert {verdict for _, verdict, _ in said} == {"cannot tell"}
