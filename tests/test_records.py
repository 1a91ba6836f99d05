"""Records behave as frozen dataclasses with slots do: whatever holds for one holds for the other."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from generator.records import record


def _kinds(decorate: Callable[[type], type], decorate_by_name: Callable[[type], type]) -> dict[str, Any]:
    @decorate
    class Point:
        """A place."""

        x: int
        y: int = 0
        tags: list[str] = field(default_factory=list)
        note: str = field(default="", repr=False, compare=False)

        @property
        def length(self) -> int:
            """How far it is."""
            return self.x + self.y

    @decorate
    class Named(Point):
        """A place with a name."""

        name: str = "here"

    @decorate
    class Single:
        """One value."""

        value: str

    @decorate
    class Nothing:
        """No value."""

    @decorate_by_name
    class Options:
        """Values by name."""

        first: int
        second: int = 2

    return {"Point": Point, "Named": Named, "Single": Single, "Nothing": Nothing, "Options": Options}


RECORDS = _kinds(record, record(kw_only=True))
DATACLASSES = _kinds(dataclass(frozen=True, slots=True), dataclass(frozen=True, slots=True, kw_only=True))


@record
class Stored:
    """A record that can be found again by its name, as pickle needs it."""

    one: int
    others: tuple[str, ...] = ()


def _outcome(action: Callable[[dict[str, Any]], Any], kinds: dict[str, Any]) -> Any:
    try:
        return action(kinds)
    except (TypeError, AttributeError) as error:
        return type(error)


@pytest.mark.parametrize(
    "action",
    [
        pytest.param(lambda kinds: repr(kinds["Point"](1, 2, ["a"], "b")), id="repr"),
        pytest.param(lambda kinds: repr(kinds["Named"](1, name="n")), id="repr of a derived one"),
        pytest.param(lambda kinds: repr(kinds["Nothing"]()), id="repr of nothing"),
        pytest.param(
            lambda kinds: kinds["Point"](1, note="a") == kinds["Point"](1, note="b"), id="not compared"
        ),
        pytest.param(lambda kinds: kinds["Point"](1) == kinds["Point"](2), id="different"),
        pytest.param(lambda kinds: kinds["Point"](1) == kinds["Named"](1), id="another class"),
        pytest.param(lambda kinds: kinds["Single"]("a") == "a", id="not a record"),
        pytest.param(lambda kinds: hash(kinds["Single"]("a")), id="hash of one"),
        pytest.param(lambda kinds: hash(kinds["Options"](first=1)), id="hash of several"),
        pytest.param(lambda kinds: hash(kinds["Nothing"]()), id="hash of nothing"),
        pytest.param(lambda kinds: hash(kinds["Point"](1)), id="hash of a list"),
        pytest.param(lambda kinds: kinds["Point"](), id="value missing"),
        pytest.param(lambda kinds: kinds["Options"](1), id="by position where by name is wanted"),
        pytest.param(lambda kinds: kinds["Point"](1, 2, [], "", 5), id="too many values"),
        pytest.param(lambda kinds: setattr(kinds["Single"]("a"), "value", "b"), id="set"),
        pytest.param(lambda kinds: delattr(kinds["Single"]("a"), "value"), id="delete"),
        pytest.param(lambda kinds: kinds["Point"](1).__dict__, id="no dictionary"),
        pytest.param(lambda kinds: kinds["Named"].__slots__, id="slots of a derived one"),
        pytest.param(lambda kinds: kinds["Point"].__match_args__, id="match"),
        pytest.param(lambda kinds: [each.name for each in fields(kinds["Named"])], id="fields"),
        pytest.param(lambda kinds: asdict(kinds["Named"](1)), id="asdict"),
        pytest.param(lambda kinds: repr(replace(kinds["Point"](1, 2), y=3)), id="replace"),
        pytest.param(lambda kinds: kinds["Named"](1, 2).length, id="property"),
        pytest.param(lambda kinds: kinds["Point"].__doc__, id="docstring"),
    ],
)
def test_records_are_as_dataclasses(action: Callable[[dict[str, Any]], Any]) -> None:
    """Whatever is done to a record has the outcome that it has with a frozen dataclass."""
    of_records = _outcome(action, RECORDS)

    assert of_records == _outcome(action, DATACLASSES)


def test_defaults_that_are_made_are_made_for_each() -> None:
    """Two records never share what a default factory made."""
    point = RECORDS["Point"]

    assert point(1).tags is not point(1).tags


def test_records_cannot_be_changed() -> None:
    """Setting a field says so with the error that dataclasses have for it."""
    with pytest.raises(FrozenInstanceError, match=r"`value` of a .*Single cannot be changed"):
        RECORDS["Single"]("a").value = "b"


def test_records_travel_between_processes() -> None:
    """A record comes back equal from pickle."""
    stored = Stored(1, ("a", "b"))

    assert pickle.loads(pickle.dumps(stored)) == stored  # noqa: S301 - our own
