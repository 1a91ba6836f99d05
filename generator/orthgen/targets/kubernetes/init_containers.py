"""Containers that end before the service of their pod starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.targets.kubernetes.configuration import file_volumes
from orthgen.targets.kubernetes.container_settings import (
    REASON_FROM_LOG,
    container,
    environment,
    resources,
)
from orthgen.targets.kubernetes.secret_objects import secret_volumes
from orthgen.targets.kubernetes.volumes import empty_volume, volume_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import Service
    from orthgen.targets.kubernetes.configuration import ConfigMap
    from orthgen.targets.kubernetes.volumes import Volume


class InitialCheck(Struct, frozen=True):
    """
    The check of a database outside of the deployment, with the ConfigMap of its scripts.

    With Docker Compose a container waits, and its health check does the work. Here the work is a container that ends.
    """

    service: Service
    config_map: ConfigMap | None

    def container(self, deployment: Deployment) -> dict[str, Any]:
        """The container, which Kubernetes starts again until it succeeds."""
        service = self.service
        prepare = service.entrypoint[: service.entrypoint.index("sleep")]
        return container(
            service.name,
            service.image,
            resources(service.limits),
            command=[*prepare, *service.health.test[1:]],
            env=environment(service.environment.items()),
            volumeMounts=[mount for _, mounts in self.volumes(deployment) for mount in mounts],
            **REASON_FROM_LOG,
        )

    def volumes(self, deployment: Deployment) -> Iterator[Volume]:
        """The volumes of the container, which have names of their own in the pod."""
        for volume, mounts in self._volumes(deployment):
            name = f"{self.service.name}-{volume['name']}"
            yield {**volume, "name": name}, [{**mount, "name": name} for mount in mounts]

    def _volumes(self, deployment: Deployment) -> Iterator[Volume]:
        if self.config_map is not None:
            yield from file_volumes(self.service, self.config_map)
        yield from secret_volumes(deployment, self.service.secrets)
        # The password file of libpq.
        yield empty_volume("/tmp", "1m", in_memory=True)  # noqa: S108 - in the container


def filling_containers(service: Service) -> Iterator[dict[str, Any]]:
    """A container for each volume that has to hold the image's files, which Docker copies by itself."""
    for mount in service.volumes:
        if mount.volume.is_filled:
            name = volume_name(mount.target)
            yield container(
                f"fill-{name}",
                service.image,
                resources(service.limits),
                # Mode and owner are those of the volume.
                command=["cp", "-R", f"{mount.target}/.", "/filled/"],
                volumeMounts=[{"name": name, "mountPath": "/filled"}],
            )
