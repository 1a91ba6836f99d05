"""
Connections of a deployment: each part, the parts and servers that it talks to, and whether the line is encrypted.

A connection inside the host stays on the host's internal networks, which `targets/services/networks.py` makes. In a cluster,
`targets/kubernetes/network_policies.py` allows these connections and no other.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from orthgen.catalogue.prerequisites import PrerequisiteKind, needs
from orthgen.deployment import naming
from orthgen.profile.host_ports import STANDARD_PORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.databases import ExternalDatabase
    from orthgen.deployment.model import Deployment
    from orthgen.profile.identity import SignIn

BROWSERS = "browsers"
PROXY = "proxy"
DICOM_DEVICES = "dicom-devices"
OBJECT_STORAGE = "object-storage"
DATABASE_SERVER = "database-server"
FILE_SERVER = "file-server"
OTHER_SERVERS = "other-servers"
MAIL_SERVER = "mail-server"
LETS_ENCRYPT = "letsencrypt"
INSTITUTION_KEYCLOAK = "institution-keycloak"
PROVIDER = "provider:"
"""Prefix of an identity provider's name, before its alias."""


_OPENID_CONNECT = "OpenID Connect"
_SCHEME_PORTS = {**STANDARD_PORTS, "ldaps": 636, "ldap": 389}


class Encryption(StrEnum):
    """What protects a connection."""

    ENCRYPTED = "encrypted"
    ON_HOST = "on-host"
    """Not encrypted, and never outside the host."""
    NONE = "none"
    """Not encrypted, and outside the host."""


class Connection(Struct, frozen=True):
    """A connection from the part that opens it; `address` is a URL, or host and port, empty inside the host."""

    source: str
    target: str
    protocol: str
    address: str
    encryption: Encryption
    count: int = 1
    """How many devices it stands for."""

    @property
    def port(self) -> int:
        """The port of a server outside; 0 where nothing tells it."""
        if self.protocol == _OPENID_CONNECT and not self.address:
            return _SCHEME_PORTS["https"]
        parts = urlsplit(self.address if "://" in self.address else f"//{self.address}")
        return parts.port or _SCHEME_PORTS.get(parts.scheme, 0)


def connections(deployment: Deployment) -> tuple[Connection, ...]:
    """Every connection, from the browsers inwards, then outwards."""
    return (
        *_web(deployment),
        *_dicom(deployment),
        *_inside(deployment),
        *_storage(deployment),
        *_identity(deployment),
    )


def _web(deployment: Deployment) -> Iterator[Connection]:
    origin, tls = deployment.origin, deployment.profile.deployment.tls
    if tls is not None and tls.terminated_by == "proxy":
        bind = deployment.profile.deployment.compose.bind or "*"
        yield Connection(BROWSERS, PROXY, "HTTPS", origin.url, Encryption.ENCRYPTED)
        yield Connection(
            PROXY, naming.NGINX, "HTTP", f"{bind}:{deployment.host_ports.http.port}", Encryption.NONE
        )
    else:
        encryption = _web_encryption(origin.scheme, is_local=origin.is_local)
        yield Connection(BROWSERS, naming.NGINX, origin.scheme.upper(), origin.url, encryption)
    if deployment.letsencrypt is not None:
        address = "acme-v02.api.letsencrypt.org:443"
        yield Connection(naming.CERTBOT, LETS_ENCRYPT, "HTTPS", address, Encryption.ENCRYPTED)


def _web_encryption(scheme: str, *, is_local: bool) -> Encryption:
    if scheme == "https":
        return Encryption.ENCRYPTED
    return Encryption.ON_HOST if is_local else Encryption.NONE


def _dicom(deployment: Deployment) -> Iterator[Connection]:
    """DICOM peers in both directions: Orthanc of these deployments speaks DICOM without TLS."""
    if deployment.publishes_dicom:
        ports = [deployment.host_ports.dicom, *deployment.host_ports.collections]
        address = ", ".join(f"{port.address or '*'}:{port.port}" for port in ports if port is not None)
        yield Connection(DICOM_DEVICES, naming.ORTHANC, "DICOM", address, Encryption.NONE)
    modalities = deployment.profile.archive.modalities
    if modalities:
        address = ", ".join(f"{modality.host}:{modality.port}" for modality in modalities.values())
        yield Connection(
            naming.ORTHANC, DICOM_DEVICES, "DICOM", address, Encryption.NONE, count=len(modalities)
        )


