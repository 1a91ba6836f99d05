"""A Kubernetes object as data, with the path of its file, its purpose and its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.formats.yaml_writer import dump_yaml
from orthgen.products.artifact import Artifact
from orthgen.products.header import header

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

FOLDER = "manifests"

NAME_LABEL = "app.kubernetes.io/name"
INSTANCE_LABEL = "app.kubernetes.io/instance"
MANAGED_BY_LABEL, MANAGER = "app.kubernetes.io/managed-by", "orthgen"


class KubernetesManifest(Struct, frozen=True):
    """An object in a file of its own: `component` is the file's folder, `file` its name without suffix."""

    component: str
    file: str
    purpose: str
    content: dict[str, Any]

    @property
    def path(self) -> str:
        """The path of the file."""
        return (
            f"{FOLDER}/{self.component}/{self.file}.yaml" if self.component else f"{FOLDER}/{self.file}.yaml"
        )

    def artifact(self, source: str) -> Artifact:
        """The object as a file."""
        return Artifact(self.path, f"{header(source)}# {self.purpose}\n---\n{dump_yaml(self.content)}")


def namespace_of(deployment: Deployment) -> str:
    """The namespace of every object."""
    settings = deployment.kubernetes
    return (settings.namespace if settings is not None else None) or deployment.project


def selector(deployment: Deployment, component: str) -> dict[str, str]:
    """The labels that select the pods of a component."""
    return {NAME_LABEL: component, INSTANCE_LABEL: deployment.project}


def labels(deployment: Deployment, component: str) -> dict[str, str]:
    """The labels of the objects of a component."""
    return {**selector(deployment, component), MANAGED_BY_LABEL: MANAGER}


def metadata(deployment: Deployment, name: str, component: str = "") -> dict[str, Any]:
    """The metadata of an object of a component, by default the component of its own name."""
    return {
        "name": name,
        "namespace": namespace_of(deployment),
        "labels": labels(deployment, component or name),
    }
