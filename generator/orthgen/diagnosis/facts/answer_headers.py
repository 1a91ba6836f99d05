"""Headers that reverse proxies give the answers of the servers behind them."""

from __future__ import annotations

from orthgen.observed.proxy_model import Directive, ProxyLocation


def words(directive: Directive) -> list[str]:
    """The name and the value that a directive gives a header: `add_header A b`, or `more_set_headers 'A: b'`."""
    return " ".join(directive.arguments).replace(":", " ", 1).replace('"', "").replace("'", "").split()


def setting(location: ProxyLocation, name: str, *kinds: str) -> list[Directive]:
    """The directives of a location that give every answer a header."""
    return [
        directive
        for kind in kinds
        for directive in location.directive(kind)
        if len(parts := words(directive)) > 1 and parts[0].lower() == name.lower()
    ]


def hides(location: ProxyLocation, name: str) -> bool:
    """Whether a location leaves out a header of the server behind it."""
    return any(
        directive.arguments[:1] and directive.arguments[0].lower() == name.lower()
        for directive in location.directive("proxy_hide_header")
    )