def _inside(deployment: Deployment) -> Iterator[Connection]:
    for orthanc in _orthancs(deployment):
        yield _on_host(naming.NGINX, orthanc, "HTTP")
    for container in deployment.viewer_containers:
        yield _on_host(naming.NGINX, container, "HTTP")
    for orthanc in _orthancs(deployment):
        yield _on_host(orthanc, naming.AUTH_SERVICE, "HTTP")
        if deployment.has_index_container:
            yield _on_host(orthanc, naming.ORTHANC_DB, "PostgreSQL")
    if deployment.has_own_keycloak:
        yield _on_host(naming.NGINX, naming.KEYCLOAK, "HTTP")
        yield _on_host(naming.AUTH_SERVICE, naming.KEYCLOAK, "HTTP")
        if deployment.external_keycloak_database is None:
            yield _on_host(naming.KEYCLOAK, naming.KEYCLOAK_DB, "PostgreSQL")


def _orthancs(deployment: Deployment) -> tuple[str, ...]:
    """Orthanc, and its readers as one part, because each has the same connections."""
    return (naming.ORTHANC, naming.READER) if deployment.readers else (naming.ORTHANC,)


def _on_host(source: str, target: str, protocol: str) -> Connection:
    return Connection(source, target, protocol, "", Encryption.ON_HOST)


def _storage(deployment: Deployment) -> Iterator[Connection]:
    archive = deployment.profile.archive
    if deployment.external_index is not None:
        for orthanc in _orthancs(deployment):
            yield _to_database(orthanc, deployment.external_index)
    if deployment.external_keycloak_database is not None:
        yield _to_database(naming.KEYCLOAK, deployment.external_keycloak_database)
    nfs = archive.storage.files.nfs
    if nfs is not None:
        for orthanc in _orthancs(deployment):
            yield Connection(orthanc, FILE_SERVER, "NFS", f"{nfs.server}:{nfs.path}", Encryption.NONE)
    s3 = archive.storage.files.s3
    if s3 is not None:
        for orthanc in _orthancs(deployment):
            yield _to_url(orthanc, OBJECT_STORAGE, s3.url, "S3")
    for rule, path, _ in needs(archive.settings):
        if rule.need is PrerequisiteKind.NETWORK:
            # What a raw setting reaches is the author's: nothing says that it is encrypted.
            yield Connection(naming.ORTHANC, OTHER_SERVERS, ".".join(path), "", Encryption.NONE)


def _to_database(source: str, database: ExternalDatabase) -> Connection:
    encryption = Encryption.ENCRYPTED if database.authority else Encryption.NONE
    return Connection(source, DATABASE_SERVER, "PostgreSQL", database.address, encryption)


def _identity(deployment: Deployment) -> Iterator[Connection]:
    identity = deployment.profile.identity
    if identity.keycloak.server is not None:
        yield _to_url(BROWSERS, INSTITUTION_KEYCLOAK, deployment.addresses.keycloak_public)
        yield _to_url(naming.AUTH_SERVICE, INSTITUTION_KEYCLOAK, deployment.addresses.keycloak_internal)
        return
    for method in identity.sign_in:
        yield from _provider(method)
    if identity.smtp is not None:
        encryption = Encryption.NONE if identity.smtp.encryption == "none" else Encryption.ENCRYPTED
        address = f"{identity.smtp.host}:{identity.smtp.port}"
        yield Connection(naming.KEYCLOAK, MAIL_SERVER, "SMTP", address, encryption)


def _provider(method: SignIn) -> Iterator[Connection]:
    name = PROVIDER + method.alias
    if method.ldap is not None:
        encrypted = method.ldap.url.startswith("ldaps://") or method.ldap.start_tls
        encryption = Encryption.ENCRYPTED if encrypted else Encryption.NONE
        yield Connection(naming.KEYCLOAK, name, "LDAP", method.ldap.url, encryption)
    elif method.saml is not None:
        if method.saml.metadata_url is not None:
            yield _to_url(naming.KEYCLOAK, name, method.saml.metadata_url, "SAML")
    elif method.oidc is not None:
        yield _to_url(naming.KEYCLOAK, name, method.oidc.issuer, _OPENID_CONNECT)
    elif method.brokered is not None:
        # Entra ID, Google and GitHub have https addresses only.
        yield Connection(naming.KEYCLOAK, name, _OPENID_CONNECT, "", Encryption.ENCRYPTED)


def _to_url(source: str, target: str, url: str, protocol: str = "") -> Connection:
    scheme = urlsplit(url).scheme
    encryption = Encryption.ENCRYPTED if scheme == "https" else Encryption.NONE
    return Connection(source, target, protocol or scheme.upper(), url, encryption)
