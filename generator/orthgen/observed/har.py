"""
Reader of HAR recordings (HTTP Archive 1.2), which browsers save from their network panel.

A recording of 50 MB is mostly images: msgspec skips them, and only the text of failed responses is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct, field

from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.observed.http_text import split_target
from orthgen.observed.model import Source, SourceKind
from orthgen.observed.recording_model import Exchange, Header, ObservedToken
from orthgen.observed.redaction import redacted, redacted_address, redacted_header
from orthgen.observed.text import TextParts
from orthgen.observed.token_text import ARGUMENT, tokens_in

UNREADABLE_RECORDING = Rule(
    "unreadable-recording",
    Severity.WARNING,
    summary="A HAR recording breaks off, or is not a recording.",
    remedy="Save the recording again, with the browser's own command for it.",
    file="orthanc.har",
    example="""
        {"log": {"entries": [{"request": {"method": "GET", "url": "https://pacs.example/"}}, {"requ
    """,
    consequence="Requests behind the place where it breaks off are not explained.",
    counterexample="""
        {"log": {"entries": [{"request": {"method": "GET", "url": "https://pacs.example/"}}]}}
    """,
)
MAX_ENTRIES = 20_000
_MAX_BODY = 4_000
_MAX_NESTING = 100


class _NameValue(Struct):
    name: str = ""
    value: str = ""


class _Request(Struct):
    method: str = ""
    url: str = ""
    headers: list[_NameValue] = field(default_factory=list)


class _Content(Struct):
    mime_type: str = field(default="", name="mimeType")
    text: msgspec.Raw = field(default_factory=msgspec.Raw)


class _Response(Struct):
    status: int = 0
    headers: list[_NameValue] = field(default_factory=list)
    content: _Content = field(default_factory=_Content)


class _Entry(Struct):
    request: _Request = field(default_factory=_Request)
    response: _Response = field(default_factory=_Response)
    started: str = field(default="", name="startedDateTime")


class _Log(Struct):
    entries: list[msgspec.Raw] = field(default_factory=list)


class _Recording(Struct):
    log: _Log = field(default_factory=_Log)


def observe_har(text: str, file: str) -> TextParts:
    """The exchanges of a recording; of one that breaks off, those before that place. It is too long to be shown."""
    content = text.encode("utf-8", "surrogatepass")
    findings: list[Finding] = []
    try:
        entries = msgspec.json.decode(content, type=_Recording).log.entries
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        entries = list(_entries_before_end(content))
        line = text.count("\n") + 1
        message = f"the recording breaks off or is malformed; {len(entries)} requests were read"
        findings.append(Finding(UNREADABLE_RECORDING, message, Location(file, line, 1)))
    exchanges = tuple(_exchanges(content, entries[:MAX_ENTRIES], file))
    more = len(entries) - MAX_ENTRIES
    unseen = (
        (f"`{file}` has {more:,} more requests than the {MAX_ENTRIES:,} that were read.",) if more > 0 else ()
    )
    source = Source(file, SourceKind.HAR, is_complete=not findings and not unseen)
    return TextParts(
        sources=(source,), exchanges=exchanges, findings=tuple(findings), unseen=unseen, is_shown=False
    )


def _entries_before_end(content: bytes) -> Iterator[msgspec.Raw]:
    """The whole entries of a recording that breaks off: objects in the list `entries`, found by their braces."""
    start = content.find(b"[", content.find(b'"entries"'))
    depth, position, begin, in_text = 0, start + 1, -1, False
    while start >= 0 and position < len(content):
        byte = content[position : position + 1]
        if in_text:
            end = content.find(b'"', position)
            if end < 0:
                return
            backslashes = len(content[position:end]) - len(content[position:end].rstrip(b"\\"))
            in_text, position = backslashes % 2 == 1, end + 1
            continue
        if byte == b'"':
            in_text = True
        elif byte == b"{":
            begin = position if depth == 0 else begin
            depth += 1
        elif byte == b"}":
            depth -= 1
            if depth == 0:
                yield msgspec.Raw(content[begin : position + 1])
        elif byte == b"]" and depth == 0:
            return
        position += 1


def _exchanges(content: bytes, entries: list[msgspec.Raw], file: str) -> Iterator[Exchange]:
    position, line = content.find(b"[", content.find(b'"entries"')), 1
    line += content.count(b"\n", 0, position)
    for raw in entries:
        # Between two entries is nothing but a comma and blanks.
        start = content.find(b"{", position)
        line += content.count(b"\n", position, start)
        behind = start + len(raw)
        entry_line, line, position = line, line + content.count(b"\n", start, behind), behind
        try:
            entry = msgspec.json.decode(raw, type=_Entry, strict=False)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            continue
        if entry.request.url.startswith(("http", "/")):
            yield _exchange(entry, Location(file, entry_line, 1))


def _exchange(entry: _Entry, location: Location) -> Exchange:
    host, target = split_target(entry.request.url)
    headers = [*entry.request.headers]
    if host and not any(header.name.lower() in {"host", ":authority"} for header in headers):
        headers.insert(0, _NameValue("Host", host))
    tokens: list[ObservedToken] = [*tokens_in(target, location, ARGUMENT)]
    for header in headers:
        tokens += tokens_in(header.value, location, header.name)
    failed = entry.response.status >= 400
    answer_headers = entry.response.headers
    if not any(header.name.lower() == "date" for header in answer_headers):
        answer_headers = [*answer_headers, _NameValue("date", entry.started)]
    return Exchange(
        entry.request.method.upper(),
        redacted_address(target),
        _headers(headers, location),
        location,
        entry.response.status,
        _headers(answer_headers, location),
        _body(entry.response.content) if failed else "",
        location if entry.response.status else None,
        tuple(tokens),
        entry.request.url.partition("://")[0] if host else "",
    )


def _headers(headers: list[_NameValue], location: Location) -> tuple[Header, ...]:
    return tuple(Header(each.name, redacted_header(each.name, each.value), location) for each in headers)


def _body(content: _Content) -> str:
    if len(content.text) > 8 * _MAX_BODY or "image" in content.mime_type:
        return ""
    try:
        body = msgspec.json.decode(content.text, type=str)
    except msgspec.MsgspecError:
        return ""
    return redacted(body[:_MAX_BODY])
