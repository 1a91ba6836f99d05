"""Findings as text: place, message, source line, remedy; a last line with counts."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from orthgen.findings import Severity
from orthgen.report.console import paint
from orthgen.report.error_forms import PlaceForm, ProfileFindingForm
from orthgen.secret_detection import PLACEHOLDER, lines_without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TextIO

    from orthgen.findings import Finding, Location

_COLOUR = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def findings_text(
    findings: Sequence[Finding], texts: Mapping[str, str], stream: TextIO, *, with_silenced: bool = False
) -> str:
    """Findings with their excerpts, silenced ones only on request; `texts` are the files' contents by name."""
    active = [finding for finding in findings if not finding.silenced]
    silenced = [finding for finding in findings if finding.silenced] if with_silenced else []
    told = (*silenced, *_first_of_each_kind(active))
    files = {finding.location.file for finding in told} & texts.keys()
    lines_of = {file: _without_secrets(texts[file], file, findings) for file in files}
    shown = [_finding_text(finding, lines_of, stream) for finding in told]
    return "\n".join([*shown, *_others(active, stream)])


# As many findings of one kind are told with their excerpts; the others by their places.
_MAX_EXCERPTS = {Severity.ERROR: 20, Severity.WARNING: 3, Severity.NOTE: 20}


def _first_of_each_kind(findings: Sequence[Finding]) -> list[Finding]:
    seen: Counter[str] = Counter()
    first = []
    for finding in findings:
        seen[finding.rule.id] += 1
        if seen[finding.rule.id] <= _MAX_EXCERPTS[finding.severity]:
            first.append(finding)
    return first


def _others(findings: Sequence[Finding], stream: TextIO) -> Iterator[str]:
    """A line for each kind of finding of which there are many."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule.id, []).append(finding)
    for rule, alike in by_rule.items():
        severity = alike[0].severity
        others = alike[_MAX_EXCERPTS[severity] :]
        if others:
            places = [f"{each.location.line}:{each.location.column}" for each in others[:12]]
            shown = ", ".join(places) + (", …" if len(others) > 12 else "")
            label = paint(severity.value, "bold", _COLOUR[severity], stream=stream)
            yield f"{label}: {len(others)} more [{rule}], at {shown}"


# A key at which a sensitive finding may stand: the key itself can be shown.
_KEY = re.compile(r"""["']?[\w.-]+["']?\s*:\s*""")


def _without_secrets(text: str, file: str, findings: Sequence[Finding]) -> list[str]:
    """The lines of a file as an excerpt may show them: nothing that may be a secret."""
    from_column: dict[int, int] = {}
    for finding in findings:
        place = finding.location
        if finding.is_sensitive and place.file == file:
            from_column[place.line] = min(place.column, from_column.get(place.line, place.column))
    lines = text.splitlines()
    for number, column in from_column.items():
        if number <= len(lines):
            line = lines[number - 1]
            key = _KEY.match(line, column - 1)
            lines[number - 1] = line[: key.end() if key is not None else column - 1] + PLACEHOLDER
    return lines_without_secrets([line.replace("\t", " ") for line in lines])


# What a terminal would obey instead of showing it, and what turns the direction of text around.
_UNPRINTABLE = "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
# How much of a long line an excerpt shows, and how much of it before the place in question.
_WIDEST, _BEFORE = 160, 60


def printable(text: str) -> str:
    """The text with a mark in place of each character that does not show; as long as before."""
    return re.sub(_UNPRINTABLE, "\ufffd", text)


def finding_form(finding: Finding) -> ProfileFindingForm:
    """A finding for JSON."""
    place = finding.location
    return ProfileFindingForm(
        id=finding.rule.id,
        severity=finding.severity.value,
        message=finding.message,
        remedy=finding.hint or finding.rule.remedy,
        file=place.file,
        line=place.line,
        column=place.column,
        path=finding.path,
        related=related_forms(finding),
        silenced=finding.silenced or None,
    )


def related_forms(finding: Finding) -> tuple[PlaceForm, ...]:
    """The other places of a finding for JSON."""
    return tuple(
        PlaceForm(message=note, file=place.file, line=place.line, column=place.column)
        for place, note in finding.related
    )


def count_text(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning, 3 silenced`."""
    active = [finding.severity for finding in findings if not finding.silenced]
    counts = [(active.count(severity), severity.value) for severity in Severity]
    words = [f"{count} {word}{'s' if count != 1 else ''}" for count, word in counts if count]
    silenced = len(findings) - len(active)
    return ", ".join([*words, f"{silenced} silenced"] if silenced else words)


def _finding_text(finding: Finding, lines_of: Mapping[str, list[str]], stream: TextIO) -> str:
    colour = "dim" if finding.silenced else _COLOUR[finding.severity]
    word = "silenced" if finding.silenced else finding.severity.value
    severity = paint(word, "bold", colour, stream=stream)
    message = paint(printable(finding.message), "bold", stream=stream)
    lines = [f"{finding.location}: {severity}: {message} [{finding.rule.id}]"]
    excerpt = _excerpt(finding.location, lines_of.get(finding.location.file, []))
    if excerpt is not None:
        number, source, pointer = excerpt
        margin = " " * len(number)
        lines.append(f"  {paint(f'{number} |', 'blue', stream=stream)} {source}")
        lines.append(
            f"  {paint(f'{margin} |', 'blue', stream=stream)} {paint(pointer, colour, stream=stream)}"
        )
    lines += [f"    {location}: {note}" for location, note in finding.related]
    note = f"silenced: {finding.silenced}" if finding.silenced else finding.hint
    if note:
        lines.append(f"    {paint('=', 'blue', stream=stream)} {printable(note)}")
    return "\n".join(lines)


def _excerpt(location: Location, lines: Sequence[str]) -> tuple[str, str, str] | None:
    if not 0 < location.line <= len(lines):
        return None
    source, start = _clipped(printable(lines[location.line - 1]), location.column - 1)
    hidden = source.find(PLACEHOLDER)
    if 0 <= hidden <= start:  # what the finding is about does not show
        return str(location.line), source, " " * hidden + "^" * len(PLACEHOLDER)
    end = start
    while end < len(source) and (source[end].isalnum() or source[end] in "-_./@*\"'"):
        end += 1
    return str(location.line), source, " " * start + "^" * max(1, end - start)


def _clipped(source: str, column: int) -> tuple[str, int]:
    """The shown part of a line, and the column's position in it."""
    start = min(column, len(source))
    if len(source) <= _WIDEST:
        return source, start
    first = min(max(0, start - _BEFORE), len(source) - _WIDEST)
    before, after = "…" * (first > 0), "…" * (first + _WIDEST < len(source))
    return f"{before}{source[first : first + _WIDEST]}{after}", start - first + len(before)
