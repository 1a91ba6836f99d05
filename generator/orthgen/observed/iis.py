"""Reader of IIS's web.config, as far as the rules that pass requests on, their variables and the size of requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.findings import Location
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.observed.files import TextFile
    from orthgen.observed.inclusion import IncludedFiles
    from orthgen.observed.service_model import Service

_MAX_RULE = 20_000
# No parser of XML: it would have no places, and a broken file would tell nothing.
_RULE = re.compile(r"<rule\b", re.IGNORECASE)
_MATCH = re.compile(r"<match\b[^<>]*?\burl=\"([^\"]*)\"", re.IGNORECASE)
_ACTION = re.compile(r"<action\b[^<>]*?\burl=\"(https?://[^\"]*)\"", re.IGNORECASE)
_VARIABLE = re.compile(r"<set\s+name=\"HTTP_([A-Z0-9_]+)\"\s+value=\"([^\"]*)\"", re.IGNORECASE)
_LIMIT = re.compile(r"<requestLimits\b[^<>]*?\bmaxAllowedContentLength=\"(\d+)\"", re.IGNORECASE)
# Pages over http are sent to https, so that the site has a binding for it.
_REDIRECT = re.compile(r"<action\b[^<>]*?\burl=\"https://\{HTTP_HOST\}", re.IGNORECASE)
# A path at the beginning of an expression, with what follows it in a group.
_PREFIX = re.compile(r"\^?/?(?P<path>[\w./-]*?)/?(?:\(\.[*+]\)|\(/\.[*+]\)|\(\?:/\(\.[*+]\)\)\?|\.\*)\$?")


def iis_proxy(
    file: TextFile,
    service: Service | None,
    files: IncludedFiles,  # noqa: ARG001 - IIS includes no files
) -> tuple[Proxy, list[Finding]]:
    """The proxy of a web.config."""
    text = _without_comments(file.text)
    limit = _LIMIT.search(text)
    outside = (
        (Directive("client_max_body_size", (limit[1],), Location.at(file.name, text, limit.start())),)
        if limit
        else ()
    )
    locations = tuple(_locations(file, text, outside))
    server = ProxyServer(
        (),
        (),
        uses_tls=_REDIRECT.search(text) is not None,
        locations=locations,
        directives=outside,
        location=Location.at(file.name, text, 0),
    )
    return Proxy(Product.IIS, (server,), {}, service), []


def _locations(file: TextFile, text: str, outside: tuple[Directive, ...]) -> Iterator[ProxyLocation]:
    """The rules that pass requests on; a rule that changes the path only, or redirects, is none."""
    for start, rule in _rules(text):
        match, action = _MATCH.search(rule), _ACTION.search(rule)
        if match is None or action is None or 'type="Rewrite"' not in rule:
            continue
        place = Location.at(file.name, text, start + action.start())
        directives = tuple(
            Directive(
                "proxy_set_header",
                (each[1].replace("_", "-"), each[2]),
                Location.at(file.name, text, start + each.start()),
            )
            for each in _VARIABLE.finditer(rule)
        )
        prefix = _PREFIX.fullmatch(match[1])
        path = f"/{prefix['path']}/".replace("//", "/") if prefix is not None else match[1]
        # `{R:1}` is what the group holds, `{R:0}` the whole path, which has no slash at its beginning.
        upstream = re.sub(r"\{R:[0-9]\}.*|\{REQUEST_URI\}.*", "", action[1])
        strips = "{R:1}" in action[1] and upstream.count("/") == len("///")
        modifier = "" if prefix is not None else "~"
        if not strips and "{R:1}" not in action[1]:
            upstream = upstream.rstrip("/")
        yield ProxyLocation(path, modifier, upstream, strips, (*outside, *directives), place)


def _rules(text: str) -> Iterator[tuple[int, str]]:
    """Each rule with its position."""
    for match in _RULE.finditer(text):
        end = text.find("</rule>", match.end())
        if end < 0:
            return
        yield match.start(), text[match.start() : min(end, match.start() + _MAX_RULE)]


def _without_comments(text: str) -> str:
    """The text with blanks in place of its comments, line by line."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start)
        if end < 0:
            break
        parts += [text[position:start], re.sub(r"[^\n]", " ", text[start : end + 3])]
        position = end + 3
    return "".join(parts) + text[position:]
