"""
JSON as it stands in deployments: with comments, variables without quotes, duplicate keys, or a few keys of a file.

Orthanc and its image substitute `${NAME}` in the text before they read the JSON, so a variable may stand where JSON
allows no such word.
"""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import Struct

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import INVALID_JSON, Document, Plain, blank_comments, parse_json
from orthgen.observed.files import TextFile

REPEATED_KEY = Rule(
    "repeated-key",
    Severity.WARNING,
    summary="A JSON object has the same key twice. The second one replaces the first, without a message.",
    remedy="Join the two, and remove one of them.",
    file="orthanc.json",
    example="""
        {
          "DicomWeb": {"Enable": true},
          "DicomWeb": {"Root": "/dicom-web/"}
        }
    """,
    consequence="The settings below the first one have no effect.",
    counterexample="""
        {
          "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}
        }
    """,
)
TRAILING_COMMA = Rule(
    "trailing-comma",
    Severity.ERROR,
    summary="There is a comma before a closing bracket. Orthanc itself forgives it; the orthancteam image reads the file first "
    "and does not, and neither do Keycloak and the auth-service.",
    remedy="Remove the comma.",
    file="orthanc.json",
    example="""
        {"Name": "clinic",}
    """,
    consequence="The container stops at its start, or starts without the settings of this file.",
    counterexample="""
        {"Name": "clinic"}
    """,
)

# The mark in front of a variable that stands without quotes, in the string that takes its place.
_MARK = "\ue000"
_VARIABLE_OR_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"?|\$\{[^}\n]*\}')
# Characters that would end the string.
_HARMLESS = str.maketrans({'"': "'", "\\": "/"})
_MAX_NESTING = 60
_MAX_COMMAS = 20
# The words of Python's parser (3.11 to 3.14).
_NO_COMMA = "Expecting ',' delimiter"


class _RepeatedKey(ValueError):
    """An object has a key twice."""


class JsonText(Struct, frozen=True):
    """A JSON text as data. A variable without quotes is a `Plain` text (`${NAME}`); an excerpt is not complete."""

    document: Document
    findings: tuple[Finding, ...] = ()
    is_complete: bool = True


def read_json(file: TextFile) -> JsonText:
    """The JSON of a file; what does not parse has None as its value and a finding."""
    text = _VARIABLE_OR_STRING.sub(_quoted, blank_comments(file.text))
    document, findings = parse_json(text, file.name)
    if findings:
        forgiven, _ = parse_json(text, file.name, trailing_commas=True)
        with_commas, missing = _with_commas(text, file.name)
        if forgiven.value is not None:
            document, findings = forgiven, [_trailing_comma(findings[0])]
        elif with_commas.value is not None:
            document, findings = with_commas, missing
        elif not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
            excerpt = _excerpt(text, file)
            if excerpt is not None:
                return excerpt
    if depth(document.value) > _MAX_NESTING:
        place = Location(file.name, 1, 1)
        findings = [
            Finding(INVALID_JSON, "nested too deeply", place, f"at most {_MAX_NESTING} levels are read")
        ]
        return JsonText(Document(file.name, file.text, None), tuple(findings))
    repeated = [] if document.value is None else _repeated_keys(document)
    document = Document(file.name, file.text, _restored(document.value), document.compose)
    return JsonText(document, (*findings, *repeated), file.is_complete)


def depth(value: Any) -> int:
    """The number of levels of a tree."""
    levels, level = 0, [value]
    while level:
        levels += 1
        containers = [each for each in level if isinstance(each, dict | list)]
        level = [item for each in containers for item in (each.values() if isinstance(each, dict) else each)]
    return levels


def _quoted(match: re.Match[str]) -> str:
    """A variable without quotes as a string of the same length."""
    written = match[0]
    if written.startswith('"'):
        return written
    return f'"{_MARK}{written[2:-1].translate(_HARMLESS)}"'


def _restored(value: Any) -> Any:
    """The value with its variables without quotes as plain texts."""
    if isinstance(value, dict):
        return {key: _restored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, str) and value.startswith(_MARK):
        return Plain(f"${{{value[1:]}}}")
    return value


def _with_commas(text: str, file: str) -> tuple[Document, list[Finding]]:
    """The JSON with the commas that are missing between two lines, and a finding for each; no value where more is wrong."""
    findings: list[Finding] = []
    for _ in range(_MAX_COMMAS):
        try:
            json.loads(text.removeprefix("\ufeff"))
        except json.JSONDecodeError as error:
            position = error.pos + text.startswith("\ufeff")
            end = len(text[:position].rstrip())
            if (
                error.msg != _NO_COMMA
                or text[position : position + 1] != '"'
                or "\n" not in text[end:position]
            ):
                break
            place = Location(file, text.count("\n", 0, end) + 1, end - 1 - text.rfind("\n", 0, end))
            findings.append(
                Finding(
                    INVALID_JSON, "not valid JSON: there is no comma behind this value", place, "add a comma"
                )
            )
            text = f"{text[:end]},{text[end:]}"
        except (ValueError, RecursionError):
            break
        else:
            return parse_json(text, file)[0], findings
    return Document(file, text, None), []


def _trailing_comma(problem: Finding) -> Finding:
    message = "there is a comma before the closing bracket"
    return Finding(TRAILING_COMMA, message, problem.location, "remove the comma")


def _excerpt(text: str, file: TextFile) -> JsonText | None:
    """A few keys without the braces around them."""
    # The first line's comments are blank, so that there is a character to write the brace on, or none is needed.
    inner = text.strip("\ufeff \t\r\n,")
    if not inner.startswith('"'):
        return None
    start = text.index(inner)
    lines_above = text[:start].count("\n")
    column = start - (text.rfind("\n", 0, start) + 1)
    # A brace in the line above keeps all columns; without one, the columns of the first line are one too many.
    whole = (
        "\n" * (lines_above - 1) + "{\n" + " " * column + inner + "}" if lines_above else "{" + inner + "}"
    )
    document, findings = parse_json(whole, file.name, trailing_commas=True)
    if findings:
        return None
    restored = Document(file.name, file.text, _restored(document.value), document.compose)
    return JsonText(restored, tuple(_repeated_keys(document)), is_complete=False)


def _without_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; raises where a key stands twice."""
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _RepeatedKey
    return value


def _repeated_keys(document: Document) -> list[Finding]:
    """A finding for each key that stands twice in an object. Places are looked up only where there is such a key."""
    try:
        json.loads(document.text, object_pairs_hook=_without_repeated)
    except ValueError:  # also where the text has something that this parser does not forgive
        return [
            Finding(
                REPEATED_KEY,
                f"`{'.'.join(map(str, path))}` is written twice; the second one replaces the first",
                again,
                "join the two",
                ((first, "the first one"),),
            )
            for path, first, again in document.repeated_keys()
        ]
    return []
