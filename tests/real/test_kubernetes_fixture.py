"""The fixture `cluster`: a real API server judges objects, and real controllers make and place pods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.real.cluster import Cluster, KubernetesError, Object

CONTAINER = {
    "name": "web",
    "image": "example.org/web:1",
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}


def pod_template(**container: Any) -> Object:
    """The template of a pod that `restricted` admits, unless the container's other settings say otherwise."""
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{**CONTAINER, **container}]}}


def workload(kind: str, **spec: Any) -> Object:
    """A deployment or a stateful set of two replicas."""
    selector = {"matchLabels": {"app": "web"}}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": selector, "template": pod_template(), **spec},
    }


def claim() -> Object:
    """A claim of a volume."""
    resources = {"requests": {"storage": "1Gi"}}
    return {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources}}


JOB: Object = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "once"},
    "spec": {
        "template": {
            "spec": {"restartPolicy": "Never", **pod_template()["spec"]},
        }
    },
}
SERVICE: Object = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
}
ROUTE: Object = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "web"},
    "spec": {"hostnames": ["web.example.org"], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
}


def config_map(size: int) -> Object:
    """A ConfigMap with so many bytes of text."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings"},
        "data": {"text": "x" * size},
    }


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder whose objects are in a namespace of the test's own name, under `restricted`."""
    folder = tmp_path / request.function.__name__.replace("_", "-")
    folder.mkdir()
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"name": folder.name, "labels": labels}
    write(folder, {"apiVersion": "v1", "kind": "Namespace", "metadata": namespace})
    return folder


def write(folder: Path, *objects: Object) -> None:
    """Add objects to a folder."""
    for content in objects:
        name = f"{content['kind']}-{content['metadata']['name']}.yaml".lower()
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    resources = sorted(file.name for file in folder.glob("*.yaml") if file.name != "kustomization.yaml")
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump({"namespace": folder.name, "resources": resources}), encoding="utf-8"
    )


def test_pods_of_every_kind_are_placed(cluster: Cluster, folder: Path) -> None:
    """Pods of a deployment, a stateful set and a job are admitted and placed; what was applied does not differ."""
    stateful = workload("StatefulSet", serviceName="web", volumeClaimTemplates=[claim()])
    write(folder, workload("Deployment"), stateful, JOB, SERVICE, ROUTE, config_map(900_000))

    cluster.dry_run(folder)
    assert not cluster.objects("deployments,configmaps,jobs", folder.name)[
        1:
    ]  # kube-root-ca.crt is the server's
    cluster.apply(folder)
    pods = cluster.settle(folder.name)

    phases = sorted((pod["metadata"]["name"].split("-")[0], pod["status"]["phase"]) for pod in pods)
    assert phases == [("once", "Succeeded")] + 4 * [("web", "Running")]
    assert {pod["spec"]["nodeName"] for pod in pods} <= {"node-1", "node-2", "node-3"}
    (slice_,) = cluster.objects("endpointslices", folder.name)
    assert [endpoint["conditions"]["ready"] for endpoint in slice_["endpoints"]] == 4 * [True]
    assert cluster.diff(folder) == ""
    write(folder, workload("Deployment", replicas=1))
    assert "-  replicas: 2\n+  replicas: 1" in cluster.diff(folder)
    cluster.delete_namespace(folder.name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (workload("Deployment", replica=3), r"spec\.replica: field not declared"),
        (workload("Deployment", replicas="three"), r"spec\.replicas: expected numeric"),
        (config_map(1_100_000), "Too long: may not be more than 1048576 bytes"),
        ({**ROUTE, "spec": {"hostname": ["web.example.org"]}}, r"spec\.hostname: field not declared"),
        ({**ROUTE, "spec": {"hostnames": ["Web.example.org"]}}, "spec.hostnames"),
        ({**SERVICE, "spec": {"ports": [{"port": 70000}]}}, "between 1 and 65535"),
    ],
    ids=["unknown field", "wrong type", "large", "unknown field of a route", "wrong host", "wrong port"],
)
def test_the_server_refuses_an_object_with_a_fault(
    cluster: Cluster, folder: Path, content: Object, reason: str
) -> None:
    """An object with a fault is refused."""
    write(folder, content)

    with pytest.raises(KubernetesError, match=reason):
        cluster.dry_run(folder)


def test_a_privileged_pod_is_refused(cluster: Cluster, folder: Path) -> None:
    """The namespace's label counts: the server warns of the deployment, and its controller cannot make the pod."""
    write(folder, workload("Deployment", template=pod_template(securityContext={"privileged": True})))

    with pytest.raises(KubernetesError, match="would violate PodSecurity"):
        cluster.apply(folder)
    with pytest.raises(KubernetesError, match=r"violates PodSecurity.*privileged"):
        cluster.settle(folder.name)


def test_a_pod_that_fits_no_node_is_missed(cluster: Cluster, folder: Path) -> None:
    """The scheduler counts what a pod asks for."""
    write(folder, workload("Deployment", template=pod_template(resources={"requests": {"cpu": "17"}})))
    cluster.apply(folder)

    with pytest.raises(KubernetesError, match="Insufficient cpu"):
        cluster.settle(folder.name, seconds=5)
