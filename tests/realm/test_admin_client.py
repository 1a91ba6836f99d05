"""The admin client: what is repeated and what is not, how long it waits, how a token is renewed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from orthgen.errors import KeycloakUnavailable
from orthgen.http_client import HttpClient, Reply
from orthgen.realm.admin import session
from orthgen.realm.admin.api import OutcomeUnknown
from orthgen.realm.admin.client import AdminClient
from orthgen.realm.admin.server import MAX_ATTEMPTS
from tests.support.admin_server import ADMIN, Echo, StandIn, admin_client, ask


def test_paths_stand_below_the_servers_sub_path(stand_in: StandIn) -> None:
    """The sub-path stays, for requests and for the token; queries are passed on."""
    assert (
        admin_client(stand_in).get("admin/realms/x", Echo, first=0)["path"]
        == "/keycloak/admin/realms/x?first=0"
    )
    assert stand_in.seen[0][2] == "Bearer t1"


@pytest.mark.parametrize("code", [0, 500, 502, 503, 504])
def test_what_may_be_repeated_is_repeated(stand_in: StandIn, code: int) -> None:
    """GET, PUT and DELETE come through a server that fails a few times; the waits grow."""
    for verb in ("get", "put", "delete"):
        waits: list[float] = []
        stand_in.answers[:] = [(code, {})] * 4
        call = admin_client(stand_in, waits)
        ask(call, verb, "p")
        assert len(waits) == 4
        assert waits[-1] > waits[0]


@pytest.mark.parametrize("code", [0, 500, 503])
def test_a_post_is_not_repeated_where_nobody_knows(stand_in: StandIn, code: int) -> None:
    """A POST whose fate is unknown is sent once and reported as uncertain."""
    stand_in.answers[:] = [(code, {})]

    with pytest.raises(OutcomeUnknown):
        admin_client(stand_in).post("p", {})

    assert len(stand_in.seen) == 1


def test_a_server_that_asks_for_less_gets_less(stand_in: StandIn) -> None:
    """After 429, even a POST waits as long as the server says, and is sent again: it was not carried out."""
    waits: list[float] = []
    stand_in.answers[:] = [(429, {"Retry-After": "7"}), (201, {"Location": "http://x/y/new-id"})]

    assert admin_client(stand_in, waits).post("p", {}) == "new-id"
    assert 6 < waits[0] <= 7


def test_a_server_that_asks_for_less_gets_less_of_every_request(stand_in: StandIn) -> None:
    """The next request waits too, whatever it asks for."""
    waits: list[float] = []
    call = admin_client(stand_in, waits)
    stand_in.answers[:] = [(429, {"Retry-After": "7"})]

    call.get("p", Echo)
    call.get("another", Echo)

    assert len(waits) == 2
    assert 6 < waits[1] <= 7


def test_a_server_that_asks_for_no_wait_gets_a_short_one(stand_in: StandIn) -> None:
    """`Retry-After: 0` would make a loop of requests without a pause."""
    waits: list[float] = []
    stand_in.answers[:] = [(503, {"Retry-After": "0"})]

    admin_client(stand_in, waits).get("p", Echo)

    assert waits[0] >= 0.1


def test_only_a_change_may_take_long(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import takes minutes; a server that is silent about a read or a sign-in is given up earlier."""
    seconds: dict[tuple[str, bool], float] = {}
    send = HttpClient.send

    def noted(client: HttpClient, verb: str, path: str, **options: Any) -> Reply:
        seconds[verb, options.get("form") is not None] = options["seconds"]
        return send(client, verb, path, **options)

    monkeypatch.setattr(HttpClient, "send", noted)
    call = admin_client(stand_in)
    call.get("p", Echo)
    call.put("p", {})

    assert seconds == {("POST", True): 60, ("GET", False): 60, ("PUT", False): 600}


def test_no_server_holds_a_run_up_for_longer_than_half_a_minute(stand_in: StandIn) -> None:
    """A proxy may ask for hours; the run is over by then, one way or the other."""
    waits: list[float] = []
    stand_in.answers[:] = [(503, {"Retry-After": "86400"}), (503, {"Retry-After": "29"})]

    admin_client(stand_in, waits).get("p", Echo)

    assert waits == [30, 29]


def test_a_connection_that_is_lost_during_changes_says_so(stand_in: StandIn) -> None:
    """Before the first change nothing is known; after it, the next run has to continue."""
    lost = [(0, {})] * MAX_ATTEMPTS
    stand_in.answers[:] = [*lost, (200, {}), *lost]
    client = admin_client(stand_in)

    with pytest.raises(KeycloakUnavailable) as before:
        client.get("p", Echo)
    client.put("p", {})
    with pytest.raises(KeycloakUnavailable) as after:
        client.get("p", Echo)

    assert ("nothing was compared" in before.value.hint, "continues" in before.value.hint) == (True, False)
    assert ("nothing was compared" in after.value.hint, "continues" in after.value.hint) == (False, True)


def test_a_server_that_always_fails_is_unreachable(stand_in: StandIn) -> None:
    """A server that fails on and on is unreachable, which says nothing about the realm."""
    stand_in.answers[:] = [(503, {})] * 50

    with pytest.raises(KeycloakUnavailable):
        admin_client(stand_in).get("p", Echo)


def test_a_token_that_ended_is_renewed_once_for_all_threads(stand_in: StandIn) -> None:
    """401 in the middle of a run costs one more token, and the request is sent again with it."""
    call = admin_client(stand_in)
    call.get("first", Echo)
    stand_in.answers[:] = [(401, {})]
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda number: call.get(f"p{number}", Echo), range(12)))

    assert stand_in.tokens == 2
    assert "grant_type=refresh_token" in stand_in.forms[1]


def test_a_token_is_renewed_before_it_ends(stand_in: StandIn) -> None:
    """A token without life left is not used twice."""
    stand_in.token_life = 0
    call = admin_client(stand_in)
    call.get("a", Echo)
    call.get("b", Echo)

    assert [entry[2] for entry in stand_in.seen] == ["Bearer t1", "Bearer t2"]


def test_a_token_is_renewed_when_a_fifth_of_its_life_is_left(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clocks differ and requests take their time."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: clock.now))
    stand_in.token_life = 100
    call = admin_client(stand_in)
    for seconds in (0, 79, 2):
        clock.now += seconds
        call.get("p", Echo)

    assert [entry[2] for entry in stand_in.seen] == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_no_token_counts_as_valid_for_longer_than_a_day(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may say anything about the life of a token."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: clock.now))
    stand_in.token_life = 10**9
    call = admin_client(stand_in)
    for seconds in (0, 69_000, 1000):
        clock.now += seconds
        call.get("p", Echo)

    assert [entry[2] for entry in stand_in.seen] == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_what_is_gone_already_needs_no_deleting(stand_in: StandIn) -> None:
    """404 to a DELETE is what was wanted."""
    stand_in.answers[:] = [(404, {})]

    admin_client(stand_in).delete("p")

    assert [entry[:2] for entry in stand_in.seen] == [("DELETE", "/keycloak/p")]


def test_a_post_that_never_left_is_repeated() -> None:
    """A refused connection carried nothing: the POST is tried again, and ends as unreachable and not as uncertain."""
    waits: list[float] = []
    with pytest.raises(KeycloakUnavailable, match="connection refused"):
        AdminClient("http://127.0.0.1:9", ADMIN, sleep=waits.append).post("p", {})

    assert len(waits) == 5
