"""Routes through the reverse proxies of an observed deployment: which location takes a path, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from orthgen.diagnosis.facts.addresses import folder, split
from orthgen.diagnosis.facts.containers import repository, service_at
from orthgen.findings import Location
from orthgen.observed.model import ObservedDeployment, SourceKind
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product, Service
from orthgen.observed.shown_texts import ShownTexts

# Ports by which a product is recognised where no Compose file names its containers.
_PORTS = {
    Product.ORTHANC: {8042},
    Product.KEYCLOAK: {8080, 8443},
    Product.AUTH_SERVICE: {8000},
    Product.OHIF: set(),
}
_NAMES = {
    Product.AUTH_SERVICE: ("auth-service", "token-service"),
    Product.ORTHANC: ("orthanc", "pacs"),
    Product.KEYCLOAK: ("keycloak",),
    Product.OHIF: ("ohif",),
}

# Directives that ask for a sign-in, or that leave it to a script or to another service; those of other proxies, too.
_SIGN_IN = frozenset(
    {
        "auth_basic",
        "auth_request",
        "auth_jwt",
        "access_by_lua_block",
        "access_by_lua_file",
        "js_content",
        "ssl_verify_client",
        "allow",
        "internal",
        "limit_except",
        "middleware",
        "basic_auth",
        "basicauth",
        "forward_auth",
        "authtype",
    }
)
# A variable of nginx, and not one that the image replaces at its start.
VARIABLE = re.compile(r"\$(?:\{[a-z0-9_]+\}|[a-z0-9_])")
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")

# An expression of `rewrite` that keeps what follows a path.
_REWRITTEN = re.compile(r"(?:\(\?s\))?\^?(?P<prefix>/[\w./-]*)\(\?*:?\.[*+]\)\$?")


class Upstream(Struct, frozen=True):
    """The server that a location passes requests to; `path` is empty where the location passes the path on as it is."""

    scheme: str
    host: str
    port: int | None
    path: str


def upstream(proxy: Proxy, location: ProxyLocation) -> Upstream | None:
    """Where a location leads, by the first server of an upstream block; None where it passes nothing on."""
    if not location.upstream:
        return None
    # `http://orthanc:8042$request_uri` passes the path on as it is.
    address = re.sub(r"^(\w+://[^/$]+)\$.*", r"\1", location.upstream)
    parts = split(address if "://" in address else f"http://{address}")
    netloc = parts.netloc
    servers = proxy.upstreams.get(netloc)
    if servers:
        netloc = servers[0].split()[0]
    host, _, port = netloc.rpartition(":") if ":" in netloc else (netloc, "", "")
    default = 443 if parts.scheme == "https" else 80
    path = parts.path if location.passes_uri else ""
    return Upstream(parts.scheme, host.strip("[]").lower(), int(port) if port.isdigit() else default, path)


def routes(
    deployment: ObservedDeployment, product: Product
) -> Iterator[tuple[Proxy, ProxyServer, ProxyLocation]]:
    """Every location that leads to a product."""
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for location in server.locations:
                if leads_to(deployment, proxy, location, product):
                    yield proxy, server, location


def leads_to(deployment: ObservedDeployment, proxy: Proxy, location: ProxyLocation, product: Product) -> bool:
    """Whether a location passes requests to a product: by the Compose file, else by the upstream's name and port."""
    target = upstream(proxy, location)
    if target is None:
        return False
    service = service_at(deployment, target.host)
    if service is not None:
        return service.product is product
    published = (
        _published_by(deployment, target)
        if target.host in {"localhost", "127.0.0.1", "host.docker.internal"}
        else None
    )
    if published is not None:
        return published.product is product
    return product is _guess(target)


def _published_by(deployment: ObservedDeployment, target: Upstream) -> Service | None:
    """The service that publishes a port of this machine."""
    return deployment.publishers.get(str(target.port))


def _guess(target: Upstream) -> Product | None:
    for product, names in _NAMES.items():
        if any(name in target.host for name in names):
            return product
    return next((product for product, ports in _PORTS.items() if target.port in ports), None)


