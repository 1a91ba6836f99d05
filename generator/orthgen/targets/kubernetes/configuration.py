"""Rendered files in ConfigMaps, which kustomize makes with a digest of their content in their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.errors import OrthgenError
from orthgen.targets.kubernetes.manifest import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact
    from orthgen.products.services import FileMount, Service

# The API server accepts 1 MiB for a ConfigMap (core/v1, MaxSecretSize); its own members take some of it.
MAX_BYTES = 1_000_000


class ConfigMap(Struct, frozen=True):
    """A ConfigMap of a component: from a key to the path of the rendered file."""

    component: str
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name before kustomize adds the digest."""
        return f"{self.component}-files"


def key_of(path: str) -> str:
    """The key of a rendered file: its path below the folder of its service. A key has no `/`."""
    return path.partition("/")[2].replace("/", ".") or path


def config_map(service: Service, paths: Iterable[str]) -> ConfigMap | None:
    """The ConfigMap of a service's files; None where it has none."""
    sources = [mount.source.removeprefix("./") for mount in service.files]
    files = {
        key_of(path): path
        for path in paths
        if any(path == source or path.startswith(f"{source}/") for source in sources)
    }
    return ConfigMap(service.name, files) if files else None


def file_volumes(
    service: Service, map_of_service: ConfigMap
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each volume of rendered files, with its mounts: single files of one volume, and a volume for each folder."""
    single = [
        mount for mount in service.files if key_of(mount.source.removeprefix("./")) in map_of_service.files
    ]
    if single:
        volume = {"name": "files", "configMap": {"name": map_of_service.name}}
        yield volume, [_file_mount(mount) for mount in single]
    for mount in service.files:
        if mount in single:
            continue
        source = mount.source.removeprefix("./")
        items = [
            {"key": key, "path": path.removeprefix(f"{source}/")}
            for key, path in map_of_service.files.items()
            if path.startswith(f"{source}/")
        ]
        name = source.rpartition("/")[2]
        volume = {"name": name, "configMap": {"name": map_of_service.name, "items": items}}
        yield volume, [{"name": name, "mountPath": mount.target, "readOnly": True}]


def _file_mount(mount: FileMount) -> dict[str, Any]:
    key = key_of(mount.source.removeprefix("./"))
    return {"name": "files", "mountPath": mount.target, "subPath": key, "readOnly": True}


def generators(deployment: Deployment, maps: Iterable[ConfigMap]) -> list[dict[str, Any]]:
    """Kustomize's generators of the ConfigMaps."""
    return [
        {
            "name": each.name,
            "files": [f"{key}={path}" for key, path in each.files.items()],
            "options": {"labels": labels(deployment, each.component)},
        }
        for each in maps
    ]


def check_sizes(maps: Iterable[ConfigMap], documents: Mapping[str, Artifact]) -> None:
    """Raise OrthgenError for a ConfigMap that the API server would refuse."""
    for each in maps:
        size = sum(len(documents[path].data) for path in each.files.values())
        if size > MAX_BYTES:
            largest = max(each.files.values(), key=lambda path: len(documents[path].data))
            raise OrthgenError(
                f"the files of `{each.component}` have {size:,} bytes; a ConfigMap holds {MAX_BYTES:,}",
                hint=f"the largest is `{largest}`: the profile has too many entries of a kind for a cluster (roles, "
                "collections, modalities); divide it into two deployments",
            )
