"""
The model of an observed deployment: what its files, requests and log lines say, with the place of each value.

Anything may be missing. A reader fills in what it recognises; a rule looks only at what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from msgspec import Struct

from orthgen.findings import Finding, Location
from orthgen.formats.yaml_io import Document
from orthgen.observed.settings import Settings


class SourceKind(StrEnum):
    """The kind of a text that was read."""

    ORTHANC = "Orthanc configuration"
    COMPOSE = "Docker Compose file"
    DOCKERFILE = "Dockerfile"
    ENVIRONMENT = "environment file"
    PERMISSIONS = "auth-service permissions"
    ANONYMOUS_PROFILE = "anonymous profile"
    REALM = "Keycloak realm export"
    NGINX = "nginx configuration"
    CADDY = "Caddyfile"
    APACHE = "Apache configuration"
    HAPROXY = "HAProxy configuration"
    IIS = "IIS configuration"
    OHIF = "OHIF configuration"
    HELM = "Helm values"
    MANIFEST = "Kubernetes manifest"
    HAR = "HAR recording"
    HTTP = "HTTP request or response"
    TOKEN = "JSON Web Token"  # noqa: S105 - the name of a kind
    LOG = "log"
    ORTHGEN = "file that only orthgen writes"
    SECRET = "secret file"  # noqa: S105 - the name of a kind
    EMPTY = "empty"
    UNKNOWN = "text of unknown kind"


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


class Source(Struct, frozen=True):
    """A file, or a part of a pasted text, and what it was taken for. `first_line` is its line in the file."""

    file: str
    kind: SourceKind
    first_line: int = 1
    is_complete: bool = True
    """False for an excerpt: a key that is not there may stand in the part that was not pasted."""


class ImageName(Struct, frozen=True):
    """The name of an image as written: `orthancteam/orthanc`, its tag (empty where there is none), its digest."""

    repository: str
    tag: str
    digest: str
    location: Location


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


class Orthanc(Struct, frozen=True, dict=True):
    """
    An Orthanc: its effective configuration, and its container where a Compose file shows it.

    `settings` is all that its files and variables state; `defaults` is what the image adds. `release` is the image's tag in the form of the catalogue's releases; empty where it is not known.
    `plugins` are the plugins that load, by the names of the catalogue; None where the image is not known.
    `is_complete` is False where only an excerpt of the configuration was read.
    """

    name: str
    settings: Settings
    service: Service | None = None
    release: str = ""
    plugins: frozenset[str] | None = None
    is_complete: bool = True
    defaults: Settings = Settings()

    @cached_property
    def effective(self) -> Settings:
        """The stated settings above the defaults of the image; Orthanc's own defaults are not in it."""
        return Settings((*self.defaults.layers, *self.settings.layers))


class AuthService(Struct, frozen=True):
    """An auth-service: its container where a Compose file shows it, permissions.json and the anonymous profile where read."""

    service: Service | None = None
    release: str = ""
    permissions: Document | None = None
    anonymous_profile: Document | None = None

    @property
    def replaced_permissions(self) -> Location | None:
        """The place that puts another file in place of the image's permissions.json, read or not; None where there is none."""
        service = self.service
        if service is None:
            return None
        if service.variable("PERMISSIONS_FILE_PATH"):
            return service.locate_variable("PERMISSIONS_FILE_PATH")
        mounts = (mount for mount in service.mounts if mount.target.endswith("/permissions.json"))
        return next((mount.location for mount in mounts), None)

    @property
    def has_shipped_roles(self) -> bool:
        """Whether the image's own permissions.json is in force."""
        return self.service is not None and self.permissions is None and self.replaced_permissions is None


class Keycloak(Struct, frozen=True):
    """A Keycloak: its container where a Compose file shows it, and the realms whose exports were read."""

    service: Service | None = None
    version: str = ""
    realms: tuple[Document, ...] = ()


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


# As many directives of the levels around a location are kept with it; configurations of people have fewer than 100.
MAX_INHERITED = 300


