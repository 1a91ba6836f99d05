"""Clusters of the CloudNativePG operator in place of the databases' StatefulSets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.targets.kubernetes.container_settings import resources
from orthgen.targets.kubernetes.manifest import KubernetesManifest, metadata
from orthgen.targets.kubernetes.workloads import claim_settings

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service


def database_manifest(deployment: Deployment, service: Service) -> KubernetesManifest:
    """The cluster of one database. The operator makes its password, in the Secret `NAME-app`."""
    settings = deployment.kubernetes
    assert settings is not None  # noqa: S101 - this target's deployments have it
    assert settings.database.cloudnative_pg is not None  # noqa: S101 - the caller asks for it
    name, database = service.name, service.environment["POSTGRES_DB"]
    limits = resources(service.limits)
    spec: dict[str, Any] = {
        "instances": settings.database.cloudnative_pg.instances,
        "bootstrap": {"initdb": {"database": database, "owner": database, "dataChecksums": True}},
        # The name that the profile's other files know; the operator's own Services have `-rw` and the like behind it.
        "managed": {
            "services": {
                "disabledDefaultServices": ["ro", "r"],
                "additional": [{"selectorType": "rw", "serviceTemplate": {"metadata": {"name": name}}}],
            }
        },
        "postgresql": {"parameters": _parameters(service)},
        "storage": _storage(claim_settings(settings.volumes.databases)),
        "resources": {
            kind: {resource: value for resource, value in amounts.items() if resource != "ephemeral-storage"}
            for kind, amounts in limits.items()
        },
        "inheritedMetadata": {"labels": {"app.kubernetes.io/instance": deployment.project}},
    }
    if settings.priority_class is not None:
        spec["priorityClassName"] = settings.priority_class
    content = {
        "apiVersion": "postgresql.cnpg.io/v1",
        "kind": "Cluster",
        "metadata": metadata(deployment, name),
        "spec": spec,
    }
    return KubernetesManifest(name, "cluster", service.purpose, content)


def _parameters(service: Service) -> dict[str, str]:
    """The settings of PostgreSQL, which the service's command has as `-c NAME=VALUE`."""
    return dict(word.split("=", 1) for word in service.command if "=" in word)


def _storage(settings: dict[str, Any]) -> dict[str, str]:
    storage_class = settings.get("storageClassName")
    size = settings["resources"]["requests"]["storage"]
    return {"size": size} | ({"storageClass": storage_class} if storage_class is not None else {})