def location_for(server: ProxyServer, path: str) -> ProxyLocation | None:
    """The location that nginx takes for a path: an exact one, else the longest prefix, else an expression that fits."""
    exact = server.exact_locations.get(path)
    if exact is not None:
        return exact
    beginnings = (path[:length] for length in range(len(path), -1, -1))
    prefixes = server.prefix_locations
    longest = next((prefixes[beginning] for beginning in beginnings if beginning in prefixes), None)
    if longest is not None and longest.modifier == "^~":
        return longest
    return next((location for location in server.expression_locations if _fits(location, path)), longest)


def _fits(location: ProxyLocation, path: str) -> bool:
    try:
        # nginx reads Perl's expressions, in which a named group is written without the `P`.
        expression = _NAMED_GROUP.sub("(?P<", location.path)
        return re.search(expression, path, re.IGNORECASE if location.modifier == "~*" else 0) is not None
    except re.error:
        return False


def prefix(location: ProxyLocation) -> str:
    """The part of the public path that a prefix location removes or passes on; empty for expressions."""
    return location.path if location.modifier in {"", "^~"} and location.path.startswith("/") else ""


def removed_prefix(location: ProxyLocation, target: Upstream) -> str:
    """The public path that a location takes away before it passes a request on, with a slash at its end; else empty."""
    if target.path:
        path = target.path.rstrip("/") + "/"
        public = prefix(location).rstrip("/") + "/"
        return (
            public.removesuffix(path.removeprefix("/"))
            if public.endswith(path)
            else public
            if path == "/"
            else ""
        )
    for directive in location.directive("rewrite"):
        match = _REWRITTEN.fullmatch(directive.arguments[0]) if len(directive.arguments) > 1 else None
        if match is not None and directive.arguments[1].startswith("/$"):
            return match["prefix"].rstrip("/") + "/"
    return ""


def header(location: ProxyLocation, name: str) -> Directive | None:
    """The directive by which a location sets a header of the request that it passes on; the last one counts."""
    fitting = [
        directive
        for directive in location.directive("proxy_set_header")
        if directive.arguments and directive.arguments[0].lower() == name.lower()
    ]
    return fitting[-1] if fitting else None


def header_value(location: ProxyLocation, name: str) -> str:
    """The value that a location gives a header of the request; empty where it sets none."""
    directive = header(location, name)
    return " ".join(directive.arguments[1:]) if directive is not None else ""


def lost_header(server: ProxyServer, names: Iterable[str]) -> tuple[tuple[Location, str], ...]:
    """The place where a server sets one of these headers for locations without headers of their own; empty where it sets none."""
    wanted = {name.lower() for name in names}
    for directive in server.directives:
        if directive.name == "proxy_set_header" and directive.arguments[:1]:
            name = directive.arguments[0]
            if name.lower() in wanted:
                return (
                    (directive.location, f"`{name}`, lost in a location with `proxy_set_header` of its own"),
                )
    return ()


def is_guarded(server: ProxyServer) -> bool:
    """Whether scripts or another service decide on requests in this server, by rules that are not read here."""
    names = {
        "js_content",
        "auth_request",
        "access_by_lua_block",
        "access_by_lua_file",
        "auth_jwt",
        "content_by_lua_block",
    }
    return any(
        directive.name in names for location in server.locations for directive in location.directives
    ) or any(directive.name in names for directive in server.directives)


def may_pass(deployment: ObservedDeployment, path: str) -> bool:
    """
    Whether a request for a path of Orthanc's may reach it from outside.

    It may where no proxy that leads to Orthanc was read. Where scripts decide in a proxy, it may not.
    """
    servers = {id(server): (proxy, server) for proxy, server, _ in routes(deployment, Product.ORTHANC)}
    if any(is_guarded(server) for proxy in deployment.proxies for server in proxy.servers):
        return False
    return not servers or any(
        _passes(deployment, proxy, server, prefix + path.lstrip("/"))
        for proxy, server in servers.values()
        for prefix in orthanc_prefixes(deployment, proxy, server)
    )


def _passes(deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer, path: str) -> bool:
    location = location_for(server, path)
    if location is None or not leads_to(deployment, proxy, location, Product.ORTHANC):
        return False
    refuses = any(
        directive.name == "return" or (directive.name == "deny" and directive.arguments[:1] == ("all",))
        for directive in location.directives
    )
    return not refuses and not asks_for_sign_in(location)


