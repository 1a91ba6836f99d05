"""
The resolved deployment of a profile, with nothing left to default.

A `Deployment` holds the profile it came from for the parts in which there is nothing to resolve (modalities,
identity providers, limits), and beside it everything that is derived. Documents, targets, the realm and the
access model read this and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

from orthgen.deployment import naming
from orthgen.deployment.databases import external_index, external_keycloak_database
from orthgen.deployment.platform import COMPOSE_PLATFORM, KUBERNETES_PLATFORM
from orthgen.profile.host_ports import STANDARD_PORTS
from orthgen.profile.memory import trial_memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.catalogue import Release
    from orthgen.deployment.databases import ExternalDatabase
    from orthgen.deployment.platform import Platform
    from orthgen.profile.deployment import LetsEncrypt
    from orthgen.profile.first_accounts import FirstAccount
    from orthgen.profile.host_ports import HostPorts
    from orthgen.profile.kubernetes import Kubernetes
    from orthgen.profile.memory import Memory
    from orthgen.profile.root import Profile
    from orthgen.viewers.base import Contribution


class Origin(Struct, frozen=True):
    """The one public origin. `host` has brackets where it is an IPv6 address; `port` is always set."""

    scheme: Literal["http", "https"]
    host: str
    port: int

    @property
    def url(self) -> str:
        """The origin as browsers spell it, without a trailing slash."""
        standard = STANDARD_PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if self.port == standard else f":{self.port}")

    @property
    def is_local(self) -> bool:
        """Whether only this machine's browsers reach it; for these, plain http is a secure context."""
        return self.host in {"localhost", "127.0.0.1", "[::1]"} or self.host.endswith(".localhost")


class Addresses(Struct, frozen=True):
    """Every URL and path that more than one file carries. Paths and roots end in `/`."""

    orthanc_path: str
    keycloak_path: str
    orthanc_root: str
    landing_page: str
    keycloak_public: str
    """Keycloak as browsers reach it, ending in `/`."""
    keycloak_admin: str
    """Keycloak as administrators reach its admin API, ending in `/`: on the host's loopback where the profile says so."""
    keycloak_internal: str
    """Keycloak as the auth-service reaches it, ending in `/`."""

    @property
    def dicomweb_path(self) -> str:
        """DicomWeb.PublicRoot."""
        return self.orthanc_path.rstrip("/") + naming.DICOMWEB_ROOT

    @property
    def explorer_path(self) -> str:
        """Orthanc Explorer 2's application."""
        return self.orthanc_path.rstrip("/") + naming.EXPLORER_ROOT + "app/"


class TagRule(Struct, frozen=True):
    """Studies whose tags all match get the label; each value is a pattern with `*`, `?` and `|`."""

    tags: tuple[tuple[str, str], ...]


class LabelCollection(Struct, frozen=True):
    """A collection with its label in Orthanc and the rules that gather studies into it."""

    name: str
    title: str
    label: str
    called_aets: tuple[str, ...]
    tag_rules: tuple[TagRule, ...]


class CollectionAet(Struct, frozen=True):
    """
    An application entity title that gathers studies, with the labels that a study sent to it gets.

    The plugin gives every title a port of its own, `port` inside the deployment; `Deployment.host_ports` has the host's.
    """

    aet: str
    labels: tuple[str, ...]
    port: int


class Grant(Struct, frozen=True):
    """A rule that grants a role: a claim, attribute or group of a sign-in method, or a Keycloak group."""

    source: str
    """The alias of a sign-in method, or `group`."""
    value: str


class RoleRights(Struct, frozen=True):
    """
    A role in the auth-service's terms: permissions and authorized labels (`*`: every study).

    `reports` is whether it may save reports, which the guard asks for.
    """

    name: str
    title: str
    permissions: tuple[str, ...]
    labels: tuple[str, ...]
    grants: tuple[Grant, ...]
    reports: bool = False
    renamed_from: str = ""

    @property
    def sees_everything(self) -> bool:
        """Whether the role is limited to no label."""
        return "*" in self.labels


