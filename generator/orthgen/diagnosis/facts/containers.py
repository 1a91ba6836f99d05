"""Containers of an observed deployment: which one a name leads to, what it publishes, what its image contains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orthgen.catalogue.image_versions import numbered
from orthgen.catalogue.versions import at_least
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import ObservedDeployment, SourceKind
from orthgen.observed.service_model import Mount, Port, Product, Service

_LOOPBACK_BINDINGS = frozenset({"127.0.0.1", "::1", "[::1]", "localhost"})


def is_whole(deployment: ObservedDeployment) -> bool:
    """Whether the Compose files were read completely, so that a service that is not there does not exist."""
    return deployment.is_complete(SourceKind.COMPOSE)


def service_at(deployment: ObservedDeployment, hostname: str) -> Service | None:
    """The service that a host name leads to inside the networks of Compose."""
    return deployment.hosts.get(hostname)


def networks_of(service: Service) -> Mapping[str, Any]:
    """The networks of a service, by name; `default` where none is written."""
    networks = service.definition.get("networks")
    if isinstance(networks, Mapping):
        return networks
    names = [str(name) for name in as_list(networks)] or ["default"]
    return dict.fromkeys(names)


def unreachable(own: Service, other: Service, hostname: str) -> str:
    """The reason why a container does not reach another one by this name; empty where it does, or where it may."""
    modes = [str(each.definition.get("network_mode") or "") for each in (own, other)]
    if hostname in _extra_hosts(own) or any(mode.startswith(("service:", "container:")) for mode in modes):
        return ""
    if uses_host_network(own):
        return f"`{own.name}` uses the network of the host, which does not know the name `{hostname}`"
    if uses_host_network(other):
        return f"`{other.name}` uses the network of the host, and has no name in the networks of Compose"
    if networks_of(own).keys() & networks_of(other).keys():
        return ""
    return f"`{own.name}` and `{other.name}` have no network in common"


def _extra_hosts(service: Service) -> set[str]:
    """The names that a service has in its own file of hosts."""
    hosts = service.definition.get("extra_hosts")
    if isinstance(hosts, Mapping):
        return set(map(str, hosts))
    return {re.split(r"[:=]", str(entry), maxsplit=1)[0] for entry in as_list(hosts)}


def uses_host_network(service: Service) -> bool:
    """Whether a container shares the network of its host, so that `localhost` is the host."""
    return str(service.definition.get("network_mode") or "") == "host"


def open_ports(service: Service, *targets: int) -> Iterator[Port]:
    """The published ports of a service that other machines reach, those of some ports of the container only."""
    for port in service.ports:
        if is_local(port) or not port.published:
            continue
        if not targets or port.target.partition("/")[0] in {str(target) for target in targets}:
            yield port


def is_local(port: Port) -> bool:
    """Whether a port is bound to this machine alone."""
    return port.host in _LOOPBACK_BINDINGS


def unused_name(service: Service, name: str | None) -> str:
    """The name of a variable for a service that does not have it; empty where it has, or where there is no name."""
    return "" if name is None or service.environment.has(name) else name


def is_published(deployment: ObservedDeployment) -> bool:
    """Whether other machines reach some port of the deployment; True where no Compose file was read."""
    if not deployment.services:
        return True
    return any(uses_host_network(service) or any(open_ports(service)) for service in deployment.services)


def repository(service: Service | None) -> str:
    """The name of a service's image without registry and tag, as `orthancteam/orthanc`; empty where there is none."""
    return service.image.name if service is not None and service.image is not None else ""


def tag(service: Service | None) -> str:
    """The tag of a service's image; empty where there is none."""
    return service.image.tag if service is not None and service.image is not None else ""


def version(service: Service | None) -> str:
    """The numbers of a service's tag; empty where the tag names no version."""
    return numbered(tag(service))


def contained(service: Service | None) -> Mapping[str, str]:
    """The versions of the components in a service's image; empty where they are not known."""
    return service.image.components if service is not None and service.image is not None else {}


def ohif_ports(service: Service) -> set[str]:
    """
    The ports on which an image of OHIF listens; empty where another image, or a configuration of its own, decides.

    OHIF 3 (.docker/Viewer-v3.x/entrypoint.sh): `SSL_PORT`, else `PORT`, which is 80. OHIF 2 listens on 80, OHIF 1 on 3000.
    """
    image, has = repository(service), version(service)
    is_known = image in {"ohif/app", "orthancteam/ohif-v3"} or (
        image == "ohif/viewer" and at_least(has or "0", "2")
    )
    if not is_known or any(mounts_at(service, "/etc/nginx")):
        return set()
    port = service.variable("SSL_PORT") or service.variable("PORT") or "80"
    return {port} if port.isdigit() else set()


def mounts_at(service: Service, *folders: str) -> Iterator[Mount]:
    """The mounts at one of these folders of a container, above or below it."""
    for mount in service.mounts:
        target = mount.target.rstrip("/")
        if any(
            target == folder or target.startswith(f"{folder}/") or folder.startswith(f"{target}/")
            for folder in folders
        ):
            yield mount


def keeps(service: Service, folder: str) -> bool:
    """Whether a folder of a container outlives the container: files that the build copies there do not."""
    return any(mount.kind != "copy" for mount in mounts_at(service, folder))


def project(service: Service) -> str:
    """The first Compose file of the project that a service belongs to."""
    return service.definition.layers[-1].name


def of_product(deployment: ObservedDeployment, product: Product) -> Iterator[Service]:
    """The services that run a product."""
    return (service for service in deployment.services if service.product is product)


def is_true(value: object) -> bool:
    """Whether a value says yes: the truth value, or the word as environments carry it."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
