"""Pods: a service of the deployment as one container that PodSecurity `restricted` admits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.targets.kubernetes.components import COMPONENTS, has_several
from orthgen.targets.kubernetes.configuration import file_volumes
from orthgen.targets.kubernetes.container_settings import container, environment, resources
from orthgen.targets.kubernetes.init_containers import InitialCheck, filling_containers
from orthgen.targets.kubernetes.manifest import labels, selector
from orthgen.targets.kubernetes.readers import (
    ARCHIVES,
    host_id_volume,
    reader_environment,
    waiting_container,
)
from orthgen.targets.kubernetes.secret_objects import secret_volumes, tls_volume
from orthgen.targets.kubernetes.volumes import empty_volume
from orthgen.targets.services.context import folders_in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthgen.catalogue import HealthCheck
    from orthgen.catalogue.images import WritablePath
    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service, VolumeMount
    from orthgen.targets.kubernetes.configuration import ConfigMap
    from orthgen.targets.kubernetes.volumes import Volume

# Endpoints lose a pod some seconds after it is told to stop; until then requests still arrive.
_SECONDS_BEFORE_STOP = 5
_PROBE = {"periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3}
# A first start waits for the database, for the realm, or changes the schema of an index.
_STARTUP_PROBE = {"periodSeconds": 5, "timeoutSeconds": 5, "failureThreshold": 120}
# Two minutes without a connection: a busy service is not stopped.
_LIVENESS_PROBE = {"periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 6}


def pod_template(
    deployment: Deployment,
    service: Service,
    config_map: ConfigMap | None,
    checks: Sequence[InitialCheck] = (),
) -> dict[str, Any]:
    """The template of a service's pods, which start after `checks`."""
    pairs = list(_volumes(deployment, service, config_map))
    mounts = [mount for _, pair_mounts in pairs for mount in pair_mounts]
    spec = {
        **pod_settings(
            deployment,
            service.user or "",
            reads_secrets=bool(service.secrets) or service.name == naming.NGINX,
        ),
        "terminationGracePeriodSeconds": service.stop_seconds + _SECONDS_BEFORE_STOP,
        **_spread(deployment, service.name),
        "initContainers": [
            *([waiting_container(deployment, service)] if service.name == naming.READER else []),
            *(check.container(deployment) for check in checks),
            *filling_containers(service),
        ],
        "containers": [_container(deployment, service, mounts)],
        "volumes": [
            *(volume for volume, _ in pairs),
            *(volume for check in checks for volume, _ in check.volumes(deployment)),
        ],
    }
    return {
        "metadata": {"labels": labels(deployment, service.name)},
        "spec": {key: value for key, value in spec.items() if value != []},
    }


def pod_settings(deployment: Deployment, user: str, *, reads_secrets: bool) -> dict[str, Any]:
    """The members of every pod: no token of the cluster, no root, no variables with addresses of Services."""
    uid, _, gid = user.partition(":")
    settings: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": int(uid),
            "runAsGroup": int(gid),
            # Volumes and secrets belong to this group.
            "fsGroup": naming.CONTAINER_USER if reads_secrets else int(gid),
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    priority = deployment.kubernetes.priority_class if deployment.kubernetes is not None else None
    return settings | ({"priorityClassName": priority} if priority is not None else {})


def _spread(deployment: Deployment, name: str) -> dict[str, Any]:
    """Several pods of a service stand on several nodes, and in several zones, where there are such."""
    if not has_several(deployment, name):
        return {}
    return {
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector(deployment, name)},
            }
            for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
        ]
    }


def _container(deployment: Deployment, service: Service, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    ports = container_ports(deployment, service)
    is_reader = service.name == naming.READER
    return container(
        service.name,
        service.image,
        resources(service.limits, ARCHIVES if is_reader else ""),
        command=service.entrypoint,
        args=service.command,
        env=reader_environment(service) if is_reader else environment(service.environment.items()),
        ports=[{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()],
        **_probes(deployment, service, first_port(ports)),
        lifecycle={"preStop": {"exec": {"command": ["sleep", str(_SECONDS_BEFORE_STOP)]}}},
        volumeMounts=mounts,
    )


def container_ports(deployment: Deployment, service: Service) -> dict[str, int]:
    """The ports of a container by their names, the main one first."""
    if service.name == naming.NGINX:
        platform = deployment.platform
        https = {"https": platform.https_port} if deployment.ends_tls else {}
        return {"http": platform.http_port, **https, "health": int(platform.health_address)}
    main = "postgresql" if COMPONENTS[service.name].image == "postgres" else "http"
    ports = {main: deployment.platform.ports[service.name]}
    if service.name == naming.ORTHANC and deployment.publishes_dicom:
        ports["dicom"] = naming.DICOM_PORT
        ports |= {f"dicom-{server.port}": server.port for server in deployment.collection_aets}
    if service.name == naming.KEYCLOAK:
        ports["management"] = deployment.release.image("keycloak").ports["management"]
    return ports


def first_port(ports: Mapping[str, int]) -> str:
    """The name of the main port."""
    name, *_ = ports
    return name


def _probes(deployment: Deployment, service: Service, main_port: str) -> dict[str, Any]:
    request = _request(deployment, service)
    return {
        "startupProbe": {**request, **_STARTUP_PROBE},
        "readinessProbe": {**request, **_PROBE},
        "livenessProbe": {"tcpSocket": {"port": main_port}, **_LIVENESS_PROBE},
    }


def _request(deployment: Deployment, service: Service) -> dict[str, Any]:
    health: HealthCheck = service.health
    if not health.path:
        kind, *words = health.test
        return {"exec": {"command": ["sh", "-c", *words] if kind == "CMD-SHELL" else words}}
    ports = container_ports(deployment, service)
    name = next((name for name, port in ports.items() if port == health.port), "http")
    return {"httpGet": {"path": health.path, "port": name}}


def _volumes(deployment: Deployment, service: Service, config_map: ConfigMap | None) -> Iterator[Volume]:
    if config_map is not None:
        yield from file_volumes(service, config_map)
    yield from secret_volumes(deployment, service.secrets)
    if service.name == naming.READER:
        yield host_id_volume()
    folder = deployment.platform.certificate_folder
    if service.name == naming.NGINX and deployment.ends_tls:
        yield tls_volume(folder)
    image = deployment.release.image(COMPONENTS[service.name].image)
    writable = {path.path: path for path in image.writable}
    for mount in service.volumes:
        yield _kept_volume(service, mount, writable)
    for path in folders_in_memory(image, service.limits.memory):
        yield empty_volume(path.path, path.size, in_memory=True)
    if service.shared_memory is not None:
        yield empty_volume("/dev/shm", service.shared_memory, in_memory=True)  # noqa: S108 - in the container


def _kept_volume(service: Service, mount: VolumeMount, writable: Mapping[str, WritablePath]) -> Volume:
    """A volume of Docker Compose: a claim, or an empty volume where nothing in it outlives a pod."""
    name = mount.volume.name
    if mount.volume.memory is not None:
        return empty_volume(mount.target, writable[mount.target].size, in_memory=False)
    if mount.volume.is_filled:
        return empty_volume(mount.target, "1g", in_memory=False)
    if service.name == naming.READER and not mount.read_only:
        return empty_volume(mount.target, ARCHIVES, in_memory=False)
    claim = {"name": name, "persistentVolumeClaim": {"claimName": name}}
    read_only = {"readOnly": True} if mount.read_only else {}
    return claim, [{"name": name, "mountPath": mount.target, **read_only}]
