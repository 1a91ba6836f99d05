"""State of one evaluation: the routes that are kept, and resources in words."""

from __future__ import annotations

import pytest

from orthgen.authz import evaluation_state
from orthgen.authz.evaluation_state import labels_of, name_of, route_of
from orthgen.authz.model import Request
from orthgen.authz.resources import Level, Resource

from .builders import plugin


def test_routes_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of ever new paths does not fill the memory, and does not keep a path from being read once."""
    monkeypatch.setattr(evaluation_state, "MAX_CACHED_ROUTES", 2)
    configuration = plugin()
    first, second, third = (Request("GET", f"/studies/{name}") for name in "abc")
    routes = [route_of(configuration, request) for request in (first, second)]

    assert route_of(configuration, first) is routes[0]
    assert route_of(configuration, second) is routes[1]
    route_of(configuration, third)
    assert len(configuration.route_cache) == 1
    assert route_of(configuration, first) is not routes[0]
    assert configuration == plugin()
    assert "/studies/a" not in repr(configuration)


@pytest.mark.parametrize(
    ("level", "orthanc_id", "expected"),
    [
        (Level.SYSTEM, "/tools/find", "the system path `/tools/find`"),
        (Level.SYSTEM, "", "the system path `/`"),
        (Level.STUDY, "1a-2b", "the study `1a-2b`"),
    ],
)
def test_a_resource_in_words(level: Level, orthanc_id: str, expected: str) -> None:
    """A path of the system, or a level and an id."""
    assert name_of(Resource(level, orthanc_id, "", frozenset())) == expected


@pytest.mark.parametrize(
    ("labels", "expected"),
    [((), "no label"), (("b",), "the label `b`"), (("b", "a"), "the labels `a`, `b`")],
)
def test_labels_are_named_in_a_stable_order(labels: tuple[str, ...], expected: str) -> None:
    """In a stable order."""
    assert labels_of(frozenset(labels)) == expected
