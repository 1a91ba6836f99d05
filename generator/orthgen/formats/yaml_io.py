"""
Reader of YAML and commented JSON with positions; writer of JSON. The only importer of `yaml`.

A value comes in as what its author wrote: a plain scalar stays text (`Plain`), and anybody who validates it
decides whether `26.8` is a release or a number. So a release is never the number 26.1 when 26.10 was
meant, and `no` is a word. Only `null`, `~` and nothing at all become None. Where no schema decides (raw
configuration keys), `typed` reads plain scalars as YAML 1.2's core schema does.

PyYAML's libyaml loader composes 10,000 lines in 0.1 s; positions are looked up in its node tree when a
finding needs them, so a good profile pays nothing for them.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import cache
from typing import Any

import yaml

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.document import Document as Document  # noqa: PLC0414 - a parser and its result stand together
from orthgen.formats.document import Path as Path  # noqa: PLC0414
from orthgen.formats.document import Plain as Plain  # noqa: PLC0414
from orthgen.formats.yaml_errors import syntax_finding
from orthgen.formats.yaml_writer import dump_yaml as dump_yaml  # noqa: PLC0414 - in and out stand together for those who use both

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = r"[-+]?[0-9]+"
_FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_MAP, _SEQ, _STR = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str"
# An alias is expanded where it stands; this bounds what a small file can grow into.
_MAX_NODES = 500_000
_MAX_NESTING = 60


UNSUPPORTED_YAML = Rule(
    "unsupported-yaml",
    Severity.ERROR,
    summary="The file uses a part of YAML that profiles do not need: a tag, a merge key, a second document, a key that is "
    "not a word, an alias without end.",
    remedy="Write the value out. `extends:` shares values between profiles.",
    example="""
        archive: !secure {overwrite: true}
    """,
)
DUPLICATE_KEY = Rule(
    "duplicate-key",
    Severity.ERROR,
    summary="A mapping has the same key twice. Most YAML parsers read one of them silently.",
    remedy="Remove one of the two.",
    example="""
        archive: {overwrite: true, overwrite: false}
    """,
)
EMPTY_FILE = Rule(
    "empty-file",
    Severity.ERROR,
    summary="The file, or a file that it extends, is empty.",
    remedy="Start from `profiles/minimal.yaml`.",
    example="""
        # nothing but a comment
    """,
)
INVALID_JSON = Rule(
    "invalid-json",
    Severity.ERROR,
    summary="A file that is JSON with comments cannot be parsed.",
    remedy="Correct the line that the finding shows.",
    file="keycloak/realm.json",
    example="""
        - "realm":
        + "realm"
    """,
)


class _Builder:
    """Turns composed nodes into plain values and notes what a profile may not contain."""

    def __init__(self, file: str, *, merge_keys: bool, tags: frozenset[str]) -> None:
        self.file = file
        self.merge_keys = merge_keys
        self.tags = tags
        self.findings: list[Finding] = []
        self.nodes = 0
        self.open: set[int] = set()

    def note(self, message: str, node: yaml.Node, hint: str, rule: Rule = UNSUPPORTED_YAML) -> None:
        mark = node.start_mark
        location = Location(self.file, mark.line + 1, mark.column + 1)
        self.findings.append(Finding(rule, message, location, hint))

    def build(self, node: yaml.Node) -> Any:
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            if self.nodes == _MAX_NODES + 1:
                self.note("the aliases of this file expand without end", node, "write the values out")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.open:
            self.note("an alias that contains itself", node, "write the value out where it is used")
            return None
        if len(self.open) > _MAX_NESTING:
            self.note("nested too deeply", node, f"at most {_MAX_NESTING} levels are read")
            return None
        self.open.add(id(node))
        value = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
        self.open.discard(id(node))
        return value

    def _note_tag(self, node: yaml.Node) -> None:
        if node.tag not in self.tags:
            self.note(f"the YAML tag `{node.tag}` is not supported", node, "remove it")

    def _scalar(self, node: yaml.ScalarNode) -> str | None:
        plain = not node.style  # libyaml says '' where the Python parser says None
        if plain and node.value in _NULLS:
            return None
        if node.tag.startswith("!") or ":python/" in node.tag:
            self._note_tag(node)
        return Plain(node.value) if plain else str(node.value)

    def _sequence(self, node: yaml.Node) -> list[Any]:
        if node.tag != _SEQ:
            self._note_tag(node)
        return [self.build(item) for item in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        if node.tag != _MAP:
            self._note_tag(node)
        result: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        first: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.note("a key that is not a word", key_node, "write `key: value`")
                continue
            key = str(key_node.value)
            if key == "<<" and self.merge_keys and not key_node.style:
                merged = self._merged(value_node)
                continue
            if key == "<<":
                self.note("merge keys (`<<`) are not read", key_node, "use `extends:` or write the keys out")
                continue
            if key in first:
                line = first[key].start_mark.line + 1
                hint = f"the first is in line {line}"
                self.note(f"`{key}` is written twice", key_node, hint, DUPLICATE_KEY)
                continue
            first[key] = key_node
            result[key] = self.build(value_node)
        return {**merged, **result}

    def _merged(self, node: yaml.Node) -> dict[str, Any]:
        """The keys that a merge key brings: of one mapping, or of several, the first of which wins."""
        value = self.build(node)
        merged: dict[str, Any] = {}
        for mapping in reversed(value if isinstance(value, list) else [value]):
            if isinstance(mapping, dict):
                merged |= mapping
            else:
                self.note("`<<` merges mappings only", node, "name the anchor of a mapping: `<<: *name`")
        return merged


# Nothing is tagged by its looks, so the composer neither guesses types nor spends time on it.
class _Loader(yaml.CSafeLoader):
    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: object) -> str:  # noqa: ARG002
        return _TAGS[kind]

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Nothing depends on where a node stands."""

    def ascend_resolver(self) -> None:
        """Nothing depends on where a node stands."""


