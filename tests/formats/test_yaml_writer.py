"""YAML as we write it."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.formats.yaml_writer import Raw, Word, dump_yaml

_TEXTS = st.text(max_size=12) | st.text("ayes0129.:-#'\"\\ \n\t&*!|>%@`{}[],?_~<=", max_size=8)
_SCALARS = _TEXTS | st.integers() | st.booleans() | st.none()
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS.filter(bool), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(_TEXTS, _TREES, max_size=4))
def test_a_reader_of_yaml_1_1_gets_what_was_written(value: dict[str, Any]) -> None:
    """PyYAML, the strictest guesser of types, reads every tree of text, numbers and truth values back as it was."""
    read = yaml.safe_load(dump_yaml(value))

    assert (read if value else {}) == value


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=8), _TREES, min_size=1, max_size=4))
def test_a_reader_of_yaml_1_2_gets_what_was_written(value: dict[str, Any]) -> None:
    """So does our own reader, which guesses nothing that YAML 1.2 does not."""
    if "<<" not in repr(value):  # our reader refuses merge keys, quoted or not
        assert typed(parse_yaml(dump_yaml(value), "x.yaml")[0].value) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("no", "a: 'no'\n", id="a word that is a truth value to some"),
        pytest.param("999:999", "a: '999:999'\n", id="a user that is a number to base 60 to some"),
        pytest.param("26.8", "a: '26.8'\n", id="a release"),
        pytest.param("512m", "a: 512m\n", id="a size"),
        pytest.param("-fsS", "a: -fsS\n", id="an option"),
        pytest.param("${CPUS:-2}", "a: ${CPUS:-2}\n", id="a reference"),
        pytest.param("one\ntwo", "a: |-\n  one\n  two\n", id="two lines"),
        pytest.param("one\n\ntwo\n", "a: |\n  one\n\n  two\n", id="three lines and an end"),
        pytest.param([], "a: []\n", id="an empty list"),
        pytest.param([{"b": 1, "c": ["d"]}], "a:\n  - b: 1\n    c:\n      - d\n", id="a list of mappings"),
        pytest.param(Word("x" * 61), f"a: >-\n  {'x' * 61}\n", id="a word that is too long for a line"),
        pytest.param(Word("short"), "a: short\n", id="a word that is not"),
        pytest.param(Raw("*anchor"), "a: *anchor\n", id="an alias"),
    ],
)
def test_each_value_has_one_spelling(value: Any, text: str) -> None:
    """People read the file: quotes stand only where a reader would take a text for something else."""
    assert dump_yaml({"a": value}) == text
