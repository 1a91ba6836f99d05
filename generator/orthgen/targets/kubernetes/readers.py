"""Readers in a cluster: pods of one Deployment, which differ by what Kubernetes knows of each, and their autoscaler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.products.orthanc.reader import IDENTIFIER_VARIABLE
from orthgen.targets.kubernetes.container_settings import container, environment, resources
from orthgen.targets.kubernetes.manifest import KubernetesManifest, metadata

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service
    from orthgen.targets.kubernetes.volumes import Volume

# The largest archive that a reader builds.
ARCHIVES = "20g"


def shares_files(deployment: Deployment) -> bool:
    """Whether readers mount the volume of the ingest node."""
    return bool(deployment.readers) and not deployment.profile.archive.storage.files.model_fields_set


def reader_environment(service: Service) -> list[dict[str, Any]]:
    """The variables, with the name of the pod as its `DatabaseServerIdentifier`, which differs by replica."""
    shared = [entry for entry in service.environment.items() if entry[0] != IDENTIFIER_VARIABLE]
    return [
        *environment(shared),
        {"name": IDENTIFIER_VARIABLE, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    ]


def host_id_volume() -> Volume:
    """The number from which Orthanc makes UIDs: the pod's own, because the pods have the same files."""
    item = {"path": "hostid", "fieldRef": {"fieldPath": "metadata.uid"}}
    return {"name": "hostid", "downwardAPI": {"items": [item]}}, [
        {"name": "hostid", "mountPath": "/etc/hostid", "subPath": "hostid", "readOnly": True}
    ]


def waiting_container(deployment: Deployment, service: Service) -> dict[str, Any]:
    """A container that ends when the ingest node answers, which makes the tables of the database and changes them."""
    health = deployment.release.image("orthanc").health
    assert health is not None  # noqa: S101 - the catalogue has it
    ask = [word.replace("127.0.0.1", naming.ORTHANC) for word in health.test[1:]]
    return container(
        f"wait-for-{naming.ORTHANC}",
        service.image,
        resources(service.limits),
        command=["sh", "-c", 'until "$@" 2>/dev/null; do sleep 3; done', "wait", *ask],
    )


def autoscaler_manifest(deployment: Deployment, service: Service) -> KubernetesManifest:
    """The HorizontalPodAutoscaler of the readers."""
    assert deployment.kubernetes is not None  # noqa: S101 - this target's deployments have it
    autoscaler = deployment.kubernetes.autoscaler
    assert autoscaler is not None  # noqa: S101 - the caller asks for it
    # Of what a reader may use, and not of what it reserves, which is a quarter.
    processor = f"{round(float(service.limits.processors) * autoscaler.cpu * 10)}m"
    content = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(deployment, service.name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.name},
            "minReplicas": deployment.profile.archive.replicas.readers,
            "maxReplicas": autoscaler.max_readers,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": "cpu",
                        "target": {"type": "AverageValue", "averageValue": processor},
                    },
                }
            ],
        },
    }
    return KubernetesManifest(service.name, "horizontalpodautoscaler", "More readers under load.", content)
