"""Kubernetes: a namespace of a cluster, `kubectl apply --server-side -k`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.realm.realm_file import realm_file
from orthgen.targets.base import Target
from orthgen.targets.kubernetes.components import COMPONENTS
from orthgen.targets.kubernetes.configuration import check_sizes, config_map
from orthgen.targets.kubernetes.databases import database_manifest
from orthgen.targets.kubernetes.entry import entry_manifests
from orthgen.targets.kubernetes.init_containers import InitialCheck
from orthgen.targets.kubernetes.kustomization import kustomization, namespace
from orthgen.targets.kubernetes.network_policies import network_policy_manifests
from orthgen.targets.kubernetes.provisioning import (
    profile_file,
    provisioning_manifest,
    provisioning_map,
    provisioning_secrets,
)
from orthgen.targets.kubernetes.secret_objects import SECRET, secret_manifests, source_of
from orthgen.targets.kubernetes.secrets_page import secrets_page
from orthgen.targets.kubernetes.workloads import workload_manifests
from orthgen.targets.services.composition import compose
from orthgen.targets.services.documents import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact
    from orthgen.products.services import Service
    from orthgen.targets.kubernetes.configuration import ConfigMap
    from orthgen.targets.kubernetes.manifest import KubernetesManifest


def render(deployment: Deployment) -> tuple[Artifact, ...]:
    """Every file of the deployment: the objects of the cluster, the secrets, then the files of the services."""
    # Without the realm: a Job makes it.
    files = {file.path: file for file in documents(deployment)}
    services = compose(deployment, files).services
    maps = {service.name: config_map(service, files) for service in services}
    secret_names = _secret_names(deployment, services)
    manifests = [
        namespace(deployment),
        *network_policy_manifests(deployment),
        *secret_manifests(deployment, secret_names),
        *_service_manifests(deployment, services, maps),
        *entry_manifests(deployment),
    ]
    used_maps = [each for each in maps.values() if each is not None]
    if deployment.has_own_keycloak:
        profile = profile_file(deployment)
        files[profile.path] = profile
        manifests.append(provisioning_manifest(deployment, profile))
        used_maps.append(provisioning_map())
    check_sizes(used_maps, files)
    return (
        kustomization(deployment, manifests, used_maps),
        *(manifest.artifact(deployment.source) for manifest in manifests),
        *secrets_page(deployment, secret_names),
        *files.values(),
    )


def _service_manifests(
    deployment: Deployment, services: Sequence[Service], maps: dict[str, ConfigMap | None]
) -> Iterator[KubernetesManifest]:
    # The checks of databases outside: containers of the pods that wait for them.
    checks = {each.name: each for each in services if each.name not in COMPONENTS}
    for service in services:
        if service.name in checks:
            continue
        if deployment.has_database_operator and COMPONENTS[service.name].image == "postgres":
            yield database_manifest(deployment, service)
        else:
            own_checks = [InitialCheck(checks[name], maps[name]) for name in service.after if name in checks]
            yield from workload_manifests(deployment, service, maps[service.name], own_checks)


def _secret_names(deployment: Deployment, services: Sequence[Service]) -> list[str]:
    """The keys of the Secret, each with a pod that reads it."""
    mounts = [secret for service in services for secret in service.secrets]
    if naming.KEYCLOAK in {service.name for service in services}:
        mounts += provisioning_secrets(deployment)
    return sorted({mount.name for mount in mounts if source_of(deployment, mount.name)[0] == SECRET})


def realm(deployment: Deployment) -> tuple[Artifact, ...]:
    """The realm that the Job makes."""
    return (realm_file(deployment),) if deployment.has_own_keycloak else ()


KUBERNETES = Target("kubernetes", "A namespace of a Kubernetes cluster.", render, realm)
