"""The reverse proxies of an observed deployment: servers, locations and directives, in the words of nginx."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct

from orthgen.findings import Location
from orthgen.observed.service_model import Product, Service

# As many directives of the levels around a location are kept with it; configurations of people have fewer than 100.
MAX_INHERITED = 300


class Directive(Struct, frozen=True):
    """A directive of a proxy's configuration, with its arguments."""

    name: str
    arguments: tuple[str, ...]
    location: Location


class ProxyLocation(Struct, frozen=True):
    """
    A path that a reverse proxy passes on, in the words of nginx whatever the proxy is.

    `upstream` is the URL that requests go to (empty: the proxy answers by itself); `passes_uri` tells that the upstream's
    path replaces the matched prefix. `directives` are the directives in force at this location, each with its arguments
    and place: its own, and the last `MAX_INHERITED` of the levels around it.
    """

    path: str
    modifier: str
    upstream: str
    passes_uri: bool
    directives: tuple[Directive, ...]
    location: Location

    def directive(self, name: str) -> tuple[Directive, ...]:
        """The directives of that name that are in force."""
        return tuple(each for each in self.directives if each.name == name)


class ProxyServer(Struct, frozen=True, dict=True):
    """A virtual host of a reverse proxy: where it listens (`443 ssl`), its names, its locations in the file's order."""

    listens: tuple[Directive, ...]
    names: tuple[str, ...]
    uses_tls: bool
    locations: tuple[ProxyLocation, ...]
    directives: tuple[Directive, ...]
    location: Location

    @property
    def is_local(self) -> bool:
        """Whether it listens on this machine only."""
        addresses = [listen.arguments[0] for listen in self.listens if listen.arguments]
        return bool(addresses) and all(
            address.startswith(("127.", "[::1]", "localhost", "unix:")) for address in addresses
        )

    @cached_property
    def exact_locations(self) -> Mapping[str, ProxyLocation]:
        """The locations with `=`, by their paths; the first one of each path."""
        return {each.path: each for each in reversed(self.locations) if each.modifier == "="}

    @cached_property
    def prefix_locations(self) -> Mapping[str, ProxyLocation]:
        """The locations for all paths with a prefix, by the prefix; the first one of each."""
        return {each.path: each for each in reversed(self.locations) if each.modifier in {"", "^~"}}

    @cached_property
    def expression_locations(self) -> tuple[ProxyLocation, ...]:
        """The locations with a regular expression."""
        return tuple(each for each in self.locations if each.modifier in {"~", "~*"})


class Proxy(Struct, frozen=True):
    """A reverse proxy; `upstreams` leads from the name of an upstream block to its servers (`host:port`)."""

    product: Product
    servers: tuple[ProxyServer, ...]
    upstreams: Mapping[str, tuple[str, ...]]
    service: Service | None = None
