"""Reader of HAProxy's configuration, as far as ports, paths, servers and headers; in the words of nginx."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from orthgen.observed.blocks import Block, section_blocks
from orthgen.observed.proxy_model import MAX_INHERITED, Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.findings import Finding
    from orthgen.observed.files import TextFile
    from orthgen.observed.inclusion import IncludedFiles
    from orthgen.observed.service_model import Service

_SECTIONS = frozenset(
    {"global", "defaults", "frontend", "backend", "listen", "userlist", "resolvers", "peers", "cache"}
)
# A host has its own locations and those of no host.
_MAX_LINES, _MAX_HOSTS = 500, 50
# Criteria of a condition, and the kind of nginx's location for the words behind them.
_PATHS = {"path_beg": "", "path_dir": "", "path": "=", "path_reg": "~"}
# What a rule writes over the path that the server gets.
_STRIPPING = r"(?:replace-(?:path|uri|pathq)|set-(?:path|uri|pathq))"


def haproxy_proxy(
    file: TextFile,
    service: Service | None,
    files: IncludedFiles,  # noqa: ARG001 - HAProxy includes no files
) -> tuple[Proxy, list[Finding]]:
    """The proxy of a configuration of HAProxy."""
    sections = section_blocks(file, _SECTIONS).inside
    defaults = [line for section in sections if section.name == "defaults" for line in section.inside]
    backends = {section.words[1]: section for section in sections if _has_name(section, "backend", "listen")}
    fronts = [section for section in sections if _has_name(section, "frontend", "listen")]
    servers = [
        server
        for front in fronts
        if _speaks_http(front, defaults)
        for server in _servers(front, defaults, backends)
    ]
    return Proxy(Product.HAPROXY, tuple(servers), {}, service), []


def _has_name(section: Block, *kinds: str) -> bool:
    return section.name in kinds and len(section.words) > 1


def _speaks_http(front: Block, defaults: list[Block]) -> bool:
    modes = [line.words[1:2] for line in (*defaults, *front.inside) if line.name == "mode"]
    return bool(modes) and modes[-1] == ("http",)


def _servers(front: Block, defaults: list[Block], backends: Mapping[str, Block]) -> Iterator[ProxyServer]:
    """A virtual host for each host that a condition names, and one for all others."""
    binds = [*front.named("bind")]
    listens = tuple(
        Directive("listen", (bind.words[1].rpartition(":")[2], *bind.words[2:]), bind.location)
        for bind in binds
        if len(bind.words) > 1
    )
    uses_tls = any("ssl" in bind.words for bind in binds)
    directives = tuple(each for line in (*defaults, *front.inside) for each in _directives(line))
    matchers = {line.words[1]: line.words[2:] for line in front.named("acl") if len(line.words) > 2}
    by_host: dict[str, list[ProxyLocation]] = {}
    for line in islice(front.named("use_backend", "default_backend"), _MAX_LINES):
        backend = backends.get(line.words[1]) if len(line.words) > 1 else None
        if backend is not None:
            condition = _condition(line, matchers)
            found = _locations(line, backend, condition, directives)
            by_host.setdefault(_host(condition), []).extend(found)
    if front.name == "listen":
        by_host.setdefault("", []).extend(_locations(front, front, [], directives))
    others = by_host.get("", [])
    for host, locations in islice(by_host.items(), _MAX_HOSTS):
        served = (*locations, *others) if host else tuple(others)
        names = (host,) if host else ()
        yield ProxyServer(listens, names, uses_tls, served, directives, front.location)


def _directives(line: Block) -> Iterator[Directive]:
    """A line, and the directive of nginx that says the same."""
    yield line.directive
    words = line.words
    if line.name == "option" and words[1:2] == ("forwardfor",):
        yield Directive("proxy_set_header", ("X-Forwarded-For", "%[src]"), line.location)
    elif line.name == "http-request" and words[1:2] in {("set-header",), ("add-header",)}:
        yield Directive("proxy_set_header", words[2:4], line.location)
    elif line.name == "http-request" and words[1:2] in {("auth",), ("deny",)}:
        yield Directive("auth_basic" if words[1] == "auth" else "allow", words[2:], line.location)
    elif line.name == "http-response" and words[1:2] in {("set-header",), ("add-header",)}:
        kind = "more_set_headers" if words[1] == "set-header" else "add_header"
        yield Directive(kind, words[2:4], line.location)


def _condition(line: Block, matchers: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The words behind `if`, those of the lines `acl` in place of their names."""
    words = line.words[line.words.index("if") + 1 :] if "if" in line.words else ()
    return [inner for word in words for inner in matchers.get(word, (word,))]


def _host(condition: list[str]) -> str:
    """The host that a condition asks for; empty where it asks for none."""
    return next(
        (word for criterion, word in _criteria(condition) if "host" in criterion or "sni" in criterion), ""
    )


def _criteria(condition: list[str]) -> Iterator[tuple[str, str]]:
    """Each value of a condition with the criterion that it belongs to; flags such as `-i` are left out."""
    criterion = ""
    for word in condition:
        if word in {"{", "}", "or", "||"}:
            criterion = ""
        elif not criterion or (word.endswith(")") and "(" in word) or word in _PATHS:
            criterion = word
        elif not word.startswith("-"):
            yield criterion, word


def _locations(
    line: Block, backend: Block, condition: list[str], inherited: tuple[Directive, ...]
) -> Iterator[ProxyLocation]:
    """The paths that a line gives to a backend; all paths where its condition names none."""
    server = next((each for each in backend.named("server") if len(each.words) > 2), None)
    own = tuple(each for inner in backend.inside for each in _directives(inner))
    strips = any(
        each.name == "http-request" and re.fullmatch(_STRIPPING, "".join(each.words[1:2]))
        for each in backend.inside
    ) or any(True for _ in backend.named("reqrep", "reqirep"))
    scheme = "https" if server is not None and "ssl" in server.words else "http"
    upstream = f"{scheme}://{server.words[2]}{'/' if strips else ''}" if server is not None else ""
    directives = (*inherited[-MAX_INHERITED:], *own)
    paths = [(_PATHS[name], value) for name, value in _criteria(condition) if name in _PATHS]
    for modifier, path in paths or [("", "/")]:
        yield ProxyLocation(path, modifier, upstream, strips, directives, line.location)
