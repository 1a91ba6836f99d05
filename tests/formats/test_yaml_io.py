"""YAML and commented JSON come in with the place of every value, and go out in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orthgen.formats import yaml_io
from orthgen.formats.yaml_io import Plain, dump_json, dump_yaml, parse_json, parse_yaml, typed, untyped

TEXT = """\
orthgen: 1
release: 26.10
roles:
  reader:
    can: [view, "no"]
    titre: élève
"""


def test_a_plain_scalar_stays_what_its_author_wrote() -> None:
    """A release is never the number 26.1 when 26.10 was meant."""
    document, findings = parse_yaml(TEXT, "p.yaml")

    assert findings == []
    assert document.value["release"] == "26.10"
    assert isinstance(document.value["release"], Plain)


def test_merge_keys_are_read_where_docker_compose_reads_them() -> None:
    """A mapping's own keys win over merged ones, and of several mappings the first does."""
    text = "x-a: &a {one: 1, two: 1}\nx-b: &b {two: 2, three: 2}\nservice:\n  <<: [*a, *b]\n  one: 0\n"

    document, findings = parse_yaml(text, "c.yml", merge_keys=True)

    assert findings == []
    assert document.value["service"] == {"one": "0", "two": "1", "three": "2"}


def test_a_merge_key_with_a_text_is_a_finding() -> None:
    """Only mappings have keys to merge."""
    _, findings = parse_yaml("service:\n  <<: text\n", "c.yml", merge_keys=True)

    assert [(str(finding.location), finding.message) for finding in findings] == [
        ("c.yml:2:7", "`<<` merges mappings only")
    ]


def test_a_quoted_scalar_is_text_for_raw_settings_too() -> None:
    """Quotes keep a word from becoming a number, a truth value or nothing."""
    document, _ = parse_yaml('{a: 1, b: "1", c: true, d: "true", e: ~, f: "", g: 1.5, h: x, i: no}', "p.yaml")

    assert typed(document.value) == {
        "a": 1,
        "b": "1",
        "c": True,
        "d": "true",
        "e": None,
        "f": "",
        "g": 1.5,
        "h": "x",
        "i": "no",
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        pytest.param(("release",), "p.yaml:2:10", id="a scalar at its value"),
        pytest.param(("roles", "reader"), "p.yaml:4:3", id="a mapping at its key"),
        pytest.param(("roles", "reader", "can", 1), "p.yaml:5:17", id="an item of a list"),
        pytest.param(
            ("roles", "reader", "can", 7), "p.yaml:5:5", id="what is missing, at the nearest part that exists"
        ),
        pytest.param(("nothing",), "p.yaml:1:1", id="what is missing altogether, at the beginning"),
    ],
)
def test_every_value_has_its_place(path: tuple[str | int, ...], place: str) -> None:
    """Line and column count from 1; a column counts characters."""
    document, _ = parse_yaml(TEXT, "p.yaml")

    assert str(document.locate(path)) == place


def test_a_key_has_its_place() -> None:
    """An unknown key is reported at the key, not at its value."""
    document, _ = parse_yaml(TEXT, "p.yaml")

    assert str(document.locate(("roles", "reader", "titre"), key=True)) == "p.yaml:6:5"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        pytest.param("a: b: c", "p:1:5", "a plain value cannot have `: ` in it", id="two colons"),
        pytest.param("a:\n  b: 1\n   c: 2", "p:3:5", "begins further right", id="an indentation"),
        pytest.param("a:1\nb: 2", "p:1:2", "a colon without a blank", id="a glued value"),
        pytest.param("a:\n  b: 1\n  c:2\nd: 3", "p:3:4", "a colon without a blank", id="a glued value below"),
        pytest.param("a:\n\u00a0b: 1\n c: 2", "p:2:1", "a no-break space", id="a no-break space"),
        pytest.param("a:\n\tb: 1", "p:2:1", "a tab cannot indent", id="a tab"),
        pytest.param("a: %b", "p:1:4", "a plain value cannot begin with `%`", id="a percent sign"),
        pytest.param("a: 1\na: 2", "p:2:1", "`a` is written twice", id="a duplicate key"),
        pytest.param("a: [1,", "p:2:1", "did not find expected", id="an open list"),
        pytest.param("", "p:1:1", "the file is empty", id="nothing"),
        pytest.param("# only a comment\n", "p:1:1", "the file is empty", id="only a comment"),
        pytest.param("a: !!python/object:os.system x", "p:1:4", "is not supported", id="a tag"),
        pytest.param("a: &x [*x]", "p:1:4", "contains itself", id="a circular alias"),
        pytest.param("a: *x", "p:1:4", "undefined alias", id="an unknown alias"),
        pytest.param("<<: {a: 1}", "p:1:1", "merge keys", id="a merge key"),
        pytest.param("? [a]\n: b", "p:1:3", "not a word", id="a complex key"),
        pytest.param("--- {a: 1}\n--- {b: 1}", "p:2:5", "second document", id="two documents"),
        pytest.param("a: \x07", "p:1:4", "control characters", id="a control character"),
        pytest.param("[" * 100 + "]" * 100, "p:1:62", "nested too deeply", id="deep nesting"),
    ],
)
def test_what_is_not_a_profile_is_a_finding(text: str, place: str, message: str) -> None:
    """Every defect of a YAML file has a place and says what is wrong."""
    _, findings = parse_yaml(text, "p")

    assert str(findings[0].location) == place
    assert message in findings[0].message


