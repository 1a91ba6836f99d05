"""Reader of Caddyfiles, as far as hosts, paths, upstreams, headers and body sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.observed.blocks import Block, brace_blocks
from orthgen.observed.inclusion import Expansion
from orthgen.observed.proxy_model import MAX_INHERITED, Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.observed.files import TextFile
    from orthgen.observed.inclusion import IncludedFiles

_ADDRESS = r"(?:(?P<scheme>https?)://)?(?P<host>[^:/\s]*)(?::(?P<port>\d+))?(?P<path>/\S*)?"
_HANDLERS = ("handle", "handle_path", "route")


def caddy_proxy(file: TextFile, service: Service | None, files: IncludedFiles) -> tuple[Proxy, list[Finding]]:
    """The proxy of a Caddyfile and the files that it imports, and what is wrong in the imports."""
    expansion = Expansion(frozenset({"import"}), files, brace_blocks)
    root = expansion.of(file)
    sites = [block for block in root.inside if block.inside and block.words]
    if not sites:
        # A file of one site needs no braces: its address stands in the first line.
        first, *others = root.inside or [root]
        sites = [Block(first.words, first.location, others)]
    options = tuple(
        line.directive for block in root.inside if not block.words for line in block.inside if line.words
    )
    proxy = Proxy(Product.CADDY, tuple(_server(site, options) for site in sites), {}, service)
    return proxy, expansion.findings


def _server(site: Block, options: tuple[Directive, ...]) -> ProxyServer:
    """A site; `options` are those of the whole Caddy, as the address for its certificates."""
    names: list[str] = []
    uses_tls = False
    listens: list[Directive] = []
    for word in site.words:
        match = re.fullmatch(_ADDRESS, word.rstrip(","))
        if match is None:
            continue
        if match["host"]:
            names.append(match["host"])
        if match["port"]:
            listens.append(Directive("listen", (match["port"],), site.location))
        # Caddy gets a certificate for every name that is no plain HTTP address.
        is_plain = match["scheme"] == "http" or match["port"] == "80" or not match["host"]
        uses_tls = uses_tls or not is_plain or match["port"] == "443"
    directives = (*options, *_own_directives(site))
    matchers = {block.name: block for block in site.inside if block.name.startswith("@")}
    locations = tuple(_locations(site, "/", directives, matchers, strips=False))
    return ProxyServer(tuple(listens), tuple(names), uses_tls, locations, directives, site.location)


def _directives(block: Block) -> Iterator[Directive]:
    """The lines of a block, and those of nginx that say the same."""
    for line in block.inside:
        yield line.directive
        if line.name == "request_body":
            for size in line.named("max_size"):
                yield Directive("client_max_body_size", size.words[1:2], size.location)
        elif line.name == "reverse_proxy":
            for header in line.named("header_up"):
                yield Directive("proxy_set_header", header.words[1:], header.location)
            for header in line.named("header_down"):
                yield from _header(header.words[1:], header, replaces=True)
        elif line.name == "header":
            yield from _headers(line)


def _headers(line: Block) -> Iterator[Directive]:
    """Headers of the answer; `reverse_proxy` adds its own to those that Caddy sets before it, without `defer`."""
    words = line.words[1:]
    if words[:1] and words[0][:1] in {"@", "/"}:
        return  # for some requests only
    words = words[1:] if words[:1] == ("*",) else words
    yield from _header(words, line, replaces=False)
    is_deferred = any(True for _ in line.named("defer"))
    for inner in line.inside:
        yield from _header(inner.words, inner, replaces=is_deferred)


def _header(words: tuple[str, ...], line: Block, *, replaces: bool) -> Iterator[Directive]:
    name = words[0] if words else ""
    if name.startswith("-"):
        yield Directive("proxy_hide_header", (name[1:],), line.location)
    elif len(words) == 2 and not name.startswith("?"):
        is_set = name.startswith(">") or (replaces and not name.startswith("+"))
        kind = "more_set_headers" if is_set else "add_header"
        yield Directive(kind, (name.lstrip("+>"), words[1]), line.location)


def _own_directives(block: Block) -> Iterator[Directive]:
    """The directives of a block without those of the handlers in it."""
    own = [each for each in block.inside if each.name not in {"reverse_proxy", *_HANDLERS}]
    yield from _directives(Block(block.words, block.location, own))


def _locations(
    block: Block, path: str, inherited: tuple[Directive, ...], matchers: dict[str, Block], *, strips: bool
) -> Iterator[ProxyLocation]:
    outer = inherited[-MAX_INHERITED:]
    for line in block.inside:
        if line.name == "reverse_proxy":
            matcher, upstream = _split(line.words[1:])
            place = _path(matcher, matchers) or path
            directives = (*outer, *_directives(Block((), line.location, [line])))
            yield ProxyLocation(place, "", _url(upstream, strips=strips), strips, directives, line.location)
        elif line.name in _HANDLERS:
            matcher, _ = _split(line.words[1:])
            place = _path(matcher, matchers) or path
            inside = (*outer, *_own_directives(line))
            removes = any(True for _ in line.named("uri")) or line.name == "handle_path"
            yield from _locations(line, place, inside, matchers, strips=strips or removes)


def _split(words: tuple[str, ...]) -> tuple[str, str]:
    """The matcher and the first upstream of `reverse_proxy`."""
    if words and words[0][:1] in {"/", "@", "*"}:
        return words[0], words[1] if len(words) > 1 else ""
    return "", words[0] if words else ""


def _path(matcher: str, matchers: dict[str, Block]) -> str:
    if matcher.startswith("@"):
        block = matchers.get(matcher.lower())
        if block is None:
            return ""
        lines = [Block(block.words[1:], block.location), *block.inside]
        paths = [word for line in lines if line.name == "path" for word in line.words[1:]]
        return paths[0].rstrip("*") if paths else ""
    return matcher.rstrip("*")


def _url(upstream: str, *, strips: bool) -> str:
    if not upstream:
        return ""
    url = upstream if "://" in upstream else f"http://{upstream}"
    return f"{url}/" if strips else url