def reads_header(deployment: ObservedDeployment, name: str) -> bool:
    """Whether a proxy decides by a header of the request, by scripts or by conditions that are not read here."""
    variable, texts = f"http_{name.lower().replace('-', '_')}", deployment.texts
    servers = [server for proxy in deployment.proxies for server in proxy.servers]
    files = [each.file for each in deployment.sources if each.kind is SourceKind.NGINX]
    return any(map(is_guarded, servers)) or (
        isinstance(texts, ShownTexts) and any(texts.inserts(file, variable) for file in files)
    )


def asks_for_sign_in(location: ProxyLocation) -> bool:
    """Whether a location itself asks for a password, a token, a certificate or an address."""
    return any(
        directive.name in _SIGN_IN and directive.arguments[:1] not in {("off",), ("optional",), ("all",)}
        for directive in location.directives
    )


def size_in_bytes(text: str) -> int | None:
    """A size as nginx (`10m`), Caddy (`10MB`, `10MiB`) or Apache writes it; None where it is no number."""
    match = re.fullmatch(r"(?P<number>[0-9]+)(?P<unit>[kKmMgG]?)(?:i?[bB])?", text)
    if match is None:
        return None
    return int(match["number"]) * {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}[match["unit"].lower()]


def is_built_in(proxy: Proxy) -> bool:
    """Whether a proxy's configuration is made by the image `orthanc-nginx`, which sets headers and buffers well."""
    return repository(proxy.service).startswith("orthancteam/orthanc-nginx")


def may_say_more(location: ProxyLocation) -> bool:
    """Whether a file that was not read may set what the location lacks."""
    return bool(location.directive("unread_include"))


def is_rewritten(location: ProxyLocation) -> bool:
    """Whether a location changes the path by `rewrite`, or builds the upstream's address from variables."""
    return bool(location.directive("rewrite")) or "$" in location.upstream


def orthanc_prefixes(deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer) -> list[str]:
    """The public paths below which a server serves Orthanc's own paths, with a slash at both ends."""
    found: dict[str, None] = {}
    for location in server.locations:
        target = upstream(proxy, location)
        if target is None or not leads_to(deployment, proxy, location, Product.ORTHANC):
            continue
        removed = removed_prefix(location, target)
        if removed:
            found[removed] = None
        elif prefix(location) == "/" and not target.path:
            found["/"] = None
    return list(found)


def upload_locations(
    deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer
) -> list[ProxyLocation]:
    """The locations that take uploads to Orthanc: files, and DICOMweb."""
    return _locations_of(deployment, proxy, server, ("instances", "dicom-web/studies"))


def dicomweb_locations(
    deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer
) -> list[ProxyLocation]:
    """The locations that take DICOMweb's requests."""
    return _locations_of(deployment, proxy, server, ("dicom-web/studies/1.2/series/1.2/metadata",))


def _locations_of(
    deployment: ObservedDeployment, proxy: Proxy, server: ProxyServer, paths: tuple[str, ...]
) -> list[ProxyLocation]:
    prefixes = orthanc_prefixes(deployment, proxy, server)
    public = [f"{each}{path}" for each in prefixes for path in paths] + [f"/{path}" for path in paths]
    taken = (location_for(server, path) for path in dict.fromkeys(public))
    by_place = {(each.location, each.modifier, each.path): each for each in taken if each is not None}
    return [each for each in by_place.values() if leads_to(deployment, proxy, each, Product.ORTHANC)]


def dicomweb_paths(deployment: ObservedDeployment, root: str) -> dict[str, Location]:
    """The public paths of DICOMweb, each with the place of the proxy that serves it."""
    found: dict[str, Location] = {}
    for proxy in deployment.proxies:
        for server in proxy.servers:
            for public in orthanc_prefixes(deployment, proxy, server):
                found[public.rstrip("/") + root] = server.location
            for location in server.locations:
                target = upstream(proxy, location)
                if (
                    target is None
                    or not leads_to(deployment, proxy, location, Product.ORTHANC)
                    or not prefix(location)
                ):
                    continue
                given = folder(target.path or location.path)
                if given == root:
                    found[folder(location.path)] = location.location
    return found
