"""Ports of containers to which objects of a Kubernetes cluster lead from outside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.formats.loose_values import items, mapping, mappings
from orthgen.observed.service_model import Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthgen.observed.manifest import ManifestDocument

_PUBLIC_TYPES = frozenset({"NodePort", "LoadBalancer"})
_ROUTES = frozenset({"Ingress", "HTTPRoute", "TLSRoute", "TCPRoute"})


def exposed_ports(
    services: Sequence[ManifestDocument], objects: Sequence[ManifestDocument], names: Mapping[str, str]
) -> Iterator[Port]:
    """
    The ports of a container behind these Services that are reached from outside, each with the place that exposes it.

    `names` has the numbers of the container's named ports.
    """
    routes = [each for each in objects if each.kind in _ROUTES]
    for service in services:
        is_public = str(service.get("spec", "type")) in _PUBLIC_TYPES or bool(
            service.get("spec", "externalIPs")
        )
        leading = [route for route in routes if _leads_to(route.get("spec"), service.name)]
        for index, port in mappings(service.get("spec", "ports")):
            named = str(port.get("targetPort") or port.get("port") or "")
            place = service.document.locate(("spec", "ports", index))
            places = [*([place] if is_public else []), *(each.document.locate(("spec",)) for each in leading)]
            published = str(port.get("nodePort") or port.get("port") or "")
            protocol = str(port.get("protocol") or "TCP").lower()
            for location in places:
                yield Port("", published, names.get(named, named), protocol, location)


def _leads_to(value: Any, name: str) -> bool:
    """Whether a backend below a value is the Service of a name: `backend.service.name`, or `backendRefs[].name`."""
    if isinstance(value, list):
        return any(_leads_to(item, name) for item in value)
    if not isinstance(value, dict):
        return False
    references = [mapping(value.get("service")), *map(mapping, items(value.get("backendRefs")))]
    return any(each.get("name") == name for each in references) or any(
        _leads_to(item, name) for item in value.values()
    )
