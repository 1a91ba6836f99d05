"""The containers of an observed deployment: product, image, ports, mounts and variables of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from orthgen.catalogue import image_versions
from orthgen.findings import Location
from orthgen.observed.settings import Settings
from orthgen.registry.reference import split_registry


class Product(StrEnum):
    """The software that a container runs, recognised by its image or by what it is configured with."""

    ORTHANC = "orthanc"
    AUTH_SERVICE = "auth-service"
    KEYCLOAK = "keycloak"
    NGINX = "nginx"
    OHIF = "ohif"
    POSTGRES = "postgres"
    TRAEFIK = "traefik"
    CADDY = "caddy"
    APACHE = "apache"
    HAPROXY = "haproxy"
    IIS = "iis"
    INGRESS = "ingress"
    OTHER = "other"


class ImageName(Struct, frozen=True):
    """The name of an image as written: its repository with its registry, its tag (empty where there is none), its digest."""

    repository: str
    tag: str
    digest: str
    location: Location

    @property
    def name(self) -> str:
        """The name without registry and tag, as Docker Hub shows it: `orthancteam/orthanc`, `nginx`."""
        _, path = split_registry(self.repository)
        return "/".join(part for part in path.split("/") if part != "library")

    @property
    def components(self) -> Mapping[str, str]:
        """The versions of the components in the image; empty where they are not known."""
        return image_versions.components(self.name, self.tag)


class Port(Struct, frozen=True):
    """A published port; `host` is the address that it is bound to (empty: every address); `published` may be a variable."""

    host: str
    published: str
    target: str
    protocol: str
    location: Location


class Mount(Struct, frozen=True):
    """A volume, a file or a folder of the host, a config, a secret or a tmpfs in a container."""

    kind: str
    """`bind`, `volume`, `config`, `secret` or `tmpfs`; `copy` for a file that the build puts into the image."""
    source: str
    target: str
    read_only: bool
    location: Location


class Service(Struct, frozen=True):
    """
    A container of a Compose file (or of a file that says the same), its inheritance resolved.

    `definition` is the merged mapping; `place` gives the position of one of its paths. `environment` has each variable
    with its value after interpolation, a variable without a value as None. `configured` are the files that are mounted
    where the product reads its configuration: the name of each by its path in the container. `exposed` are the
    ports that a cluster's Services, Ingresses and HTTPRoutes serve outside of it.
    """

    name: str
    product: Product
    image: ImageName | None
    definition: Settings
    environment: Settings
    ports: tuple[Port, ...] = ()
    mounts: tuple[Mount, ...] = ()
    configured: Mapping[str, str] = {}
    exposed: tuple[Port, ...] = ()

    def variable(self, name: str) -> str | None:
        """The value of an environment variable; None where it is not set."""
        value = self.environment.get(name)
        return None if value is None else str(value)

    @property
    def image_place(self) -> Location:
        """The place of its image, else its own."""
        return self.image.location if self.image is not None else self.definition.locate(())

    @property
    def host_names(self) -> set[str]:
        """The names by which other containers reach this one: its name, its container's, its aliases, its links."""
        names = {self.name}
        for key in ("container_name", "hostname"):
            value = self.definition.get(key)
            if isinstance(value, str):
                names.add(value)
        networks = self.definition.get("networks")
        for settings in networks.values() if isinstance(networks, Mapping) else ():
            if isinstance(settings, Mapping):
                names.update(_words(settings.get("aliases")))
        return names | {link.partition(":")[0] for link in _words(self.definition.get("links"))}

    def locate_variable(self, name: str) -> Location:
        """The place that sets an environment variable; that of the environment, or of the service, where nothing does."""
        if self.environment.has(name):
            return self.environment.locate((name,))
        return self.definition.locate(("environment",))


def _words(value: object) -> list[str]:
    """The texts of a list; of a value that should be one, the value itself."""
    listed = value if isinstance(value, list | tuple) else [value]
    return [str(each) for each in listed if each is not None]