class Directive(Struct, frozen=True):
    """A directive of a proxy's configuration, with its arguments."""

    name: str
    arguments: tuple[str, ...]
    location: Location


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
        found = [listen.arguments[0] for listen in self.listens if listen.arguments]
        return bool(found) and all(
            address.startswith(("127.", "[::1]", "localhost", "unix:")) for address in found
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


class Ohif(Struct, frozen=True):
    """OHIF's app-config.js as data; the values that are code are left out of it."""

    settings: Settings
    service: Service | None = None


class Header(Struct, frozen=True):
    """A header of a request or response. The value of a secret one is replaced by what it is (`Bearer …`)."""

    name: str
    value: str
    location: Location


class Exchange(Struct, frozen=True):
    """A request and its response, as far as they were seen. `status` is 0 without a response; `tokens` are decoded."""

    method: str
    target: str
    headers: tuple[Header, ...]
    location: Location
    status: int = 0
    response_headers: tuple[Header, ...] = ()
    response_body: str = ""
    response_location: Location | None = None
    tokens: tuple[ObservedToken, ...] = ()
    scheme: str = ""
    """`http` or `https`; empty where the request does not tell."""

    def header(self, name: str) -> str | None:
        """The value of a request header, whatever its case."""
        return next((each.value for each in self.headers if each.name.lower() == name.lower()), None)

    def response_header(self, name: str) -> str | None:
        """The value of a response header, whatever its case."""
        return next((each.value for each in self.response_headers if each.name.lower() == name.lower()), None)


class ObservedToken(Struct, frozen=True):
    """A decoded token: its header and claims, where it was seen, and what carried it (`Authorization`, `token`, `?token`)."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    location: Location
    carrier: str = ""


class LogLine(Struct, frozen=True):
    """A line of a log: the product that wrote it, its message without time and thread, as written."""

    product: Product
    message: str
    location: Location
    time: str = ""


class Question(Struct, frozen=True):
    """A sentence of a pasted text that asks something, or says that something else was expected."""

    text: str
    location: Location


class ObservedDeployment(Struct, frozen=True, dict=True):
    """All that was read. `texts` are the sources, redacted, for excerpts; `prose` has lines of no form; `unseen` says what is missing."""

    sources: tuple[Source, ...] = ()
    texts: Mapping[str, str] = {}
    compose: Settings = Settings()
    """The Compose files, merged: `name`, `volumes`, `networks`, `secrets` and `configs`; `services` has the services resolved."""
    services: tuple[Service, ...] = ()
    orthancs: tuple[Orthanc, ...] = ()
    auth_services: tuple[AuthService, ...] = ()
    keycloaks: tuple[Keycloak, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    ohifs: tuple[Ohif, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    tokens: tuple[ObservedToken, ...] = ()
    log_lines: tuple[LogLine, ...] = ()
    prose: tuple[LogLine, ...] = ()
    questions: tuple[Question, ...] = ()
    rendered_profile: Document | None = None
    """The profile in a folder that orthgen rendered for a cluster, where a Job provisions Keycloak from it."""
    findings: tuple[Finding, ...] = ()
    """Problems of the files themselves: syntax, duplicate keys, an undefined variable."""
    unseen: tuple[str, ...] = ()
    """What could not be seen and would have told more, one sentence each."""

    def service(self, name: str) -> Service | None:
        """The service of that name."""
        return next((each for each in self.services if each.name == name), None)

    @cached_property
    def hosts(self) -> Mapping[str, Service]:
        """The services by their host names inside the networks of Compose; the first one of each name."""
        return {name: service for service in reversed(self.services) for name in service.host_names}

    @cached_property
    def publishers(self) -> Mapping[str, Service]:
        """The services by the ports of this machine that they publish; the first one of each port."""
        return {port.published: service for service in reversed(self.services) for port in service.ports}

    def is_complete(self, *kinds: SourceKind) -> bool:
        """Whether sources of all these kinds were read, none of them an excerpt."""
        return all(
            any(source.kind is kind for source in self.sources)
            and all(source.is_complete for source in self.sources if source.kind is kind)
            for kind in kinds
        )
