"""Deployments, StatefulSets, Services, volume claims and disruption budgets of the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.targets.kubernetes.components import COMPONENTS, has_several, is_scaled, replicas
from orthgen.targets.kubernetes.manifest import KubernetesManifest, metadata, selector
from orthgen.targets.kubernetes.pods import container_ports, first_port, pod_template
from orthgen.targets.kubernetes.readers import autoscaler_manifest, shares_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service, VolumeMount
    from orthgen.profile.kubernetes import Claim
    from orthgen.targets.kubernetes.configuration import ConfigMap
    from orthgen.targets.kubernetes.init_containers import InitialCheck


def workload_manifests(
    deployment: Deployment,
    service: Service,
    config_map: ConfigMap | None,
    checks: Sequence[InitialCheck],
) -> Iterator[KubernetesManifest]:
    """Every object of a service of the deployment; its pods start after `checks`."""
    name = service.name
    yield _workload(deployment, service, pod_template(deployment, service, config_map, checks))
    if name != naming.NGINX:
        yield _service(deployment, service)
    for mount in service.volumes:
        # The volumes of readers are those of the ingest node, or end with the pod.
        if mount.volume.memory is None and not mount.volume.is_filled and name != naming.READER:
            yield _claim(deployment, service, mount)
    if is_scaled(deployment, name):
        yield autoscaler_manifest(deployment, service)
    if has_several(deployment, name):
        content = {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(deployment, name),
            "spec": {
                "maxUnavailable": 1,
                "selector": {"matchLabels": selector(deployment, name)},
                # A pod that is not ready never holds up a node's maintenance.
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
            },
        }
        yield KubernetesManifest(
            name, "poddisruptionbudget", "A node's maintenance stops one pod at a time.", content
        )


def _workload(deployment: Deployment, service: Service, template: dict[str, Any]) -> KubernetesManifest:
    component, name = COMPONENTS[service.name], service.name
    # Where an autoscaler chooses the number, each apply would reset it.
    number = {} if is_scaled(deployment, name) else {"replicas": replicas(deployment, name)}
    spec: dict[str, Any] = {
        **number,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": selector(deployment, name)},
    }
    if component.kind == "StatefulSet":
        spec["serviceName"] = name
    elif component.is_exchanged_whole:
        spec["strategy"] = {"type": "Recreate"}
    else:
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    spec["template"] = template
    content = {
        "apiVersion": "apps/v1",
        "kind": component.kind,
        "metadata": metadata(deployment, name),
        "spec": spec,
    }
    return KubernetesManifest(name, component.kind.lower(), service.purpose, content)


def _service(deployment: Deployment, service: Service) -> KubernetesManifest:
    name, ports = service.name, container_ports(deployment, service)
    main = first_port(ports)
    content = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(deployment, name),
        "spec": {
            "type": "ClusterIP",
            "selector": selector(deployment, name),
            "ports": [{"name": main, "port": ports[main], "targetPort": main, "protocol": "TCP"}],
        },
    }
    return KubernetesManifest(name, "service", f"The address of `{name}` inside the cluster.", content)


def _claim(deployment: Deployment, service: Service, mount: VolumeMount) -> KubernetesManifest:
    assert deployment.kubernetes is not None  # noqa: S101 - this target's deployments have it
    claims, volume = deployment.kubernetes.volumes, mount.volume
    is_database = COMPONENTS[service.name].image == "postgres"
    # Roles that are edited in Orthanc Explorer 2 are one small file.
    size = "1Gi" if service.name == naming.AUTH_SERVICE else ""
    claim = claims.databases if is_database else claims.files
    content = volume_claim(deployment, volume.name, service.name, claim, size)
    if service.name == naming.ORTHANC and shares_files(deployment):
        content["spec"]["accessModes"] = ["ReadWriteMany"]
    return KubernetesManifest(service.name, f"persistentvolumeclaim-{volume.name}", volume.purpose, content)


def volume_claim(
    deployment: Deployment, name: str, component: str, claim: Claim, size: str
) -> dict[str, Any]:
    """A PersistentVolumeClaim."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata(deployment, name, component),
        "spec": {"accessModes": ["ReadWriteOnce"], **claim_settings(claim, size)},
    }


def claim_settings(claim: Claim, size: str = "") -> dict[str, Any]:
    """The size and the class of a claim."""
    storage_class = {"storageClassName": claim.class_} if claim.class_ is not None else {}
    return {**storage_class, "resources": {"requests": {"storage": size or claim.size}}}
