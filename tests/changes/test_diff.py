"""What counts as different between a declared and an existing object."""

from __future__ import annotations

import pytest

from orthgen.changes.diff import differences


@pytest.mark.parametrize(
    ("declared", "existing"),
    [
        pytest.param({"a": False}, {}, id="off-and-absent"),
        pytest.param({"a": ""}, {"a": None}, id="empty-and-null"),
        pytest.param({"a": []}, {}, id="no-list-and-absent"),
        pytest.param({"a": ["x", "y"]}, {"a": ["y", "x"]}, id="order-of-a-set"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}, id="what-is-not-declared"),
        pytest.param({"a": {}}, {}, id="no-members-and-absent"),
        pytest.param({"a": [{"b": 1, "c": 2}]}, {"a": [{"c": 2, "b": 1}]}, id="order-of-members"),
        pytest.param({"a": 1}, {"a": 1.0}, id="one-number"),
    ],
)
def test_what_means_the_same_is_no_difference(
    declared: dict[str, object], existing: dict[str, object]
) -> None:
    """Servers leave out what is off and add what is theirs; neither is a change."""
    assert differences(declared, existing) == ()


@pytest.mark.parametrize(
    ("declared", "existing", "path"),
    [
        pytest.param({"a": True}, {}, "a", id="on-and-absent"),
        pytest.param({"a": 0}, {}, "a", id="zero-is-a-number"),
        pytest.param({"a": ["x"]}, {"a": ["x", "x"]}, "a", id="twice-in-a-list"),
        pytest.param({"a": {"b.c": "1"}}, {"a": {"b.c": "2"}}, "a.b.c", id="below"),
        pytest.param({"a": {"b": {"c": 1}}}, {"a": "text"}, "a.b.c", id="another-shape"),
        pytest.param({"a": []}, {"a": ["*"]}, "a", id="no-list-and-a-list"),
        pytest.param({"a": {}}, {"a": {"b": 1}}, "a", id="no-members-and-a-member"),
        pytest.param({"a": ["x"]}, {"a": "x"}, "a", id="a-list-and-a-text"),
        pytest.param({"a": "x"}, {"a": ["x"]}, "a", id="a-text-and-a-list"),
        pytest.param({"a": "x"}, {"a": {"b": 1}}, "a", id="a-text-and-members"),
        pytest.param({"a": False}, {"a": 0}, "a", id="off-and-zero"),
    ],
)
def test_what_differs_is_named_by_its_path(
    declared: dict[str, object], existing: dict[str, object], path: str
) -> None:
    """A declared field that is otherwise is one change, with its value before and after."""
    (change,) = differences(declared, existing)

    assert change.path == path
    if "." not in path:
        assert (change.before, change.after) == (existing.get("a"), declared["a"])
