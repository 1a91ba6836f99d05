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
        pytest.param("[\\", "the escape `\\` inside a set", id="nothing-escaped-in-set"),
        pytest.param("a\\", "the escape `\\`", id="nothing-escaped"),
        pytest.param(r"\é", r"the escape `\é`", id="escaped-letter-beyond-ascii"),
        pytest.param(r"\Q\E", r"a `\Q` without `\E`", id="empty-quotation"),
        pytest.param(r"\Qé\E", r"a `\Q` without `\E`", id="quotation-beyond-ascii"),
        pytest.param(r"(a)\11", r"the escape `\1`", id="two-digits"),
        pytest.param(r"(a)\12b", r"the escape `\1`", id="two-digits-before-a-letter"),
        pytest.param("a|*", "a `*` that repeats nothing", id="repeated-branch"),
        pytest.param("(*a)", "a group that begins with `(*a`", id="verb"),
        pytest.param("a**", "a `*` that repeats nothing, an anchor or a repetition", id="twice"),
        pytest.param(r"\b+", "a `+` that repeats nothing, an anchor or a repetition", id="repeated-position"),
        pytest.param("[a-b-c]", "a `-` inside a set", id="range-of-a-range"),
        pytest.param("[a--]", "a `-` inside a set", id="range-to-a-dash"),
        pytest.param(r"[\d-x]", "a `-` inside a set", id="range-from-class"),
        pytest.param(r"[a-\.]", "a `-` inside a set", id="range-to-an-escape"),
        pytest.param("[[=a=]]", "`[=a=]]` inside a set", id="equivalence"),
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


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        pytest.param(r"a\x62c", "abc", "a62c", id="hexadecimal"),
        pytest.param(r"a\x{7e}+", "a~~", "a{7e}", id="hexadecimal-in-braces"),
        pytest.param(r"\Qa.b\E+", "a.bbb", "axb", id="quotation"),
        pytest.param(r"x\Qa\Ey", "xay", "xa", id="quotation-inside"),
        pytest.param(
            "é+c", "é\udca9c".encode("utf-8", "surrogateescape").decode("latin-1"), "éé", id="bytes"
        ),
        pytest.param("(a|^b)c", "bc", "xbc", id="line-start-in-a-group"),
        pytest.param("a|^b", "b", "^b", id="line-start-of-a-branch"),
        pytest.param("a\n^b", "a\nb", "a\n^b", id="line-start-inside"),
        pytest.param("(a$|b)", "a", "a$", id="line-end-in-a-group"),
        pytest.param("a$|b", "a", "a$", id="line-end-of-a-branch"),
        pytest.param("a$\nb", "a\nb", "ab", id="line-end-inside"),
        pytest.param("(?<n>a)b", "ab", "nab", id="named-group"),
        pytest.param("(?i)ab", "Ab", "Abc", id="ignored-case"),
        pytest.param("(?i:a)b", "Ab", "AB", id="ignored-case-of-a-group"),
        pytest.param("a{2}", "aa", "a{2}", id="number"),
        pytest.param("a{2,}?b", "aaab", "ab", id="lazy-number"),
        pytest.param("a++b", "aab", "b", id="possessive"),
        pytest.param(r"a\eb", "a\x1bb", "aeb", id="escape"),
        pytest.param(r"\<a\>", "a", "<a>", id="word"),
        pytest.param(r"a\L", "a1", "ab", id="no-small-letter"),
        pytest.param(r"a\-b", "a-b", "ab", id="escaped-sign"),
        pytest.param(r"(a)(b)\2", "abb", "aba", id="back-reference"),
        pytest.param("[]a]", "]", "[", id="bracket-first-in-a-set"),
        pytest.param("[^]a]", "b", "]", id="bracket-first-in-a-complement"),
        pytest.param("[a-]", "-", "b", id="dash-last-in-a-set"),
        pytest.param("[-a]", "-", "b", id="dash-first-in-a-set"),
        pytest.param("[^-a]", "b", "-", id="dash-first-in-a-complement"),
        pytest.param("[a-c]", "b", "-", id="range"),
        pytest.param(r"[\da-c]", "7", "d", id="class-in-a-set"),
        pytest.param(r"[\t-~]", "a", "\xe9", id="range-from-an-escape"),
        pytest.param(r"[\.]", ".", "\\", id="escaped-sign-in-a-set"),
        pytest.param("[[:digit:]x]", "7", ":", id="named-class"),
        pytest.param("[a[]", "[", "]", id="open-bracket-in-a-set"),
    ],
)
def test_one_spelling_is_translated(pattern: str, matching: str, other: str) -> None:
    """The translation matches a path that boost matches, and no other."""
    compiled = translate(pattern).compiled

    assert compiled is not None
    assert compiled.fullmatch(matching.encode("latin-1"))
    assert not compiled.fullmatch(other.encode("latin-1"))


def test_a_pattern_is_translated_once() -> None:
    """Every deployment of a batch has the same rows."""
    assert translate("^/once/(a|b)$") is translate("^/once/(a|b)$")