@pytest.mark.parametrize(
    ("text", "place", "what", "close"),
    [
        pytest.param("a: [1, 2\nb: c\n", "p:1:4", "list", "`]`", id="list"),
        pytest.param("a:\n  b: {x: 1\nc: d\n", "p:2:6", "mapping", "`}`", id="mapping"),
        pytest.param('a: "x\nb: c\n', "p:1:4", "quoted text", "quote", id="quote"),
    ],
)
def test_what_is_never_closed_is_named_where_it_begins(text: str, place: str, what: str, close: str) -> None:
    """The parser notices far below; what has to be mended is where it was opened."""
    _, (finding,) = parse_yaml(text, "p")

    assert str(finding.location) == place
    assert f"the {what} that begins here is never closed" in finding.message
    assert close in finding.hint


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("a: *x\n", "put the value into quotes: a `*` at its beginning refers to something else"),
        ('a: "\\ud83d"\n', "write the character itself"),
        ("- a\nb: c\n", "check the indentation; every item of a list begins with `- `"),
        ("a: b: c\n", "put the value into quotes"),
        ("a: @x\n", "put the value into quotes"),
        ("a:\n\tb: c\n", "indent with spaces"),
        ("a: *\n", "put the value into quotes: a `*` or `&` at its beginning refers to something else"),
        ("a:b\nc: d\n", "write `a: …`"),
    ],
)
def test_a_common_slip_comes_with_a_remedy(text: str, remedy: str) -> None:
    """What the parser says is not what people write."""
    _, (finding,) = parse_yaml(text, "p")

    assert finding.hint.split("; or ")[0] == remedy


def test_aliases_cannot_expand_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine lines of aliases do not fill the memory. (The real limit takes a second to reach.)"""
    monkeypatch.setattr(yaml_io, "_MAX_NODES", 5_000)
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    _, findings = parse_yaml("\n".join(lines), "p")

    assert "expand without end" in findings[0].message


@given(st.text(max_size=200))
def test_any_text_parses_or_gives_findings(text: str) -> None:
    """There is no text that ends in a traceback."""
    document, findings = parse_yaml(text, "p")

    assert findings or document.node is not None


def test_commented_json_keeps_places() -> None:
    """Comments are blanked, not removed: what follows them keeps its line and column."""
    text = '{\n  // a "comment"\n  "a": "http://x", /* two\n lines */ "b": [1, {"c": true}]\n}'

    document, findings = parse_json(text, "o.json")

    assert findings == []
    assert document.value == {"a": "http://x", "b": [1, {"c": True}]}
    assert str(document.locate(("b", 1, "c"))) == "o.json:4:26"


def test_a_trailing_comma_is_named() -> None:
    """The most common defect of hand-written JSON has a hint of its own."""
    for text, place in (('{"a": 1,}', "o.json:1:8"), ('{"a": [1\n  , \n]}', "o.json:2:3")):
        _, findings = parse_json(text, "o.json")

        assert str(findings[0].location) == place
        assert findings[0].message == "not valid JSON: there is a comma before the closing bracket"
        assert findings[0].hint == "remove the comma"


def test_a_trailing_comma_is_forgiven_where_orthanc_reads_the_file() -> None:
    """On request commas before closing brackets count for nothing; those inside texts stay."""
    document, findings = parse_json('{"a": [1, ",]",\n],}', "o.json", trailing_commas=True)

    assert (document.value, findings) == ({"a": [1, ",]"]}, [])


def test_a_bare_environment_variable_is_named() -> None:
    """Orthanc fills variables in before it reads the JSON; outside quotes nobody else can read them."""
    _, findings = parse_json('{"HttpPort": ${PORT}}', "o.json")

    assert "environment variable" in findings[0].hint


_TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text(min_size=1, max_size=8), children, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(min_size=1, max_size=8), _TREES, max_size=5))
def test_what_is_written_as_json_reads_back(value: dict[str, object]) -> None:
    """JSON survives the way out and in."""
    assert parse_json(dump_json(value), "x.json")[0].value == value


_YAML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=20)
_YAML_TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | _YAML_TEXT,
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text("abcdef-_", min_size=1, max_size=8), children, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=8), _YAML_TREES, min_size=1, max_size=5))
def test_what_is_written_as_yaml_reads_back(value: dict[str, object]) -> None:
    """YAML survives the way out and in: no word turns into a number, a truth value or nothing."""
    assert typed(parse_yaml(dump_yaml(value), "x.yaml")[0].value) == value


def test_a_tree_made_in_code_is_as_if_it_had_been_parsed() -> None:
    """`untyped` undoes `typed`."""
    value = {"a": [1, True, "x", None, 1.5]}

    assert typed(untyped(value)) == value
