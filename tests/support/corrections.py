"""Application of the exact text that a finding proposes, as a person would write it into the file."""

from __future__ import annotations

import json
import re

from orthgen.findings import EditKind, Finding

_QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^'\\]|''|\\.)*'""")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=")


def corrected(text: str, finding: Finding) -> str:
    """The text of the finding's file with its replacement; raises `ValueError` where there is no place for it."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: finding.location.line - 1]) + finding.location.column - 1
    match finding.change:
        case EditKind.ADDITION:
            return _with_entry(text, start, finding.replacement)
        case EditKind.NAME:
            return _renamed(text, start, finding.replacement)
        case EditKind.DIRECTIVE:
            end = text.index(";", start) + 1
            return text[:start] + finding.replacement + text[end:]
        case EditKind.VALUE:
            return _with_value(text, start, finding)


def _with_value(text: str, start: int, finding: Finding) -> str:
    end = _end_of_value(text, start)
    old, new = text[start:end], finding.replacement
    if finding.replaced:
        if finding.replaced not in text[start : text.find("\n", start)]:
            raise ValueError(f"no `{finding.replaced}` at {finding.location}")
        begin = text.index(finding.replaced, start)
        return text[:begin] + new + text[begin + len(finding.replaced) :]
    assigned = _ASSIGNED.match(old)
    if assigned is not None:
        return text[: start + assigned.end()] + _plain(new) + text[end:]
    is_data = finding.location.file.endswith((".json", ".js")) or '":' in text[max(0, start - 3) : start]
    return text[:start] + (new if is_data and _is_literal(new) else _quoted_as(old, new)) + text[end:]


def _is_literal(text: str) -> bool:
    return _QUOTED.fullmatch(text) is not None or _is_json(text)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _plain(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def _quoted_as(old: str, new: str) -> str:
    """A text of YAML in the quotes of the one before it."""
    return f"{old[0]}{_plain(new)}{old[0]}" if old[0] in "\"'" else _plain(new)


def _end_of_value(text: str, start: int) -> int:
    quoted = _QUOTED.match(text, start)
    if quoted is not None:
        return quoted.end()
    if text[start] in "{[":
        return json.JSONDecoder().raw_decode(text, start)[1]
    line = text[text.rfind("\n", 0, start) + 1 : start]
    is_inside = '":' in line or line.count("{") + line.count("[") > line.count("}") + line.count("]")
    match = re.compile(r"[^\n,}\]]*" if is_inside else r"[^\n]*?(?= #|\n|,\n|$)").match(text, start)
    return len(text) if match is None else match.end()


def _renamed(text: str, start: int, name: str) -> str:
    """The name at the place, or the one whose value is there."""
    begin = text.rfind("\n", 0, start) + 1
    names = [
        match
        for match in re.finditer(r"""(["']?)([A-Za-z_][\w.-]*)\1(?=\s*[:=])""", text)
        if begin <= match.start() <= start
    ]
    if not names:
        raise ValueError(f"no name for `{name}`")
    return text[: names[-1].start(2)] + name + text[names[-1].end(2) :]


def _with_entry(text: str, start: int, entry: str) -> str:
    begin = text.rfind("\n", 0, start) + 1
    line = text[begin : text.find("\n", start)]
    indent = " " * (len(line) - len(line.lstrip()))
    if entry.startswith("location "):
        return f"{text[:begin]}{indent}{entry}\n{text[begin:]}"
    if entry.endswith(";"):
        opened = text.index("{", start) + 1
        return text[:opened] + "".join(f"\n{indent}    {each}" for each in entry.split("\n")) + text[opened:]
    opened = text.find("{", start, text.find("\n", start) + 2)
    if opened >= 0:
        is_empty = re.match(r"\s*\}", text[opened + 1 :]) is not None
        return f"{text[: opened + 1]}{entry}{'' if is_empty else ', '}{text[opened + 1 :]}"
    below = text.find("\n", start) + 1
    if line.endswith(":"):
        following = text[below : text.find("\n", below)]
        indent = " " * (len(following) - len(following.lstrip()))
        if following.lstrip().startswith("- "):
            entry = "- " + entry.replace(": ", "=", 1).replace('"', "")
    return f"{text[:below]}{indent}{entry}\n{text[below:]}"