_TAGS: dict[type[yaml.Node], str] = {yaml.ScalarNode: _STR, yaml.SequenceNode: _SEQ, yaml.MappingNode: _MAP}


def parse_yaml(
    text: str, file: str, *, merge_keys: bool = False, tags: frozenset[str] = frozenset()
) -> tuple[Document, list[Finding]]:
    """
    Parse one YAML document; syntax errors, duplicate keys, tags and the like come back as findings.

    Docker Compose merges mappings by `<<`, and so does this with `merge_keys`; a profile has `extends`. `tags` are the
    tags that may stand before a value; `Document.tag` tells where one does.
    """
    try:
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        return Document(file, text, None), [syntax_finding(error, file, text)]
    if not nodes or (isinstance(nodes[0], yaml.ScalarNode) and nodes[0].value in _NULLS):
        finding = Finding(
            EMPTY_FILE, "the file is empty", Location(file, 1, 1), "start from `profiles/minimal.yaml`"
        )
        return Document(file, text, None), [finding]
    builder = _Builder(file, merge_keys=merge_keys, tags=tags)
    value = builder.build(nodes[0])
    if len(nodes) > 1:
        builder.note(
            "a second document begins here", nodes[1], "one file holds one document; remove the `---`"
        )
    root = nodes[0]
    return Document(file, text, value, lambda: root), builder.findings


def placed_below(document: Document, *keys: str) -> Document:
    """A document as the value at keys that nobody wrote; its parts keep their places."""
    value, root = document.value, document.node
    for key in reversed(keys):
        value = {key: value}
        if root is not None:
            start = root.start_mark
            root = yaml.MappingNode(_MAP, [(yaml.ScalarNode(_STR, key, start, start), root)], start, start)
    return Document(document.file, document.text, value, lambda: root)


def typed(value: Any) -> Any:
    """The value with its plain scalars typed by YAML 1.2's core schema (for raw settings)."""
    if isinstance(value, dict):
        return {str(key): typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, Plain):
        return value
    text = str(value)
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if re.fullmatch(_INTEGER, text):
        return int(text)
    return float(text) if re.fullmatch(_FLOAT, text) else text


