"""Context of every service, computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.deployment import naming
from orthgen.products.services import SecretMount, Service
from orthgen.profile.memory import megabytes_of
from orthgen.targets.services.files import mounts_of
from orthgen.targets.services.networks import network_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from orthgen.catalogue import HealthCheck, Image
    from orthgen.catalogue.images import WritablePath
    from orthgen.deployment.model import Deployment
    from orthgen.products.services import FileMount, Network


class ServiceContext(Struct, frozen=True):
    """A deployment with the files and networks of each of its services."""

    deployment: Deployment
    files: Mapping[str, tuple[FileMount, ...]]
    networks: Mapping[Network, tuple[str, ...]]

    @classmethod
    def of(cls, deployment: Deployment, paths: Iterable[str]) -> ServiceContext:
        """The context of a deployment whose documents have these paths."""
        return cls(deployment, mounts_of(paths, deployment), network_members(deployment))

    def service(
        self,
        name: str,
        image_name: str,
        *,
        user: str | None,
        more_tmpfs: tuple[str, ...] = (),
        **parts: Any,
    ) -> Service:
        """A service with what the catalogue knows of its image, and `parts` beside it."""
        image = self.deployment.release.image(image_name)
        if "health" not in parts:
            parts["health"] = _health(image)
        parts.setdefault("entrypoint", image.entrypoint)
        parts.setdefault("capabilities", image.capabilities)
        tmpfs = tuple(
            path.option(user or image.user) for path in folders_in_memory(image, parts["limits"].memory)
        )
        return Service(
            name=name,
            image=self.deployment.image(image_name),
            user=user,
            tmpfs=(*tmpfs, *more_tmpfs),
            files=self.files.get(name, ()),
            networks=tuple(network for network, members in self.networks.items() if name in members),
            **parts,
        )


def folders_in_memory(image: Image, limit: str) -> tuple[WritablePath, ...]:
    """
    The writable folders of a container whose memory limit is `limit`, all of them in memory.

    The kernel counts their content as memory of the container. Together they have at most half of the limit, so that requests
    which fill them are refused, and do not end the service.
    """
    paths = tuple(path for path in image.writable if not path.executable)
    total, most = sum(megabytes_of(path.size) for path in paths), megabytes_of(limit) // 2
    if total <= most:
        return paths
    return tuple(replace(path, size=f"{megabytes_of(path.size) * most // total}m") for path in paths)


def reader(image: Image) -> str:
    """
    The user of a container that reads secrets, as `uid:gid`.

    The group is the image's own where that is 0: Keycloak's files belong to its group, for users of any number.
    """
    group = image.user.partition(":")[2]
    return f"{naming.CONTAINER_USER}:{group if group == '0' else naming.CONTAINER_USER}"


def secret_mounts(pairs: Sequence[tuple[str, str]]) -> tuple[SecretMount, ...]:
    """Mounts of secrets, given as the secret's name and the image's name of each."""
    return tuple(SecretMount(name, target) for name, target in pairs)


def _health(image: Image) -> HealthCheck:
    if image.health is None:
        raise LookupError(f"nothing tells whether `{image.name}` is healthy")
    return image.health