class Anonymous(Struct, frozen=True):
    """The rights of people who are not signed in: the auth-service's anonymous profile."""

    permissions: tuple[str, ...]
    labels: tuple[str, ...]


class SecretFile(Struct, frozen=True):
    """
    A secret of the deployment: `made` by `orthgen secrets`, or `given` by a person.

    `typed_length` is how many characters it has at least where a person types it; 0 where only programs read it.
    """

    name: str
    origin: Literal["made", "given"]
    purpose: str
    typed_length: int = 0


class Deployment(Struct, frozen=True):
    """The complete set of services and settings that a profile implies."""

    source: str
    """The profile's file name, for the headers of generated files."""
    profile: Profile
    release: Release
    origin: Origin
    addresses: Addresses
    collections: tuple[LabelCollection, ...]
    roles: tuple[RoleRights, ...]
    anonymous: Anonymous
    viewers: tuple[Contribution, ...]
    share_type: str | None
    instant_link_seconds: int
    """The life of the links that viewers and downloads use."""
    host_ports: HostPorts
    collection_aets: tuple[CollectionAet, ...]
    """The titles that gather studies, in the profile's order; their ports count up from the first."""
    first_accounts: tuple[FirstAccount, ...]
    secrets: tuple[SecretFile, ...]
    project: str
    """The compose project's name."""
    lock: Mapping[str, str] = field(default_factory=dict)
    """Digests of images, by reference: `nginx:1.30.6` to `sha256:…`."""

    @property
    def images(self) -> tuple[str, ...]:
        """The references of all images that the deployment runs, without digests."""
        used = {
            "orthanc": True,
            "auth-service": True,
            "nginx": True,
            "keycloak": self.has_own_keycloak,
            "postgres": self._uses_postgres_image,
            "certbot": self.letsencrypt is not None,
        }
        used |= {viewer.container: True for viewer in self.viewers}
        return tuple(reference for name, reference in self.release.images.items() if used.get(name))

    @property
    def _uses_postgres_image(self) -> bool:
        """Whether a database runs in it or, on a host, the check of one outside."""
        if self.kubernetes is None:
            return self.has_own_keycloak or self.profile.archive.storage.database == "postgresql"
        has_keycloak_database = self.has_own_keycloak and self.external_keycloak_database is None
        return not self.has_database_operator and (self.has_index_container or has_keycloak_database)

    def viewer(self, name: str) -> Contribution | None:
        """The contribution of viewer `name`; None where the profile does not enable it."""
        return next((viewer for viewer in self.viewers if viewer.name == name), None)

    @property
    def viewer_containers(self) -> tuple[str, ...]:
        """The services of the viewers that run in containers of their own."""
        return tuple(viewer.container for viewer in self.viewers if viewer.container)

    def image(self, name: str) -> str:
        """The reference of image `name` as it is pulled: with its digest, where the lock holds one."""
        reference = self.release.images[name]
        digest = self.lock.get(reference)
        return f"{reference}@{digest}" if digest is not None else reference

    @property
    def memory(self) -> Memory:
        """The memory limits; without limits in the profile, a trial on localhost gets smaller defaults."""
        settings = self.kubernetes or self.profile.deployment.compose
        is_trial = self.origin.is_local and "memory" not in settings.model_fields_set
        return trial_memory() if is_trial else settings.memory

    @property
    def reader_memory(self) -> str:
        """The memory limit of each reader."""
        return self.memory.reader or self.memory.orthanc

    @property
    def kubernetes(self) -> Kubernetes | None:
        """The settings of the cluster; None for Docker Compose."""
        return self.profile.deployment.kubernetes

    @property
    def target(self) -> Literal["compose", "kubernetes"]:
        """The name of the target that the profile is for."""
        return "compose" if self.kubernetes is None else "kubernetes"

    @property
    def replicas(self) -> int:
        """The number of containers of each service that can have several."""
        return self.kubernetes.replicas if self.kubernetes is not None else 1

    @property
    def readers(self) -> tuple[str, ...]:
        """
        The services of the readers: Orthancs that only read, on the database and the files of the ingest node.

        In a cluster they are the pods of one service.
        """
        count = self.profile.archive.replicas.readers
        if self.kubernetes is not None:
            return (naming.READER,) if count else ()
        return tuple(naming.reader(number) for number in range(1, count + 1))

    @property
    def orthancs(self) -> tuple[str, ...]:
        """The service of every Orthanc; the first is the ingest node, which does everything that a reader does not."""
        return (naming.ORTHANC, *self.readers)

    @property
    def letsencrypt(self) -> LetsEncrypt | None:
        """Let's Encrypt's settings if certbot runs; in a cluster, cert-manager gets certificates."""
        tls = self.profile.deployment.tls
        return tls.letsencrypt if tls is not None and self.kubernetes is None else None

    @property
    def platform(self) -> Platform:
        """The name server, the ports and the health page that containers have where they run."""
        return COMPOSE_PLATFORM if self.kubernetes is None else KUBERNETES_PLATFORM

    @property
    def has_database_operator(self) -> bool:
        """Whether an operator of the cluster runs the databases."""
        return self.kubernetes is not None and self.kubernetes.database.cloudnative_pg is not None

    @property
    def ends_tls(self) -> bool:
        """Whether nginx ends TLS, and neither a proxy in front nor an ingress controller."""
        tls = self.profile.deployment.tls
        entry = self.kubernetes.entry if self.kubernetes is not None else None
        has_ingress = entry is not None and entry.ingress is not None
        return tls is not None and tls.terminated_by is None and not has_ingress

    @property
    def has_own_keycloak(self) -> bool:
        """Whether the deployment carries a Keycloak of its own."""
        return self.profile.identity.keycloak.server is None

    @property
    def has_index_container(self) -> bool:
        """Whether the deployment carries a PostgreSQL of its own for Orthanc's index."""
        return self.profile.archive.storage.database == "postgresql" and self.external_index is None

    @property
    def external_index(self) -> ExternalDatabase | None:
        """The database of Orthanc's index on a server outside of the deployment."""
        return external_index(self.profile)

    @property
    def external_keycloak_database(self) -> ExternalDatabase | None:
        """Keycloak's database on a server outside of the deployment."""
        return external_keycloak_database(self.profile)

    @property
    def external_databases(self) -> tuple[ExternalDatabase, ...]:
        """The databases on servers outside of the deployment."""
        databases = (self.external_index, self.external_keycloak_database)
        return tuple(database for database in databases if database is not None)

    @property
    def has_own_authority(self) -> bool:
        """Whether nginx's certificate comes from an authority that `orthgen secrets` makes."""
        tls = self.profile.deployment.tls
        return tls is not None and tls.own_authority is not None

    @property
    def needs_admin_client(self) -> bool:
        """Whether the auth-service has to ask Keycloak about users and roles (API keys, permission editor)."""
        identity = self.profile.identity
        return identity.api_keys or identity.permission_editor

    @property
    def gathers_by_aet(self) -> bool:
        """Whether some collection has application entity titles of its own."""
        return any(collection.called_aets for collection in self.collections)

    @property
    def gathers_by_tags(self) -> bool:
        """Whether some collection gathers studies by their tags."""
        return any(collection.tag_rules for collection in self.collections)

    @property
    def speaks_dicom(self) -> bool:
        """Whether DICOM peers reach Orthanc from outside the deployment."""
        archive = self.profile.archive
        return archive.dicom is not None or bool(archive.modalities) or self.gathers_by_aet

    @property
    def publishes_dicom(self) -> bool:
        """Whether the host publishes the DICOM ports."""
        return self.host_ports.dicom is not None
