"""
Variables in texts: Docker Compose's interpolation, `.env` files, and the substitution in Orthanc's configuration.

A variable that nobody sets stays as `${NAME}`, because the shell that starts the deployment may set it.
"""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orthgen.observed.files import TextFile

INVALID_ENVIRONMENT_LINE = Rule(
    "invalid-environment-line",
    Severity.WARNING,
    summary="A line of an environment file is no `NAME=value`.",
    remedy="Write `NAME=value`, and close each quote in its line.",
    file=".env",
    example="""
        DOMAIN=clinic.example.org
        just some words
    """,
    consequence="The variable has no value, so the setting that it should carry is empty.",
    counterexample="""
        DOMAIN=clinic.example.org
        # just some words
    """,
)

_REFERENCE = re.compile(r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_][A-Za-z0-9_]*)|(?P<brace>\{))")
_BRACED = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>:?[-?+])?")
_MAX_NESTING = 20


class Variable(Struct, frozen=True):
    """A variable of an environment file."""

    value: str | None
    location: Location


def read_environment(file: TextFile) -> tuple[dict[str, Variable], list[Finding]]:
    """The variables of an environment file; one without `=` has no value."""
    from dotenv.parser import parse_stream  # noqa: PLC0415 - half as slow as everything else here, and seldom needed

    variables: dict[str, Variable] = {}
    findings = []
    for binding in parse_stream(StringIO(file.text)):
        written = binding.original.string
        above = written[: len(written) - len(written.lstrip())]
        line = binding.original.line + above.count("\n") + file.first_line - 1
        place = Location(file.name, line, len(above) - (above.rfind("\n") + 1) + 1)
        if binding.error:
            hint = "write `NAME=value`, and close each quote in its line"
            findings.append(
                Finding(INVALID_ENVIRONMENT_LINE, "no `NAME=value`", place, hint, is_sensitive=True)
            )
        elif binding.key is not None:
            variables[binding.key] = Variable(binding.value, place)
    return variables, findings


class Interpolation:
    """Docker Compose's interpolation by a set of variables. `undefined` collects the names that nobody sets."""

    def __init__(self, variables: Mapping[str, str | None], *, is_sample: bool = False) -> None:
        self.variables = variables
        self.is_sample = is_sample
        self.undefined: dict[str, None] = {}
        self.used: set[str] = set()

    def __call__(self, text: str, depth: int = 0) -> str:
        """The text with its variables replaced and `$$` as a dollar sign."""
        if "$" not in text or depth > _MAX_NESTING:
            return text
        parts, position = [], 0
        while (match := _REFERENCE.search(text, position)) is not None:
            parts.append(text[position : match.start()])
            position = match.end()
            if match["escaped"]:
                parts.append("$")
            elif match["plain"]:
                parts.append(self._value(match["plain"]))
            else:
                end = _closing(text, position)
                inner = text[position:end]
                parts.append(self._braced(inner, depth))
                position = end + 1
        return "".join(parts) + text[position:]

    def _braced(self, inner: str, depth: int) -> str:
        match = _BRACED.match(inner)
        if match is None:
            return f"${{{inner}}}"
        name, operator, word = match["name"], match["operator"] or "", inner[match.end() :]
        # Without `.env` the default is in force, whatever its sample says.
        value = None if self.is_sample and operator.endswith("-") else self.variables.get(name)
        if value is not None:
            self.used.add(name)
        is_set = value is not None if not operator.startswith(":") else bool(value)
        if operator.endswith("+"):
            return self(word, depth + 1) if is_set else ""
        if is_set:
            return value or ""
        if operator.endswith("-"):
            return self(word, depth + 1)
        return self._value(name)

    def _value(self, name: str) -> str:
        value = self.variables.get(name)
        if value is None:
            self.undefined[name] = None
            return f"${{{name}}}"
        self.used.add(name)
        return value


def _closing(text: str, start: int) -> int:
    """The position of the brace that closes the one before `start`; the end of the text where there is none."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] == "}":
            if not depth:
                return position
            depth -= 1
        elif text.startswith("${", position):
            depth += 1
    return len(text)


# The image takes `$NAME`, `${NAME}`, `${NAME-word}` and `${NAME:-word}` (envsubst 0.1.5 of PyPI, in orthanc-builder
# 26.8.1); Orthanc takes `${NAME}` and `${NAME:-word}` (Toolbox.cpp of Orthanc 1.13.0).
_OF_IMAGE = re.compile(
    r"(?<!\\)\$(?:(?P<plain>[A-Za-z0-9_]+)|\{(?P<name>[A-Za-z0-9_]+)(?::?-(?P<word>[^}]+))?\})"
)
_OF_ORTHANC = re.compile(r"\$\{(?P<name>[^:{}]*?)(?::-(?P<word>[^}]*?))?\}(?P<plain>(?!))?")


def substituted(value: Any, variables: Mapping[str, str | None], *, by_image: bool) -> Any:
    """
    A tree with the variables of its texts replaced, as Orthanc or its image does it.

    A `Plain` text stood without quotes: its value is read as JSON.
    """
    pattern = _OF_IMAGE if by_image else _OF_ORTHANC
    return _substituted(value, lambda text: pattern.sub(lambda match: _replacement(match, variables), text))


def _substituted(value: Any, substitute: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(item, substitute) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item, substitute) for item in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    text = substitute(value)
    if not isinstance(value, Plain):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return Plain(text)


def _replacement(match: re.Match[str], variables: Mapping[str, str | None]) -> str:
    value = variables.get(match["plain"] or match["name"])
    if value is not None:
        return value
    return str(match["word"].strip("\"'")) if match["word"] else match[0]
