"""Reader of Traefik's routers in the labels of containers, as far as hosts, paths, headers and body sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.observed.compose_node import as_mapping
from orthgen.observed.proxy_model import Directive, Proxy, ProxyLocation, ProxyServer
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthgen.observed.compose_node import Node
    from orthgen.observed.containers import Container

_LABEL = re.compile(
    r"traefik\.http\.(?P<kind>routers|services|middlewares)\.(?P<name>[^.]+)\.(?P<rest>.+)", re.IGNORECASE
)
_MATCHER = r"(Host|PathPrefix|Path|PathRegexp)\(([^)]*)\)"
_WORD = r"[`'\"]([^`'\"]*)[`'\"]"
# The directives of nginx for middlewares that ask who sends a request.
_SIGN_IN = {
    "basicauth": "auth_basic",
    "digestauth": "auth_basic",
    "forwardauth": "auth_request",
    "ipallowlist": "allow",
    "ipwhitelist": "allow",
}
_MODIFIERS = {"PathPrefix": "", "Path": "=", "PathRegexp": "~"}


def traefik_proxy(containers: Sequence[Container]) -> Proxy | None:
    """The Traefik whose routers stand in the labels of these containers; None where none has such labels."""
    labels = [_Labels(container) for container in containers]
    middlewares = {name: entry for each in labels for name, entry in each.of_kind("middlewares").items()}
    servers = [server for each in labels for server in each.servers(middlewares)]
    services = [each.service for each in containers if each.service.product is Product.TRAEFIK]
    if not servers and not services:
        return None
    return Proxy(Product.TRAEFIK, tuple(servers), {}, services[0] if services else None)


class _Labels:
    """The labels of one container, by kind and name."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self._kinds: dict[str, dict[str, dict[str, Node]]] = {}
        labels = container.definition.get("labels")
        for label, node in as_mapping(labels).items() if labels is not None else ():
            match = _LABEL.fullmatch(label)
            if match is not None:
                entry = self._kinds.setdefault(match["kind"].lower(), {}).setdefault(
                    match["name"].lower(), {}
                )
                entry[match["rest"].lower()] = node

    def of_kind(self, kind: str) -> dict[str, dict[str, Node]]:
        """The labels of the routers, services or middlewares, by their names."""
        return self._kinds.get(kind, {})

    def servers(self, middlewares: Mapping[str, dict[str, Node]]) -> Iterator[ProxyServer]:
        """A virtual host for each router; a router takes the middlewares of every container."""
        for name, router in self.of_kind("routers").items():
            rule = router.get("rule")
            if rule is not None:
                yield self._server(name, rule, router, middlewares)

    def _server(
        self, name: str, rule: Node, router: dict[str, Node], middlewares: Mapping[str, dict[str, Node]]
    ) -> ProxyServer:
        hosts: list[str] = []
        paths: list[tuple[str, str]] = []
        for match in re.finditer(_MATCHER, rule.text):
            words = re.findall(_WORD, match[2])
            if match[1] == "Host":
                hosts += words
            else:
                paths += [(_MODIFIERS[match[1]], word) for word in words]
        entry_points = router["entrypoints"].text if "entrypoints" in router else ""
        uses_tls = any(key == "tls" or key.startswith("tls.") for key in router) or "secure" in entry_points
        directives, strips = _middlewares(router, middlewares)
        upstream = self._upstream(name, router) + ("/" if strips else "")
        locations = tuple(
            ProxyLocation(path, modifier, upstream, strips, directives, rule.location)
            for modifier, path in paths or [("", "/")]
        )
        return ProxyServer((), tuple(hosts), uses_tls, locations, directives, rule.location)

    def _upstream(self, router: str, labels: dict[str, Node]) -> str:
        name = labels["service"].text.lower() if "service" in labels else router
        services = self.of_kind("services")
        # One service alone serves all routers of its container.
        alone = next(iter(services.values()), {}) if len(services) == 1 else {}
        service = services.get(name, alone)
        port = service.get("loadbalancer.server.port")
        scheme = service.get("loadbalancer.server.scheme")
        address = f"{scheme.text if scheme else 'http'}://{self.container.service.name}"
        return f"{address}:{port.text}" if port is not None else address


def _middlewares(
    router: dict[str, Node], defined: Mapping[str, dict[str, Node]]
) -> tuple[tuple[Directive, ...], bool]:
    """The directives of nginx that say the same, and whether the path's prefix is stripped."""
    directives: list[Directive] = []
    strips = False
    listed = router.get("middlewares")
    for name in listed.text.split(",") if listed is not None else ():
        middleware = name.strip().partition("@")[0].lower()
        settings = defined.get(middleware)
        if settings is None and listed is not None:
            # It is defined in a file of Traefik, and may ask for a sign-in.
            directives.append(Directive("middleware", (middleware,), listed.location))
        for key, node in (settings or {}).items():
            strips = strips or key.startswith("stripprefix")
            if key == "buffering.maxrequestbodybytes":
                directives.append(Directive("client_max_body_size", (node.text,), node.location))
            elif (sign_in := _SIGN_IN.get(key.partition(".")[0])) is not None:
                directives.append(Directive(sign_in, (middleware,), node.location))
            elif key.startswith("headers.customrequestheaders."):
                header = key.rpartition(".")[2]
                directives.append(Directive("proxy_set_header", (header, node.text), node.location))
    return tuple(directives), strips
