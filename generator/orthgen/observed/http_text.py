"""Reader of HTTP requests and responses as browsers, curl and proxies show them."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.observed.model import SourceKind
from orthgen.observed.recording_model import Exchange, Header, ObservedToken
from orthgen.observed.redaction import redacted, redacted_address, redacted_header
from orthgen.observed.token_text import ARGUMENT, tokens_in

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.observed.pasted import PastedText

_METHODS = "GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS|PROPFIND"
# curl -v puts `> ` before what it sends, `< ` before what it receives.
_REQUEST = rf"(?:> )?(?P<method>{_METHODS}) (?P<target>/\S*|https?://\S+)(?: HTTP/[0-9.]+)?\s*"
_RESPONSE = r"(?:< )?HTTP/[0-9.]+ (?P<status>[1-5][0-9]{2})\b.*"
_HEADER = r"(?:[<>] )?(?P<name>:?[A-Za-z][A-Za-z0-9_-]*)\s*:(?:\s(?P<value>.*))?"
# A line of a browser's console, or of prose: `POST https://… 403 (Forbidden)`.
_IN_PROSE = rf"\b(?P<method>{_METHODS})\s+(?P<target>(?:https?:/)?/[^\s,;)`\"']*)(?:\D{{0,40}}?\b(?P<status>[45][0-9]{{2}})\b)"
# The summary of a request in Chrome's and Edge's network panel.
_SUMMARY = r"(?i)\s*(?P<name>Request URL|Request Method|Status Code)\s*:?\s+(?P<value>\S.*)"
_MAX_BODY_LINES = 60
_MAX_COMMAND_LINES = 100


def read_http(text: PastedText, at: int) -> int:
    """Read a request, a response or a summary that begins in line `at`. The number of lines; 0 where there is none."""
    line = text.lines[at].rstrip("\r")
    request = re.fullmatch(_REQUEST, line)
    if request is not None:
        headers, tokens, end = _headers(text, at + 1)
        if line.startswith("> "):
            tokens = tokens or _tokens_of_command(text, request["method"], request["target"])
        _ask(text, request["method"], request["target"], text.location(at), headers, tokens)
        return end - at
    response = re.fullmatch(_RESPONSE, line)
    if response is not None:
        headers, _, end = _headers(text, at + 1)
        body, end = _body(text, end, headers)
        _answer(text, int(response["status"]), text.location(at), headers, body)
        return end - at
    return _summary(text, at) or _curl(text, at)


def read_prose_line(text: PastedText, at: int) -> bool:
    """Read a request that a sentence or a browser's console names together with its status."""
    match = re.search(_IN_PROSE, text.lines[at])
    if match is None:
        return False
    location = text.location(at, match.start())
    _ask(text, match["method"], match["target"].rstrip(".:"), location, (), ())
    _answer(text, int(match["status"]), location, (), "")
    return True


def split_target(url: str) -> tuple[str, str]:
    """The origin's host, empty where the URL has none, and the path with its query; without the fragment."""
    scheme, separator, rest = url.partition("#")[0].partition("://")
    if not separator:
        return "", scheme
    end = min((index for index in (rest.find("/"), rest.find("?")) if index >= 0), default=len(rest))
    path = rest[end:]
    return rest[:end].rpartition("@")[2], path if path.startswith("/") else f"/{path}"


def _ask(  # noqa: PLR0913, PLR0917 - a request
    text: PastedText,
    method: str,
    url: str,
    location: Location,
    headers: tuple[Header, ...],
    tokens: tuple[ObservedToken, ...],
) -> None:
    host, target = split_target(url)
    if host and not any(header.name.lower() == "host" for header in headers):
        headers = (Header("Host", host, location), *headers)
    tokens = (*tokens_in(target, location, ARGUMENT), *tokens)
    text.note_source(SourceKind.HTTP, location.line - 1)
    text.exchanges.append(
        Exchange(
            method,
            redacted_address(target),
            headers,
            location,
            tokens=tokens,
            scheme=url.partition("://")[0] if host else "",
        )
    )


def _tokens_of_command(text: PastedText, method: str, target: str) -> tuple[ObservedToken, ...]:
    """The tokens of the curl command above, which shows the same request; that one is no request of its own."""
    command = text.exchanges[-1] if text.exchanges else None
    is_shown_again = command is not None and not command.status and command.method == method
    if command is None or not is_shown_again or command.target != redacted_address(target):
        return ()
    text.exchanges.pop()
    return command.tokens


