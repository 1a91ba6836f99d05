"""
Who talks to whom: a network for each conversation, so that nobody else hears it or can join in.

Networks between services are internal: nothing on them reaches the world outside, and nothing outside reaches
them. A service that has to reach out has a network of its own for that.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.catalogue.prerequisites import reaches_out
from orthgen.deployment import naming
from orthgen.products.services import Network
from orthgen.profile.deployment import SUBNET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.deployment.model import Deployment

    Members = tuple[Network, tuple[str, ...]]

_EDGE = Network(
    "edge",
    "Published web ports. nginx reaches only hosts with a route back to it.",
    publishes=True,
)

# Where the addresses of each network begin in `compose.subnets`: a fixed place, so that no change of the profile moves
# another network.
_PLACES = (
    "edge",
    "nginx-orthanc",
    "nginx-ohif",
    "orthanc-orthanc-auth-service",
    "orthanc-orthanc-db",
    "keycloak-clients",
    "keycloak-keycloak-db",
    "orthanc-outside",
    "keycloak-outside",
    "orthanc-auth-service-outside",
    "certbot-outside",
    "keycloak-local",
)


def conversations(deployment: Deployment) -> Mapping[Network, tuple[str, ...]]:
    """Every network of the deployment with the services that are on it."""
    found = (*_between(deployment), *_outwards(deployment))
    subnets = deployment.profile.deployment.compose.subnets
    if subnets is None:
        return dict(found)
    parts = list(IPv4Network(subnets).subnets(new_prefix=SUBNET_PREFIX))
    return {
        replace(network, subnet=str(parts[_PLACES.index(network.name)])): members
        for network, members in found
    }


def _pair(first: str, second: str, purpose: str) -> Members:
    return Network(f"{first}-{second}", purpose), (first, second)


def _between(deployment: Deployment) -> Iterator[Members]:
    yield _EDGE, (naming.NGINX,)
    yield _pair(naming.NGINX, naming.ORTHANC, "Web requests to Orthanc.")
    if deployment.ohif is not None and deployment.ohif.in_container:
        yield _pair(naming.NGINX, naming.OHIF, "Requests for OHIF's files.")
    yield _pair(naming.ORTHANC, naming.AUTH_SERVICE, "Orthanc asks who may do what.")
    if deployment.profile.archive.storage.database == "postgresql":
        yield _pair(naming.ORTHANC, naming.ORTHANC_DB, "Orthanc's index.")
    if deployment.has_own_keycloak:
        # One network for two conversations: the host's pool of addresses is small, and nginx sees every token anyway.
        yield (
            Network(
                "keycloak-clients",
                "Requests to Keycloak: nginx's, and the auth-service's for key and roles.",
            ),
            (naming.NGINX, naming.AUTH_SERVICE, naming.KEYCLOAK),
        )
        yield _pair(naming.KEYCLOAK, naming.KEYCLOAK_DB, "Keycloak's users and sessions.")


def _outwards(deployment: Deployment) -> Iterator[Members]:
    if deployment.publishes_dicom or _orthanc_reaches_out(deployment):
        purpose = "DICOM peers, object storage and other servers."
        yield _outward(naming.ORTHANC, purpose, publishes=deployment.publishes_dicom)
    if deployment.has_own_keycloak:
        has_port = deployment.profile.identity.keycloak.local_port is not None
        if _keycloak_reaches_out(deployment):
            purpose = "Identity providers, directories and the mail server."
            yield _outward(naming.KEYCLOAK, purpose, publishes=has_port)
        elif has_port:
            # The host hands nothing to a service that has internal networks only.
            purpose = "The port on 127.0.0.1 leads here; Keycloak reaches nothing this way."
            yield Network(f"{naming.KEYCLOAK}-local", purpose, publishes=True), (naming.KEYCLOAK,)
    else:
        yield _outward(naming.AUTH_SERVICE, "The institution's Keycloak.")
    tls = deployment.profile.deployment.tls
    if tls is not None and tls.letsencrypt is not None:
        yield _outward(naming.CERTBOT, "Let's Encrypt.")


def _outward(service: str, purpose: str, *, publishes: bool = False) -> Members:
    return Network(f"{service}-outside", purpose, reaches_out=True, publishes=publishes), (service,)


def _orthanc_reaches_out(deployment: Deployment) -> bool:
    archive = deployment.profile.archive
    has_peers = bool(archive.modalities) or reaches_out(archive.settings)
    return has_peers or archive.storage.files.s3 is not None


def _keycloak_reaches_out(deployment: Deployment) -> bool:
    """Accounts kept in Keycloak itself need nobody; a SAML provider is asked for its keys."""
    identity = deployment.profile.identity
    return identity.smtp is not None or any(way.accounts is None for way in identity.sign_in)
