"""Syntax errors of YAML as findings, with the position of the mistake and a likely cause."""

from __future__ import annotations

import re

from orthgen.findings import Finding, Location, Rule, Severity

INVALID_YAML = Rule(
    "invalid-yaml",
    Severity.ERROR,
    summary="The file is not YAML.",
    remedy="Look at the line that the finding shows, and at the line above it: most often the indentation, a quote or a bracket "
    "is wrong.",
    example="""
        roles: {reader: {can: [view, collections: all}}
    """,
)


def syntax_finding(error: Exception, file: str, text: str) -> Finding:
    """The finding for an exception of PyYAML, where the author has to look."""
    mark, begin = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if problem in _NEVER_CLOSED and begin is not None and mark is not None and begin.line != mark.line:
        # The parser stops far below, often at the file's end; what has to be mended stands where it began.
        construct, close = _NEVER_CLOSED[problem]
        place = Location(file, begin.line + 1, begin.column + 1)
        return Finding(
            INVALID_YAML, f"not valid YAML: {construct} is never closed", place, f"close it with {close}"
        )
    mark = mark or begin
    location = Location(file, mark.line + 1, mark.column + 1) if mark else _reader_location(error, file, text)
    return _by_characters(problem, location, text) or Finding(
        INVALID_YAML, f"not valid YAML: {problem}", location, _SYNTAX_HINTS.get(problem, "")
    )


def _by_characters(problem: str, place: Location, text: str) -> Finding | None:
    """A cause read off the characters at the position or in the line above, clearer than the parser's."""
    line = _line(text, place.line)
    if problem == _NO_TOKEN:
        character = line[place.column - 1 : place.column]
        if "\t" in line[: place.column]:
            return _invalid("a tab cannot indent", place, "indent with spaces")
        return _invalid(
            f"a plain value cannot begin with `{character}`",
            place,
            f"put the value into quotes; {_OPEN_QUOTE}",
        )
    if problem in {_TWO_COLONS, _NO_COLON}:
        for number in (place.line - 1, place.line):
            written = _line(text, number)
            if (blank := written.find("\N{NO-BREAK SPACE}")) >= 0:
                where = Location(place.file, number, blank + 1)
                return _invalid("a no-break space cannot indent", where, "write plain blanks")
        above = _line(text, place.line - 1)
        if key := re.match(_GLUED, above):
            where = Location(place.file, place.line - 1, key.end())
            return _invalid("a colon without a blank after it", where, f"write `{key[1]}: …`")
    if problem == _TWO_COLONS:
        if ": " in line[: place.column - 1]:
            return _invalid(
                "a plain value cannot have `: ` in it", place, f"put the value into quotes; {_OPEN_QUOTE}"
            )
        hint = "begin it in the column of the lines that it belongs to"
        return _invalid("this line begins further right than the line above allows", place, hint)
    return None


def _invalid(message: str, place: Location, hint: str) -> Finding:
    return Finding(INVALID_YAML, f"not valid YAML: {message}", place, hint)


_NO_TOKEN = "found character that cannot start any token"  # noqa: S105 - of YAML
_TWO_COLONS = "mapping values are not allowed in this context"
_NO_COLON = "could not find expected ':'"
# A key with its value right behind the colon; `https://…` alone is a value.
_GLUED = r"[ -]*([A-Za-z][\w-]*):(?=[^\s/])"


_NEVER_CLOSED = {
    "did not find expected ',' or ']'": ("the list that begins here", "`]`"),
    "did not find expected ',' or '}'": ("the mapping that begins here", "`}`"),
    "found unexpected end of stream": ("the quoted text that begins here", "the same quote"),
}
_OPEN_QUOTE = "or a quote in a line before this one is not closed"
_SYNTAX_HINTS = {
    _NO_COLON: "every line of a mapping is `key: value`; check this line and the one above",
    "did not find expected key": f"check the indentation of this line and the one above; {_OPEN_QUOTE}",
    "did not find expected <document start>": "check the indentation of this line and the one above",
    "did not find expected ',' or ']'": "close the list with `]`",
    "did not find expected ',' or '}'": "close the mapping with `}`",
    "found unexpected end of stream": "a quote is opened and never closed",
    "did not find expected alphabetic or numeric character": "put the value into quotes: a `*` or `&` at its beginning "
    f"refers to something else; {_OPEN_QUOTE}",
    "did not find expected node content": "put the value into quotes, or write the value that is missing here",
    "exceeded maximum nesting depth": "a bracket is opened again and again; a few levels are all that a file needs",
    "found undefined alias": "put the value into quotes: a `*` at its beginning refers to something else; "
    f"{_OPEN_QUOTE}",
    "found invalid Unicode character escape code": "write the character itself",
    "did not find expected '-' indicator": "check the indentation; every item of a list begins with `- `",
    "control characters are not allowed": "remove the invisible character",
}


def _reader_location(error: Exception, file: str, text: str) -> Location:
    position = getattr(error, "position", None)
    return Location.at(file, text, position if isinstance(position, int) else 0)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
