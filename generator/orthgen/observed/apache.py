"""Reader of Apache's configuration, as far as hosts, paths, upstreams, headers and body sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.observed.blocks import Block, tag_blocks
from orthgen.observed.inclusion import Expansion
from orthgen.observed.proxy_model import MAX_INHERITED, Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.observed.files import TextFile
    from orthgen.observed.inclusion import IncludedFiles

_WRAPPERS = frozenset({"ifmodule", "ifdefine", "ifversion", "requireall", "requireany"})
_LOCATIONS = frozenset({"location", "locationmatch", "proxy"})
_PASSING = frozenset({"proxypass", "proxypassmatch", "proxypassreverse", "rewriterule"})


def apache_proxy(
    file: TextFile, service: Service | None, files: IncludedFiles
) -> tuple[Proxy, list[Finding]]:
    """The proxy of a configuration of Apache and the files that it includes, and what is wrong in the includes."""
    expansion = Expansion(frozenset({"include", "includeoptional"}), files, tag_blocks)
    root = expansion.of(file)
    lines = list(_unwrapped(root))
    hosts = [line for line in lines if line.name == "virtualhost"]
    outside = [line for line in lines if line.name != "virtualhost"]
    servers = [_server(host, list(_unwrapped(host)), outside) for host in hosts]
    if not hosts:
        servers = [_server(Block((), root.location), outside, [])]
    return Proxy(Product.APACHE, tuple(servers), {}, service), expansion.findings


def _unwrapped(block: Block) -> Iterator[Block]:
    """The lines of a block, those of conditions in their place."""
    for line in block.inside:
        if line.name in _WRAPPERS:
            yield from _unwrapped(line)
        else:
            yield line


def _server(host: Block, lines: list[Block], outside: list[Block]) -> ProxyServer:
    settings = [line for line in (*outside, *lines) if not line.inside and line.name not in _PASSING]
    directives = tuple(each for line in settings for each in _directives(line))
    listens = [Directive("listen", (word.rpartition(":")[2],), host.location) for word in host.words[1:]]
    names = tuple(
        word for line in lines if line.name in {"servername", "serveralias"} for word in line.words[1:]
    )
    uses_tls = any(line.name == "sslengine" and line.words[1:2] in {("on",), ("On",)} for line in lines)
    inherited = directives[-MAX_INHERITED:]
    locations = tuple(location for line in lines for location in _locations(line, inherited))
    return ProxyServer(tuple(listens), names, uses_tls, locations, directives, host.location)


def _directives(line: Block) -> Iterator[Directive]:
    """A line, and the directive of nginx that says the same."""
    yield line.directive
    if line.name == "limitrequestbody":
        yield Directive("client_max_body_size", line.words[1:2], line.location)
    elif line.name == "header":
        yield from _answer_header(line)
    elif line.name == "requestheader" and line.words[1:2] in {("set",), ("add",)}:
        yield Directive("proxy_set_header", line.words[2:4], line.location)


def _answer_header(line: Block) -> Iterator[Directive]:
    """A header of every answer: `set` replaces that of the upstream, `always set` and `add` stand beside it."""
    words = tuple(word for word in line.words[1:] if word.lower() != "onsuccess")
    is_always = words[:1] in {("always",), ("Always",)}
    words = words[1:] if is_always else words
    if len(words) == 2 and words[0].lower() == "unset":
        yield Directive("proxy_hide_header", words[1:], line.location)
    elif len(words) == 3 and words[0].lower() in {"set", "add", "append", "merge"}:
        kind = "more_set_headers" if words[0].lower() == "set" and not is_always else "add_header"
        yield Directive(kind, words[1:], line.location)


def _locations(line: Block, inherited: tuple[Directive, ...]) -> Iterator[ProxyLocation]:
    if line.name in {"proxypass", "proxypassmatch"} and len(line.words) > 2 and line.words[2] != "!":
        modifier = "~" if line.name == "proxypassmatch" else ""
        yield _location(modifier, line.words[1], line.words[2], inherited, line)
    elif line.name == "rewriterule" and len(line.words) > 3 and re.search(r"\bP\b", line.words[3]):
        yield _location("~", line.words[1], line.words[2], inherited, line)
    elif line.name in _LOCATIONS and len(line.words) > 1:
        own = tuple(each for inner in _unwrapped(line) for each in _directives(inner))
        for inner in line.inside:
            if inner.name == "proxypass" and len(inner.words) > 1 and inner.words[1] != "!":
                modifier = "~" if line.name == "locationmatch" or line.words[1] == "~" else ""
                yield _location(modifier, line.words[-1], inner.words[1], (*inherited, *own), inner)


def _location(
    modifier: str, path: str, upstream: str, directives: tuple[Directive, ...], line: Block
) -> ProxyLocation:
    passes_uri = re.match(r"\w+://[^/]+/", upstream) is not None
    return ProxyLocation(path, modifier, upstream, passes_uri, directives, line.location)
