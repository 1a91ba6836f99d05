"""PostgreSQL of a deployment: whether it has one of its own, and the connections that each part opens at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthgen.profile.root import Profile

# The size of Keycloak's pool; its own default, 100, is all that a PostgreSQL has by default.
KEYCLOAK_CONNECTIONS = 20
# The health check of a database outside.
CHECK_CONNECTIONS = 1


def has_own_database(profile: Profile) -> bool:
    """Whether the deployment has a PostgreSQL of its own, for the index or for Keycloak."""
    storage, keycloak = profile.archive.storage, profile.identity.keycloak
    has_index = storage.database == "postgresql" and storage.postgresql is None
    return has_index or (keycloak.server is None and keycloak.postgresql is None)


def keycloak_connections(profile: Profile) -> int:
    """The connections of every Keycloak of the deployment: in a cluster there are several."""
    kubernetes = profile.deployment.kubernetes
    return KEYCLOAK_CONNECTIONS * (kubernetes.replicas if kubernetes is not None else 1)


def orthanc_connections(profile: Profile) -> int:
    """The connections of every Orthanc: files are not kept in the database, so nothing but the index opens any."""
    return profile.archive.storage.connections * (1 + max_readers(profile))


def max_readers(profile: Profile) -> int:
    """The largest number of readers that run at the same time."""
    kubernetes = profile.deployment.kubernetes
    autoscaler = kubernetes.autoscaler if kubernetes is not None else None
    return autoscaler.max_readers if autoscaler is not None else profile.archive.replicas.readers