def untyped(value: Any) -> Any:
    """The inverse of `typed`: the value as `parse_yaml` would deliver it (for values made in code)."""
    if isinstance(value, dict):
        return {key: untyped(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [untyped(item) for item in value]
    if isinstance(value, bool):
        return Plain("true" if value else "false")
    return Plain(value) if isinstance(value, int | float) else value


# ---------------------------------------------------------------------------------------- commented JSON

# A string that nothing closes ends with its line, and a comment with the text: so each character is looked at once.
_COMMENT_OR_STRING = r'(?s)"(?:\\.|[^"\\\n])*"?|//[^\n]*|/\*.*?(?:\*/|\Z)'
_TRAILING_COMMA_OR_STRING = r'"(?:\\.|[^"\\\n])*"?|(?<![\[{,\s])\s*,(?=\s*[\]}])'


def blank_comments(text: str) -> str:
    """The text with `//` and `/* */` comments blanked out; every other character keeps its place."""
    return re.sub(
        _COMMENT_OR_STRING,
        lambda match: match[0] if match[0][0] == '"' else re.sub(r"[^\n]", " ", match[0]),
        text,
    )


def parse_json(text: str, file: str, *, trailing_commas: bool = False) -> tuple[Document, list[Finding]]:
    """
    Parse JSON with comments as Orthanc and the auth-service do; a syntax error becomes a finding.

    Orthanc forgives a comma before a closing bracket, and so does this with `trailing_commas`. JSON is YAML: the
    same node tree gives positions, composed only when the JSON itself was good.
    """
    bare = text.removeprefix("\ufeff")
    # Most files are plain JSON, which takes no search for comments.
    with suppress(ValueError, RecursionError):
        return Document(file, text, json.loads(bare), cache(lambda: _compose_json(bare))), []
    return _parse_commented_json(text, blank_comments(bare), file, trailing_commas=trailing_commas)


def _parse_commented_json(
    text: str, bare: str, file: str, *, trailing_commas: bool
) -> tuple[Document, list[Finding]]:
    if trailing_commas:
        bare = re.sub(
            _TRAILING_COMMA_OR_STRING,
            lambda match: match[0] if match[0][0] == '"' else match[0][:-1] + " ",
            bare,
        )
    try:
        value = json.loads(bare)
    except json.JSONDecodeError as error:
        return Document(file, text, None), [_json_finding(bare, file, error)]
    except RecursionError:
        finding = Finding(INVALID_JSON, "nested too deeply", Location(file, 1, 1))
        return Document(file, text, None), [finding]
    except ValueError:  # Python reads no number of more than 4,300 digits
        finding = Finding(INVALID_JSON, "a number with too many digits", Location(file, 1, 1))
        return Document(file, text, None), [finding]
    return Document(file, text, value, cache(lambda: _compose_json(bare))), []


# Escapes of halves of a character, and characters, that JSON may have and YAML may not.
_ONLY_JSON = r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}|[\x7f-\x84\x86-\x9f\ufffe\uffff]"


def _compose_json(bare: str) -> yaml.Node | None:
    try:
        # A tab is one character of a JSON file, and may not indent YAML.
        readable = re.sub(_ONLY_JSON, lambda match: "x" * len(match[0]), bare.expandtabs(1))
        root: yaml.Node | None = yaml.compose(readable, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None  # a construct that only JSON has (a key of 1,025 characters): places are the file's start
    return root


def _json_finding(text: str, file: str, error: json.JSONDecodeError) -> Finding:
    """What Python's parser says, with what to do where that is known."""
    comma = _trailing_comma(text, error.pos)
    if comma is not None:
        error = json.JSONDecodeError("there is a comma before the closing bracket", text, comma)
        hint = "remove the comma"
    elif text[error.pos : error.pos + 2] == "${":
        hint = "write the value here that the environment variable has"
    elif error.msg.startswith("Invalid \\escape"):
        hint = "write each backslash twice, or `/` in its place"
    elif text[error.pos : error.pos + 1] == "'":
        hint = "write double quotes"
    else:
        hint = ""
    message = f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
    return Finding(INVALID_JSON, message, Location(file, error.lineno, error.colno), hint)


def _trailing_comma(text: str, position: int) -> int | None:
    """The comma before a closing bracket where Python's parser stopped: at it since 3.13, at the bracket before."""
    if text[position : position + 1] == ",":
        return position if text[position + 1 :].lstrip().startswith(("]", "}")) else None
    before = text[:position].rstrip()
    return len(before) - 1 if before.endswith(",") and text[position : position + 1] in ("]", "}") else None


# -------------------------------------------------------------------------------------------------- output


# A member whose line is longer than people read.
_LONG_MEMBER = re.compile(r'^( *)("(?:[^"\\]|\\.)*"): ("(?=.{80}).*)$', re.MULTILINE)


def dump_json(value: Any) -> str:
    """
    JSON text: indented by two blanks, in the order in which it was built, with a final newline.

    A long text begins on a line of its own: easier to read and to compare, and no scanner that reads line by
    line takes a policy for passwords for a password.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _LONG_MEMBER.sub(r"\1\2:\n\1  \3", text) + "\n"