def _answer(
    text: PastedText, status: int, location: Location, headers: tuple[Header, ...], body: str
) -> None:
    """Add a response to the last request that has none."""
    text.note_source(SourceKind.HTTP, location.line - 1)
    request = text.exchanges[-1] if text.exchanges and not text.exchanges[-1].status else None
    exchange = replace(
        request or Exchange("", "", (), location),
        status=status,
        response_headers=headers,
        response_body=body,
        response_location=location,
    )
    text.exchanges[len(text.exchanges) - (request is not None) :] = [exchange]


def _headers(text: PastedText, at: int) -> tuple[tuple[Header, ...], tuple[ObservedToken, ...], int]:
    """The headers from line `at` on, the tokens in them, and the index of the line behind."""
    headers: list[Header] = []
    tokens: list[ObservedToken] = []
    while (match := re.fullmatch(_HEADER, text.line(at).rstrip("\r"))) is not None:
        name, value = match["name"], (match["value"] or "").strip()
        location = text.location(at)
        headers.append(Header(name, redacted_header(name, value), location))
        tokens += tokens_in(value, text.location(at, max(match.start("value"), 0)), name)
        at += 1
    return tuple(headers), tuple(tokens), at


def _body(text: PastedText, at: int, headers: tuple[Header, ...]) -> tuple[str, int]:
    """The body below a blank line, as far as the next blank line, and the index of the line behind."""
    length = next((header.value for header in headers if header.name.lower() == "content-length"), "")
    start = at + 1
    if text.line(at).strip() or not text.line(start).lstrip().startswith(("{", "[", "<")) or length == "0":
        return "", at
    end = start
    while end < min(len(text.lines), start + _MAX_BODY_LINES) and text.lines[end].strip():
        end += 1
    return redacted("\n".join(text.lines[start:end])), end


def _summary(text: PastedText, at: int) -> int:
    """A summary in a browser's network panel: address, method, status in consecutive lines."""
    values: dict[str, str] = {}
    end = at
    while (match := re.fullmatch(_SUMMARY, text.line(end).rstrip("\r"))) is not None:
        values[match["name"].lower()] = match["value"]
        end += 1
    if "request url" not in values:
        return 0
    _ask(
        text,
        values.get("request method", "GET").strip().upper(),
        values["request url"],
        text.location(at),
        (),
        (),
    )
    status = re.match(r"[1-5][0-9]{2}", values.get("status code", ""))
    if status is not None:
        _answer(text, int(status[0]), text.location(end - 1), (), "")
    return end - at


# The options of curl that take a value which is not read here; those of one letter may have it attached.
_METHOD_OPTIONS, _HEADER_OPTIONS = frozenset({"-X", "--request"}), frozenset({"-H", "--header"})
_DATA_OPTIONS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "-F", "--form", "--data-urlencode"})


def _curl(text: PastedText, at: int) -> int:
    """A command line of curl, as browsers copy it: over several lines that end in a backslash."""
    if not re.match(r"\s*(?:\$ )?curl\s", text.lines[at]):
        return 0
    end = at + 1
    last = min(len(text.lines), at + _MAX_COMMAND_LINES)
    while text.lines[end - 1].rstrip().endswith(("\\", "^")) and end < last:
        end += 1
    command = " ".join(line.rstrip().rstrip("\\^") for line in text.lines[at:end])
    try:
        words = shlex.split(command.lstrip().removeprefix("$ "))[1:]
    except ValueError:
        return end - at
    location, method, url = text.location(at), "", ""
    headers: list[Header] = []
    tokens: list[ObservedToken] = []
    iterator = iter(words)
    for word in iterator:
        if word in _METHOD_OPTIONS:
            method = next(iterator, "")
        elif word in _HEADER_OPTIONS:
            name, _, value = next(iterator, "").partition(":")
            headers.append(Header(name, redacted_header(name, value.strip()), location))
            tokens += tokens_in(value, location, name)
        elif word in _DATA_OPTIONS:
            method = method or "POST"
            next(iterator, "")
        elif "://" in word or word.startswith("/"):
            url = url or word
    if url:
        # curl's own header tells that no other one was sent unseen.
        headers.append(Header("User-Agent", "curl", location))
        _ask(text, method or "GET", url, location, tuple(headers), tuple(tokens))
    return end - at
