"""A realm that takes long to make: what is waited for, what is asked again, and what is told meanwhile."""

from __future__ import annotations

import itertools
import threading
from typing import Any, TypeVar

import pytest

from orthgen.deployment import naming
from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import NotFound, OutcomeUnknown
from orthgen.realm.admin.realm_import import Polling, create_realm
from orthgen.realm.admin.representations import Realm

T = TypeVar("T")
BODY = {"realm": "r"}
LOST = OutcomeUnknown("the answer was lost", still_running=True)
FAILED = OutcomeUnknown("answered by 500")
BUSY = KeycloakError("Database operation failed")


class SlowServer:
    """Answers each POST from a list; the realm is there from a certain look on, with a mark."""

    def __init__(self, *posts: Exception | None, appears: float = float("inf"), mark: str = "ours") -> None:
        self.outcomes = iter(posts)
        self.looks, self.posts = itertools.count(1), 0
        self.appears, self.mark = appears, mark

    def post(self, path: str, body: Any) -> str:
        assert (path, body) == ("admin/realms", BODY)
        self.posts += 1
        outcome = next(self.outcomes, None)
        if outcome is not None:
            raise outcome
        return "r"

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        assert (path, kind, query) == ("admin/realms/r", Realm, {})
        if next(self.looks) < self.appears:
            raise NotFound(path)
        attributes = {naming.REVISION_ATTRIBUTE: self.mark} if self.mark else {}
        realm: Any = {"realm": "r", "attributes": attributes}
        # What is shown in brief at first is shown whole at the next look.
        self.mark = self.mark or "ours"
        return realm

    def put(self, path: str, body: Any) -> None: ...

    def delete(self, path: str, body: Any = None) -> None: ...


def wait(server: SlowServer, *, seconds: float = 60) -> list[float]:
    """Make the realm without really waiting; what was told."""
    told: list[float] = []
    create_realm(server, BODY, "ours", Polling(seconds, progress=told.append, sleep=lambda _: None))
    return told


@pytest.mark.parametrize(
    ("server", "posts"),
    [
        pytest.param(SlowServer(), 1, id="answered"),
        pytest.param(SlowServer(LOST, appears=5), 1, id="lost, and there after a while"),
        pytest.param(SlowServer(LOST), 2, id="never reached it"),
        pytest.param(SlowServer(LOST, BUSY, appears=25), 2, id="the first is still at work"),
        pytest.param(
            SlowServer(LOST, KeycloakConflict("exists"), appears=25), 2, id="the first is just done"
        ),
        pytest.param(SlowServer(LOST, LOST, appears=30), 2, id="lost twice"),
        pytest.param(SlowServer(FAILED), 2, id="failed once"),
        pytest.param(SlowServer(LOST, appears=5, mark=""), 1, id="shown in brief at first"),
    ],
)
def test_the_outcome_is_waited_for(server: SlowServer, posts: int) -> None:
    """A lost answer is no failure: the realm itself says whether it was made, and nothing is created twice."""
    wait(server)

    assert server.posts == posts


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        pytest.param(SlowServer(BUSY), KeycloakError, id="refused at once"),
        pytest.param(SlowServer(KeycloakRefused("no right")), KeycloakRefused, id="no right"),
        pytest.param(SlowServer(LOST, appears=3, mark="theirs"), KeycloakConflict, id="another run"),
        pytest.param(SlowServer(LOST, *[BUSY] * 9), KeycloakUnavailable, id="never there"),
        pytest.param(SlowServer(*[FAILED] * 9), KeycloakUnavailable, id="fails on and on"),
    ],
)
def test_what_is_no_success_is_none(server: SlowServer, kind: type[Exception]) -> None:
    """Nothing counts as made that is not there with our mark."""
    with pytest.raises(kind) as caught:
        wait(server)

    assert type(caught.value) is kind
    assert server.posts <= 4


def test_waiting_is_told() -> None:
    """Anybody who waits for minutes is told so, and how to end it."""
    assert wait(SlowServer(LOST, BUSY, appears=40)) == pytest.approx([16, 16, 30, 46], abs=2)


def test_a_request_that_is_under_way_is_told_too() -> None:
    """The request itself may take minutes: it is told while it runs."""
    told, over = list[float](), threading.Event()

    class Busy(SlowServer):
        def post(self, path: str, body: Any) -> str:
            over.wait(5)
            return super().post(path, body)

    def tell(seconds: float) -> None:
        told.append(seconds)
        over.set()

    create_realm(Busy(), BODY, "ours", Polling(progress=tell, progress_seconds=0.01))

    assert told[:1] == [0.01]
