"""Merging of trees: raw settings, profiles that extend others, updates of Keycloak objects."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.formats.commented_json import Commented
from orthgen.formats.merging import merged


@pytest.mark.parametrize(
    ("base", "over", "tree"),
    [
        pytest.param(
            {"a": {"b": 0, "c": 2}, "l": [2], "z": 9},
            {"a": {"b": 1}, "l": [1]},
            {"a": {"b": 1, "c": 2}, "l": [1], "z": 9},
            id="mappings merge, lists are replaced, the rest stays",
        ),
        pytest.param({"a": {"b": 1}}, {"a": 2}, {"a": 2}, id="a value replaces a mapping"),
        pytest.param({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}, id="a mapping replaces a value"),
        pytest.param({"a": 1}, {"a": None}, {"a": None}, id="null is a value"),
        pytest.param(
            {"a": Commented({"b": 1}, "why")},
            {"a": {"c": 2}},
            {"a": Commented({"b": 1, "c": 2}, "why")},
            id="a commented mapping keeps its comment",
        ),
        pytest.param({"a": Commented(1, "why")}, {"a": 2}, {"a": 2}, id="a comment goes with its value"),
    ],
)
def test_what_lies_over_a_tree(base: Any, over: Any, tree: Any) -> None:
    """Mappings merge key by key, and keys that only the lower tree has stay."""
    assert merged(base, over) == tree


def test_null_removes_where_asked_for() -> None:
    """In a profile that extends another, null takes a key of the other away, at any depth; its own null stays."""
    over = {"a": None, "b": {"c": None}, "n": None}

    assert merged({"a": 1, "b": {"c": 1, "d": 2}}, over, null_removes=True) == {"b": {"d": 2}, "n": None}


def test_the_lower_tree_is_left_as_it_is() -> None:
    """The result is a new tree: defaults that several deployments share do not change."""
    base = {"a": {"b": 1}}
    merged(base, {"a": {"b": 2}})

    assert base == {"a": {"b": 1}}
