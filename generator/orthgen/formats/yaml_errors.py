"""Syntax errors of YAML as findings: where the author has to look, and what is likely wrong."""

from __future__ import annotations

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
        what, close = _NEVER_CLOSED[problem]
        place = Location(file, begin.line + 1, begin.column + 1)
        return Finding(
            INVALID_YAML, f"not valid YAML: {what} is never closed", place, f"close it with {close}"
        )
    mark = mark or begin
    location = Location(file, mark.line + 1, mark.column + 1) if mark else _reader_location(error, file, text)
    hint = _SYNTAX_HINTS.get(problem, "")
    if not hint and "token" in problem and "\t" in _line(text, location.line)[: location.column]:
        hint = "YAML indents with spaces, not with tabs"
    return Finding(INVALID_YAML, f"not valid YAML: {problem}", location, hint)


_NEVER_CLOSED = {
    "did not find expected ',' or ']'": ("the list that begins here", "`]`"),
    "did not find expected ',' or '}'": ("the mapping that begins here", "`}`"),
    "found unexpected end of stream": ("the quoted text that begins here", "the same quote"),
}
_SYNTAX_HINTS = {
    "mapping values are not allowed in this context": "check the indentation, or quote a value that has `: ` in it",
    "could not find expected ':'": "every line of a mapping is `key: value`; check this line and the one above",
    "did not find expected key": "check the indentation of this line and the one above",
    "did not find expected <document start>": "check the indentation of this line and the one above",
    "found character that cannot start any token": "quote the value; tabs do not indent, and `@`, `%` and a "
    "back-tick cannot begin a plain one",
    "did not find expected ',' or ']'": "close the list with `]`",
    "did not find expected ',' or '}'": "close the mapping with `}`",
    "found unexpected end of stream": "a quote is opened and never closed",
    "found undefined alias": "quote the value: a `*` at its beginning refers to something else",
    "found invalid Unicode character escape code": "write the character itself",
    "did not find expected '-' indicator": "check the indentation; every item of a list begins with `- `",
    "control characters are not allowed": "remove the invisible character",
}


def _reader_location(error: Exception, file: str, text: str) -> Location:
    position = getattr(error, "position", None)
    before = text[:position] if isinstance(position, int) else ""
    return Location(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
