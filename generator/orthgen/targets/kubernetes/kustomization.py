"""kustomization.yaml: the objects, and the ConfigMaps that kustomize makes of the rendered files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.formats.yaml_writer import dump_yaml
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.targets.kubernetes.configuration import generators
from orthgen.targets.kubernetes.manifest import KubernetesManifest, labels, namespace_of
from orthgen.targets.kubernetes.secret_objects import encrypted_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.targets.kubernetes.configuration import ConfigMap

KUSTOMIZATION_PATH = "kustomization.yaml"


def kustomization(
    deployment: Deployment, manifests: Sequence[KubernetesManifest], maps: Sequence[ConfigMap]
) -> Artifact:
    """The file that `kubectl apply --server-side -k` reads."""
    encrypted = encrypted_file(deployment)
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace_of(deployment),
        "resources": [*(manifest.path for manifest in manifests), *([encrypted] if encrypted else [])],
        "configMapGenerator": generators(deployment, maps),
    }
    return Artifact(KUSTOMIZATION_PATH, f"{header(deployment.source)}---\n{dump_yaml(content)}")


def namespace(deployment: Deployment) -> KubernetesManifest:
    """The namespace, which admits only pods that fulfil PodSecurity `restricted`."""
    security = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    content = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace_of(deployment),
            "labels": {**labels(deployment, "namespace"), **security},
        },
    }
    return KubernetesManifest(
        "", "namespace", "Pods without root, capabilities and access to the node.", content
    )
