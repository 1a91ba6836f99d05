"""Reader of JSON in a longer text, be it whole, cut off at its end, or a few keys without their braces."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.formats.yaml_io import blank_comments
from orthgen.observed.model import SourceKind
from orthgen.observed.oauth_error import is_oauth_error, read_oauth_error
from orthgen.observed.orthanc_error import is_error, read_error
from orthgen.observed.recording_model import ObservedToken
from orthgen.observed.token_text import is_header, is_payload

if TYPE_CHECKING:
    from orthgen.observed.pasted import PastedText

_START = r"""\s*(?:[{\[]|"[^"\n]+"\s*:)"""
_LEXEME = re.compile(
    r"""(?P<blank>[ \t\r]+|//[^\n]*|/\*.*?\*/)|(?P<end>\n)|(?P<omitted>\.\.\.|…)"""
    r"""|(?P<open>[{\[])|(?P<close>[}\]])|(?P<mark>[,:])"""
    r"""|(?P<value>"(?:\\.|[^"\\\n])*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\b|true\b|false\b|null\b|\$\{[^}\n]*\})""",
    re.DOTALL,
)
_CLOSING = {"{": "}", "[": "]"}
_MAX_NESTING = 60


class _Region(Struct, frozen=True):
    """Lines of JSON: how many, their text as far as it belongs together, and the closing brackets that it lacks."""

    lines: int
    text: str
    missing: str
    is_bare: bool
    is_complete: bool


class _Scan(Struct):
    """State of the search for the end of a region; `kept` is the position up to which whole lines are JSON."""

    start: int
    is_bare: bool
    position: int
    kept: int = 0
    brackets: list[str] = []
    last: str = ""
    is_closed: bool = False
    omitted: list[tuple[int, int]] = []
    missing: str = ""
    lexemes: int = 0
    has_key: bool = False

    def keep(self) -> None:
        """Note that everything up to here belongs to the region."""
        self.kept = self.position
        closing = "".join(_CLOSING[each] for each in reversed(self.brackets))
        self.missing = ("null" if self.last == ":" else "") + closing

    def accepts(self, match: re.Match[str]) -> bool:
        """Take a lexeme in; False where it does not belong to the region."""
        kind, lexeme = match.lastgroup, match[0]
        if kind == "open":
            if self.is_closed or len(self.brackets) > _MAX_NESTING:
                return False
            self.brackets.append(lexeme)
        elif kind == "close":
            if not self.brackets or _CLOSING[self.brackets.pop()] != lexeme:
                return False
            self.is_closed = not self.is_bare and not self.brackets
        elif kind == "omitted":
            self.omitted.append(match.span())
        self.position = match.end()
        self.has_key = self.has_key or lexeme == ":"
        if kind in {"open", "close", "mark", "value"}:
            self.last = lexeme
        return True


def read_pasted_json(text: PastedText, at: int) -> int:
    """
    Read JSON that begins in line `at`: a decoded token, an error of Orthanc or of Keycloak, or configuration.

    The number of lines; 0 where there is none.
    """
    if re.match(_START, text.lines[at]) is None or text.vain_lexemes_left < 0:
        return 0
    region = _region(text, at)
    if region is None:
        return 0
    value = _value(region)
    if is_header(value):
        # The payload follows, as decoders show it.
        text.note_source(SourceKind.TOKEN, at)
        text.pending_header = value
    elif is_error(value):
        read_error(text, value, at)
    elif is_oauth_error(value):
        read_oauth_error(text, value, at)
    elif is_payload(value):
        text.note_source(SourceKind.TOKEN, at)
        text.tokens.append(ObservedToken(text.pending_header, value, text.location(at)))
        text.pending_header = {}
    else:
        _add_excerpt(text, region, at)
    return region.lines


def _region(text: PastedText, at: int) -> _Region | None:
    """The lines from `at` on that are JSON, ended by the bracket that closes the first one or by other text."""
    scan = _Scan(text.starts[at], text.lines[at].lstrip()[0] == '"', text.starts[at])
    while scan.position < len(text.text):
        match = _LEXEME.match(text.text, scan.position)
        scan.lexemes += 1
        if match is None or not scan.accepts(match):
            break
        if match.lastgroup == "end":
            scan.keep()
            if scan.is_closed:
                break
    else:
        scan.keep()
    if not scan.has_key or not scan.kept:
        text.vain_lexemes_left -= scan.lexemes
        return None
    body = list(text.text[scan.start : scan.kept].rstrip("\n"))
    for start, end in scan.omitted:
        if end <= scan.kept:
            body[start - scan.start : end - scan.start] = " " * (end - start)
    is_complete = not (scan.is_bare or scan.missing or scan.omitted)
    return _Region(body.count("\n") + 1, "".join(body), scan.missing, scan.is_bare, is_complete)


def _value(region: _Region) -> Any:
    try:
        return json.loads(blank_comments(region.text).rstrip().rstrip(",") + region.missing)
    except (ValueError, RecursionError):
        return None


def _add_excerpt(text: PastedText, region: _Region, at: int) -> None:
    """Note the region as a piece of configuration, with what it lacks."""
    body, bare = region.text, blank_comments(region.text).rstrip()
    if bare.endswith(","):
        body = f"{body[: len(bare) - 1]} {body[len(bare) :]}"
    # A comment may end the last line, so brackets begin a line of their own.
    body += f"\n{region.missing}" if region.missing else ""
    above = ""
    if region.is_bare:
        above, body = ("{\n" if at else "{"), f"{body}\n}}"
    text.add_excerpt(at, f"{body}\n", is_complete=region.is_complete, above=above)
