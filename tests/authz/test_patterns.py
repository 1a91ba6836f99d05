"""Patterns match as boost matches them, or say that they cannot be read."""

import json
from pathlib import Path

import pytest

from orthgen.authz.patterns import translate

PAIRS = json.loads((Path(__file__).parent / "data" / "boost.json").read_text())["pairs"]


def test_translated_patterns_answer_as_boost_does() -> None:
    """On every recorded pair of pattern and path the translation agrees with boost, or names a problem."""
    differing, answered = [], 0
    for pattern, path, expected in PAIRS:
        translated = translate(pattern)
        if translated.compiled is None:
            continue
        answered += 1
        found = "1" if translated.compiled.fullmatch(path.encode()) else "0"
        if found != expected:
            differing.append((pattern, path, expected))

    assert not differing
    assert answered > 800


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        pytest.param(r"a\Bb", r"the escape `\B`", id="not-a-word-boundary"),
        pytest.param(r"(?|a|b)", "a group that begins with `(?|`", id="branch-reset"),
        pytest.param(r"a(?i)b", "a group that begins with `(?i`", id="flag-in-the-middle"),
        pytest.param(r"(?P<x>a)", "a group that begins with `(?P`", id="python-name"),
        pytest.param(r"a{", "a `{` that begins no repetition", id="brace"),
        pytest.param(r"\pL", r"the escape `\p`", id="property"),
        pytest.param(r"^*", "a `*` that repeats nothing, an anchor or a repetition", id="repeated-anchor"),
        pytest.param(r"a)", "a `)` that closes nothing", id="unopened"),
        pytest.param(r"[a-\d]", "a `-` inside a set", id="range-to-class"),
        pytest.param(r"[[.x.]]", "`[.x.]]` inside a set", id="collating"),
        pytest.param("[é]", "a letter beyond ASCII inside a set", id="multi-byte"),
        pytest.param("[a", "a `[` that is never closed", id="open-set"),
        pytest.param(r"\Qa", r"a `\Q` without `\E`", id="open-quotation"),
        pytest.param("(a", "not a regular expression", id="open-group"),
        pytest.param("(?>)", "a group that begins with `(?>`", id="empty-atomic"),
        pytest.param(r"[\x41]", r"the escape `\x` inside a set", id="escape-in-set"),
        pytest.param("[[:nope:]]", "`[:nope:]]` inside a set", id="class"),
    ],
)
def test_what_the_engines_read_differently_is_named(pattern: str, problem: str) -> None:
    """A construct on which boost and Python differ, or that only one knows, is a problem and never a guess."""
    translated = translate(pattern)

    assert translated.compiled is None
    assert translated.problem is not None
    assert translated.problem.message.startswith(problem)
    assert translated.problem.hint


def test_back_references_keep_a_pattern_to_itself() -> None:
    """A pattern that refers to its own groups is not joined with others."""
    assert not translate(r"(a)\1").combinable
    assert translate("(a)b").combinable
