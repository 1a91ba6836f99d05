"""
The model of an observed deployment: its sources, products, containers, proxies and recordings, each value with its place.

Anything may be missing. A reader fills in what it recognises; a rule looks only at what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from orthgen.findings import Finding, Location
from orthgen.formats.yaml_io import Document
from orthgen.observed.proxy_model import Proxy
from orthgen.observed.recording_model import Exchange, LogLine, ObservedToken, Question
from orthgen.observed.service_model import Service
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


class Source(Struct, frozen=True):
    """A file, or a part of a pasted text, and what it was taken for. `first_line` is its line in the file."""

    file: str
    kind: SourceKind
    first_line: int = 1
    is_complete: bool = True
    """False for an excerpt: a key that is not there may stand in the part that was not pasted."""


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


class Ohif(Struct, frozen=True):
    """OHIF's app-config.js as data; the values that are code are left out of it."""

    settings: Settings
    service: Service | None = None


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
