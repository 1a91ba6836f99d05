"""Files that Kubernetes mounts into containers: from ConfigMaps, and from those that kustomize makes of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.findings import Location
from orthgen.formats.loose_values import mapping, mappings, texts
from orthgen.observed.compose_node import Node
from orthgen.observed.container_file import ContainerFile, is_configuration
from orthgen.observed.files import TextFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orthgen.observed.files import Files
    from orthgen.observed.manifest import ManifestDocument

# A text, and the place of all of it where its parts have no places of their own; None where it is not there.
_Content = tuple[TextFile, Location | None] | None


class ConfigMap(Struct, frozen=True):
    """A ConfigMap: its variables, and the texts of its keys, each read when a container mounts it."""

    variables: Mapping[str, Node]
    contents: Mapping[str, Callable[[], _Content]]


def config_maps(
    objects: Sequence[ManifestDocument], files: Files, known: Sequence[TextFile]
) -> dict[str, ConfigMap]:
    """
    The ConfigMaps by name: those in the manifests, and those that a kustomization makes of files.

    `known` are the texts that were recognised without a container. A mounted one stays the same object, so that it is
    not read a second time.
    """
    maps = {each.name: _stated(each, known) for each in objects if each.kind == "ConfigMap"}
    for each in objects:
        if each.kind == "Kustomization":
            for _, generator in mappings(each.get("configMapGenerator")):
                maps[str(generator.get("name"))] = _generated(each, generator, files)
    return maps


def mounted_files(
    mount: dict[str, Any], volume: dict[str, Any], maps: Mapping[str, ConfigMap], place: Location
) -> Iterator[ContainerFile]:
    """The configuration that a container reads from the volume of a ConfigMap, by its path in the container."""
    source = mapping(volume.get("configMap"))
    config_map = maps.get(str(source.get("name")))
    if config_map is None:
        return
    chosen = {str(each.get("path")): str(each.get("key")) for _, each in mappings(source.get("items"))}
    target, inside = str(mount["mountPath"]).rstrip("/"), mount.get("subPath")
    for path, key in (chosen or {key: key for key in config_map.contents}).items():
        whole = target if inside == path else f"{target}/{path}"
        if key in config_map.contents and inside in (None, path) and is_configuration(whole):
            content = config_map.contents[key]()
            if content is not None:
                yield ContainerFile(whole, content[0], place, fixed=content[1])


def _stated(manifest: ManifestDocument, known: Sequence[TextFile]) -> ConfigMap:
    nodes = {
        key: Node(str(value), manifest.document, ("data", key), manifest.file)
        for key, value in mapping(manifest.get("data")).items()
    }
    return ConfigMap(nodes, {key: partial(_text_of, node, known) for key, node in nodes.items()})


def _text_of(node: Node, known: Sequence[TextFile]) -> _Content:
    text = node.document.embedded(node.path)
    if text is None:
        return TextFile(node.document.file, node.text), node.location
    line = node.location.line + 1
    same = (each for each in known if (each.name, each.first_line) == (node.document.file, line))
    return next(same, None) or TextFile(node.document.file, text, first_line=line), None


def _generated(manifest: ManifestDocument, generator: dict[str, Any], files: Files) -> ConfigMap:
    """The ConfigMap of a generator: `KEY=PATH`, or a path whose last part is the key (kustomize, `configMapGenerator`)."""
    contents: dict[str, Callable[[], _Content]] = {}
    for entry in texts(generator.get("files")):
        key, _, path = entry.rpartition("=")
        contents[key or PurePosixPath(path).name] = partial(_file_of, manifest.file, path, files)
    return ConfigMap({}, contents)


def _file_of(kustomization: TextFile, path: str, files: Files) -> _Content:
    file = files.beside(kustomization, path)
    return None if file is None else (file, None)
