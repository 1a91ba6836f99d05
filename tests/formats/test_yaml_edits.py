"""Edits of YAML files: the value changes, and every character that the edit does not concern stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orthgen.formats.document import Document
from orthgen.formats.yaml_edits import UnsuitableForm, append, insert, rename
from orthgen.formats.yaml_io import dump_yaml, parse_yaml
from orthgen.formats.yaml_writer import flow
from tests.support.builders import EXAMPLES, PROFILES


def document(text: str) -> Document:
    """The parsed text."""
    return parse_yaml(text, "site.yaml")[0]


@pytest.mark.parametrize(
    ("text", "path", "value", "result"),
    [
        pytest.param("a: {b: 1}   # c\n", ("a", "c"), "v", "a: {b: 1, c: v}   # c\n", id="into braces"),
        pytest.param("a: {}\n", ("a", "c"), {"d": ["e"]}, "a: {c: {d: [e]}}\n", id="into empty braces"),
        pytest.param("a: {b: 1, }\n", ("a", "c"), "v", "a: {b: 1, c: v, }\n", id="before a comma at the end"),
        pytest.param("a:  # c\nd: 1\n", ("a", "c"), "v", "a:  # c\n  c: v\nd: 1\n", id="below a key without a value"),
        pytest.param("a:\n    b: 1\n", ("a", "c"), "v", "a:\n    b: 1\n    c: v\n", id="as deep as its neighbours"),
        pytest.param(
            "a:\n  b: {x: 1}\n", ("a", "c"), {"x": "2"}, "a:\n  b: {x: 1}\n  c: {x: '2'}\n", id="in one line like its neighbour"
        ),
        pytest.param(
            "a:\n  b:\n    x: 1\n", ("a", "c"), {"x": 2}, "a:\n  b:\n    x: 1\n  c:\n    x: 2\n", id="in lines like its neighbour"
        ),
        pytest.param(
            "a:\n  b: 1  # why\n  # d: 2\n\nz: 1\n", ("a", "c"), "v", "a:\n  b: 1  # why\n  # d: 2\n  c: v\n\nz: 1\n", id="after comments"
        ),
        pytest.param(
            "a:\n  b: |\n    x\n    y\n\nz: 1\n", ("a", "c"), "v", "a:\n  b: |\n    x\n    y\n  c: v\n\nz: 1\n", id="after a text in lines"
        ),
        pytest.param("a:\r\n  b: 1\r\n", ("a", "c"), "v", "a:\r\n  b: 1\r\n  c: v\r\n", id="line ends of Windows"),
        pytest.param("a:\n  b: 1", ("a", "c"), "v", "a:\n  b: 1\n  c: v\n", id="no line end"),
        pytest.param("a: 1\n\nz: 1\n\n# end\n", ("m",), {"x": 1}, "a: 1\n\nm:\n  x: 1\n\nz: 1\n\n# end\n", id="in the order"),
        pytest.param("{a: 1}\n", ("m", "x"), 1, "{a: 1, m: {x: 1}}\n", id="a file in braces"),
        pytest.param("é: {b: ü}\n", ("é", "c"), "v", "é: {b: ü, c: v}\n", id="characters of several bytes"),
        pytest.param("a: {b: 1}\n", ("a", "c"), 'x, "y"', "a: {b: 1, c: 'x, \"y\"'}\n", id="signs in braces"),
    ],
)  # fmt: skip
def test_a_value_is_inserted(text: str, path: tuple[str, ...], value: Any, result: str) -> None:
    """The new lines are where a person would write them, in the style of their neighbours."""
    assert insert(document(text), path, value, ["a", "m", "z"]) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a: [x]  # c\n", "a: [x, w]  # c\n"),
        ("a: []\n", "a: [w]\n"),
        ("a:\n  - x  # c\nb: 1\n", "a:\n  - x  # c\n  - w\nb: 1\n"),
        ("a:\n- x\nb: 1\n", "a:\n- x\n- w\nb: 1\n"),
        ("a: [\n  x,\n]\n", "a: [\n  x, w,\n]\n"),
    ],
)
def test_an_item_is_appended(text: str, result: str) -> None:
    """The item comes last, in the style of the list."""
    assert append(document(text), ("a",), "w") == result


def test_names_change_in_their_quotes() -> None:
    """Keys and scalars change where they are, each with its own quotes, and comments with the same word stay."""
    text = "old: {at: 'old', on: \"old\"}  # old\nlist: [old, other]\n"
    keys: dict[tuple[str | int, ...], str] = {("old",): "new"}
    values: dict[tuple[str | int, ...], str] = {
        ("old", "at"): "it's",
        ("old", "on"): 'a"b',
        ("list", 0): "new",
    }

    assert rename(document(text), keys, values) == (
        "new: {at: 'it''s', on: \"a\\\"b\"}  # old\nlist: [new, other]\n"
    )


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: insert(document(text), ("b", "y"), "1"), id="into an alias"),
        pytest.param(lambda text: insert(document(text), ("a", "x"), "1"), id="a value that is there"),
        pytest.param(lambda text: insert(document(text), ("a", "x", "y"), "1"), id="below a scalar"),
        pytest.param(
            lambda text: rename(document(text), {}, {("b", "x"): "2"}), id="a name that an alias shares"
        ),
        pytest.param(lambda text: rename(document(text), {("c",): "d"}, {}), id="a key that is missing"),
    ],
)
def test_an_edit_that_would_change_something_else_is_refused(edit: Any) -> None:
    """A place that two values share, or that is not there, is not edited."""
    with pytest.raises(UnsuitableForm):
        edit("a: &m {x: 1}\nb: *m\n")


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_keep_every_line(name: str) -> None:
    """An entry in each mapping of an example adds lines, or ends one, and changes no other."""
    text = (PROFILES / name).read_text(encoding="utf-8")
    for path in _mappings(parse_yaml(text, name)[0].value):
        after = insert(document(text), (*path, "new-key"), {"x": "y"}).splitlines()
        lines = iter(after)
        changed = [line for line in text.splitlines() if not any(line == other for other in lines)]
        if changed:  # one line in braces, which has the entry now
            lines = iter(after)
            assert sum("new-key" in line for line in lines) == 1
            assert len(after) == len(text.splitlines())


def _mappings(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if not isinstance(value, dict):
        return []
    return [path, *(each for key, item in value.items() for each in _mappings(item, (*path, key)))]


TREES = st.recursive(
    st.text("ab:#,[]{}'\" -", max_size=6),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, min_size=1, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    tree=st.dictionaries(st.sampled_from("xyz"), TREES, min_size=1), in_braces=st.booleans(), data=st.data()
)
def test_any_mapping_takes_an_entry(tree: dict[str, Any], in_braces: bool, data: st.DataObject) -> None:  # noqa: FBT001
    """In block style and in braces, whatever the texts are: the value is there, and no other line is gone."""
    text = f"# head\n{flow(tree)}\n# tail\n" if in_braces else f"# head\n{dump_yaml(tree)}# tail\n"
    path = data.draw(st.sampled_from(_mappings(tree)))
    after = insert(document(text), (*path, "new"), {"k": "v, w"})
    value: Any = document(after).value
    for element in path:
        value = value[element]

    assert value["new"] == {"k": "v, w"}
    assert after.startswith("# head\n")
    assert after.endswith("# tail\n")
    if not in_braces:
        rest = iter(after.splitlines())
        assert all(line in rest for line in text.splitlines())
