"""
Parser of a request target: method, path and GET arguments as Orthanc's plugins see them.

The web server inside Orthanc (CivetWeb 1.16) decodes and tidies the path before anything looks at it, and
Orthanc (1.12, 1.13) takes the method from elsewhere when it is told to. Both matter to who gets in.
"""

from __future__ import annotations

import re

from msgspec import Struct

_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
_UNTIDY = re.compile(r"//|\\|\.(?:/|$)|/\.")
_AS_SENT = frozenset({"GET", "POST", "PUT", "DELETE"})
# Answered 404 after the filter where no WebDAV folder is configured, but filtered as these methods.
_WEBDAV = {
    **dict.fromkeys(("HEAD", "OPTIONS", "PROPFIND"), "GET"),
    **dict.fromkeys(("PROPPATCH", "LOCK", "UNLOCK", "MKCOL"), "PUT"),
}


class RequestTarget(Struct, frozen=True):
    """
    A request as the filter sees it.

    `method` is empty where Orthanc answers 400 before any filter. `arguments` are empty unless the request
    was sent as a GET: Orthanc reads the query of no other method.
    """

    method: str
    path: str
    arguments: tuple[tuple[str, str], ...] = ()

    def argument(self, name: str) -> str | None:
        """The value of an argument of exactly this name; of several the last, as in the plugin's map."""
        return next((value for key, value in reversed(self.arguments) if key == name), None)


def read_target(method: str, target: str, override: str = "") -> RequestTarget:
    """The target that Orthanc reads from a method, a path with its query, and `X-HTTP-Method-Override`."""
    path, _, query = target.partition("?")
    path = tidy(_decoded(path))
    arguments = _arguments(_decoded(query)) if method == "GET" and "?" in target else ()
    return RequestTarget(_effective(method, arguments, override), path, arguments)


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    raw = text.replace("+", " ").encode("utf-8", "surrogateescape")
    decoded = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), raw)
    # C strings end at the first NUL.
    return decoded.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _arguments(query: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in query.split("&"))
    return tuple((key, value) for key, _, value in pairs)


def _effective(method: str, arguments: tuple[tuple[str, str], ...], override: str) -> str:
    """PUT or DELETE where the header or, on a GET, the argument `_method` asks for it; any other word is a 400."""
    requested = override
    if not requested and method == "GET":
        requested = next((value for key, value in arguments if key == "_method"), "")
    if requested:
        return requested.upper() if requested.upper() in ("PUT", "DELETE") else ""
    return method if method in _AS_SENT else _WEBDAV.get(method, "")


def tidy(path: str) -> str:
    """The path without dot segments, doubled slashes, backslashes and dots at the end of a segment."""
    if _UNTIDY.search(path) is None:
        return path
    segments_left: list[str] = []
    segments = path.replace("\\", "/").split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "..":
            if len(segments_left) > 1:
                segments_left.pop()
            if last:
                segments_left.append("")
        elif segment == ".":
            if last:
                segments_left.append("")
        else:
            segments_left.append(segment)
    # The server's guard against file names of Windows, where `x.` is `x`.
    joined = "/".join(segment.rstrip(".") for segment in segments_left)
    return re.sub("/{2,}", "/", joined)
