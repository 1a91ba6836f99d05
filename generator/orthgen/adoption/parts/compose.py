"""`deployment`, save TLS: the project's name, published addresses and ports, memory, networks."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orthgen.adoption.profile_values import megabytes, memory_size, name_like, whole_number
from orthgen.deployment import naming
from orthgen.deployment.databases import CHECK_SUFFIX
from orthgen.observed.service_model import Product
from orthgen.profile.deployment import MAX_SUBNETS_PREFIX
from orthgen.profile.host_ports import STANDARD_PORTS, is_local
from orthgen.profile.memory import Memory, megabytes_of, trial_memory

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.observed.service_model import Port, Service

_COMPOSE = ("deployment", "compose")
_MEMORY: tuple[tuple[str, ...], ...] = (("mem_limit",), ("deploy", "resources", "limits", "memory"))
_INNER = {"http": ("80", "8080"), "https": ("443", "8443")}


def state_compose(original: OriginalDeployment, draft: Draft) -> None:
    """State what only Docker Compose needs to know."""
    name = original.deployment.compose.get("name")
    if isinstance(name, str) and name and "$" not in name:
        draft.state(("deployment", "name"), name_like(name), original.deployment.compose.locate(("name",)))
    _state_web_ports(original, draft)
    _state_memory(original, draft)
    _state_subnets(original, draft)


def _state_web_ports(original: OriginalDeployment, draft: Draft) -> None:
    edge = original.edge
    if edge is None:
        return
    url = urlsplit(draft.get(("institution", "url")) or "")
    host = edge.ports[0].host if edge.ports else ""
    usual = "127.0.0.1" if is_local(url.hostname or "") else ""
    if _is_address(host) and host not in {usual, "0.0.0.0", "::"}:  # noqa: S104 - what authors write for every address
        draft.state((*_COMPOSE, "bind"), host, edge.ports[0].location)
    has_tls = draft.has(("deployment", "tls"))
    for scheme in ("http", "https"):
        port = _port(edge, scheme)
        published = whole_number(port.published) if port is not None else None
        own = url.port if (scheme == "https") == has_tls else None
        if port is not None and published is not None and published != (own or STANDARD_PORTS[scheme]):
            draft.state((*_COMPOSE, f"{scheme}-port"), published, port.location)


def _port(edge: Service, scheme: str) -> Port | None:
    return next((port for port in edge.ports if port.target in _INNER[scheme]), None)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _state_memory(original: OriginalDeployment, draft: Draft) -> None:
    limits: dict[str, tuple[int, Location]] = {}
    for name, service in _services(original).items():
        for path in _MEMORY if service is not None else ():
            amount = megabytes(service.definition.get(*path)) if service is not None else None
            if service is not None and amount:
                limits.setdefault(name, (amount, service.definition.locate(path)))
    usual, trial = _amounts(Memory()), _amounts(trial_memory())
    is_trial = is_local(urlsplit(draft.get(("institution", "url")) or "").hostname or "")
    if is_trial and all(amount == trial[name] for name, (amount, _) in limits.items()):
        return
    for name, (amount, place) in limits.items():
        if amount != usual[name]:
            draft.state((*_COMPOSE, "memory", name), memory_size(amount), place)


def _services(original: OriginalDeployment) -> dict[str, Service | None]:
    """The services with a limit of their own in the profile, by the names of the limits."""
    # The check of a database outside is a container of PostgreSQL's image, and no PostgreSQL.
    databases = [
        each
        for each in original.deployment.services
        if each.product is Product.POSTGRES and not each.name.endswith(CHECK_SUFFIX)
    ]
    host = original.get("PostgreSQL", "Host")
    named = [each for each in databases if each.name in {host, naming.ORTHANC_DB}]
    return {
        "orthanc": original.orthanc_service,
        "database": next(iter(named or databases), None),
        "keycloak": original.keycloak_service,
        "nginx": original.edge,
        "auth-service": original.auth_service,
        "ohif": original.service(Product.OHIF),
    }


def _amounts(memory: Memory) -> dict[str, int]:
    fields: dict[str, Any] = memory.model_dump(by_alias=True, exclude_none=True)
    return {name: megabytes_of(size) for name, size in fields.items() if name != "total"}


def _state_subnets(original: OriginalDeployment, draft: Draft) -> None:
    """State the network that orthgen cut its networks from; networks of other deployments follow no such rule."""
    networks = original.deployment.compose.get("networks")
    if not original.is_rendered or not isinstance(networks, dict):
        return
    found: list[tuple[IPv4Network, Location]] = []
    for name in networks:
        path = ("networks", name, "ipam", "config", 0, "subnet")
        subnet = original.deployment.compose.get(*path)
        if isinstance(subnet, str):
            found.append((IPv4Network(subnet), original.deployment.compose.locate(path)))
    if found:
        first, place = min(found, key=lambda item: item[0])
        whole = IPv4Network((first.network_address, MAX_SUBNETS_PREFIX), strict=False)
        draft.state((*_COMPOSE, "subnets"), str(whole), place)
