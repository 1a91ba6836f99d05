"""
The networks of a deployment, and the services on each.

A service shares a network only with those that it talks to, or that could reach it anyway; docs/security.md says why
each pair may. The engine's own pools hold few networks, so none is made whose separation protects nothing. Networks
between services are internal: they neither reach the world outside nor are reached from there. A service that has to
reach out has a network of its own for that.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.catalogue.prerequisites import reaches_out
from orthgen.deployment import naming
from orthgen.products.services import Network
from orthgen.profile.deployment import SUBNET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.deployment.databases import ExternalDatabase
    from orthgen.deployment.model import Deployment

    Members = tuple[Network, tuple[str, ...]]

# Where the addresses of each network begin in `compose.subnets`: a fixed place, so that no change of the profile moves
# another network.
_SUBNET_ORDER = (
    "edge",
    "nginx-to-orthanc",
    "orthanc-to-backends",
    "clients-to-keycloak",
    "keycloak-to-database",
    "orthanc-to-outside",
    "keycloak-to-outside",
    "orthanc-auth-service-to-outside",
    "certbot-to-outside",
)


def network_members(deployment: Deployment) -> Mapping[Network, tuple[str, ...]]:
    """Every network of the deployment with the services that are on it."""
    networks_and_members = (*_internal(deployment), *_outbound(deployment))
    subnets = deployment.profile.deployment.compose.subnets
    if subnets is None:
        return dict(networks_and_members)
    parts = list(islice(IPv4Network(subnets).subnets(new_prefix=SUBNET_PREFIX), len(_SUBNET_ORDER)))
    return {
        replace(network, subnet=str(parts[_SUBNET_ORDER.index(network.name)])): members
        for network, members in networks_and_members
    }


def _internal(deployment: Deployment) -> Iterator[Members]:
    yield _edge(deployment)
    yield Network("nginx-to-orthanc", "Web requests to Orthanc."), (naming.NGINX, *deployment.orthancs)
    backends: tuple[str, ...] = (*deployment.orthancs, naming.AUTH_SERVICE)
    if deployment.has_index_container:
        backends = (*backends, naming.ORTHANC_DB)
    yield Network("orthanc-to-backends", "Orthanc asks for rights, and for its index."), backends
    if deployment.has_own_keycloak:
        yield (
            Network(
                "clients-to-keycloak",
                "Requests to Keycloak: nginx's, and the auth-service's for key and roles.",
            ),
            (naming.NGINX, naming.AUTH_SERVICE, naming.KEYCLOAK),
        )
        if deployment.external_keycloak_database is None:
            yield (
                Network("keycloak-to-database", "Keycloak's users and sessions."),
                (naming.KEYCLOAK, naming.KEYCLOAK_DB),
            )


def _edge(deployment: Deployment) -> Members:
    """The network of published web ports: nginx's, and Keycloak's on 127.0.0.1 without an outbound network."""
    members: tuple[str, ...] = (naming.NGINX, *deployment.viewer_containers)
    # The host hands nothing to a service that has internal networks only.
    if _has_local_port(deployment) and not _keycloak_reaches_out(deployment):
        members = (*members, naming.KEYCLOAK)
    purpose = "Published web ports. From here only hosts with a route back are reached."
    return Network("edge", purpose, publishes=True), members


def _outbound(deployment: Deployment) -> Iterator[Members]:
    if deployment.publishes_dicom or _orthanc_reaches_out(deployment):
        purpose = "DICOM peers, object storage and other servers."
        yield _outbound_network(
            naming.ORTHANC,
            purpose,
            publishes=deployment.publishes_dicom,
            database=deployment.external_index,
            others=deployment.readers if _storage_is_outside(deployment) else (),
        )
    if not deployment.has_own_keycloak:
        yield _outbound_network(naming.AUTH_SERVICE, "The institution's Keycloak.")
    elif _keycloak_reaches_out(deployment):
        purpose = "Identity providers, directories and the mail server."
        yield _outbound_network(
            naming.KEYCLOAK,
            purpose,
            publishes=_has_local_port(deployment),
            database=deployment.external_keycloak_database,
        )
    if deployment.letsencrypt is not None:
        yield _outbound_network(naming.CERTBOT, "Let's Encrypt.")


def _outbound_network(
    service: str,
    purpose: str,
    *,
    publishes: bool = False,
    database: ExternalDatabase | None = None,
    others: tuple[str, ...] = (),
) -> Members:
    checks = (database.check,) if database is not None else ()
    members = (service, *others, *checks)
    return Network(f"{service}-to-outside", purpose, reaches_out=True, publishes=publishes), members


def _orthanc_reaches_out(deployment: Deployment) -> bool:
    archive = deployment.profile.archive
    has_peers = bool(archive.modalities) or reaches_out(archive.settings)
    return has_peers or _storage_is_outside(deployment)


def _storage_is_outside(deployment: Deployment) -> bool:
    """Whether Orthanc reaches its files or its index over a network that the deployment does not have."""
    return deployment.profile.archive.storage.files.s3 is not None or deployment.external_index is not None


def _keycloak_reaches_out(deployment: Deployment) -> bool:
    """Accounts kept in Keycloak itself need nobody; a SAML provider is asked for its keys."""
    identity = deployment.profile.identity
    has_servers = identity.smtp is not None or deployment.external_keycloak_database is not None
    return has_servers or any(method.accounts is None for method in identity.sign_in)


def _has_local_port(deployment: Deployment) -> bool:
    return deployment.has_own_keycloak and deployment.host_ports.keycloak is not None
