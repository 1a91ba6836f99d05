"""Properties of each service in a cluster that Docker Compose does not know: the kind of its workload, its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.deployment.model import Deployment

PROVISIONING = "provision-keycloak"
"""The component of the Job that provisions Keycloak."""


class ClusterComponent(Struct, frozen=True):
    """
    A service in a cluster.

    `has_replicas`: several pods of it can work at the same time. `is_exchanged_whole`: all old pods end before a new one starts.
    """

    image: str
    kind: Literal["Deployment", "StatefulSet"]
    has_replicas: bool = False
    is_exchanged_whole: bool = False


COMPONENTS: Mapping[str, ClusterComponent] = {
    naming.NGINX: ClusterComponent("nginx", "Deployment", has_replicas=True),
    # A StatefulSet never runs two pods of the same number: two Orthancs on one volume would damage it.
    naming.ORTHANC: ClusterComponent("orthanc", "StatefulSet"),
    # A reader does not run on a database whose schema a newer ingest node has changed (docs/replicas.md).
    naming.READER: ClusterComponent("orthanc", "Deployment", is_exchanged_whole=True),
    naming.ORTHANC_DB: ClusterComponent("postgres", "StatefulSet"),
    naming.AUTH_SERVICE: ClusterComponent("auth-service", "Deployment", has_replicas=True),
    # Pods of two versions cannot share their caches (Keycloak's upgrade guide, 26).
    naming.KEYCLOAK: ClusterComponent("keycloak", "Deployment", has_replicas=True, is_exchanged_whole=True),
    naming.KEYCLOAK_DB: ClusterComponent("postgres", "StatefulSet"),
    naming.OHIF: ClusterComponent("ohif", "Deployment", has_replicas=True),
}


def replicas(deployment: Deployment, name: str) -> int:
    """The number of pods of a service at its start."""
    if name == naming.READER:
        return deployment.profile.archive.replicas.readers
    # Roles that are edited in Orthanc Explorer 2 are a file of one pod.
    is_edited = name == naming.AUTH_SERVICE and deployment.profile.identity.permission_editor
    return deployment.replicas if COMPONENTS[name].has_replicas and not is_edited else 1


def has_several(deployment: Deployment, name: str) -> bool:
    """Whether a service has more than one pod, at its start or under load."""
    return replicas(deployment, name) > 1 or is_scaled(deployment, name)


def is_scaled(deployment: Deployment, name: str) -> bool:
    """Whether an autoscaler chooses the number of pods."""
    settings = deployment.kubernetes
    return name == naming.READER and settings is not None and settings.autoscaler is not None
