"""Consistency of the files of a cluster: objects, ConfigMaps and the files that pods mount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.consistency.facts import disagreement
from orthgen.consistency.running_services import KUSTOMIZATION
from orthgen.consistency.services import MISSING_MOUNTED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path

_POD: Path = ("spec", "template", "spec")


def mounted_keys(files: ParsedFiles) -> Iterator[Finding]:
    """Every object and file of kustomization.yaml is rendered; every key that a pod mounts is in its ConfigMap."""
    for index, path in enumerate(files.get(KUSTOMIZATION, "resources") or ()):
        if path.startswith("manifests/") and path not in files.texts and path not in _SUPPLIED:
            place = files.locate(KUSTOMIZATION, ("resources", index))
            yield disagreement(MISSING_MOUNTED_FILE, f"`{path}` is not rendered", place)
    keys: dict[str, set[str]] = {}
    for index, generator in enumerate(files.get(KUSTOMIZATION, "configMapGenerator") or ()):
        for position, entry in enumerate(generator["files"]):
            key, _, path = entry.partition("=")
            keys.setdefault(generator["name"], set()).add(key)
            if path not in files.texts:
                place = files.locate(KUSTOMIZATION, ("configMapGenerator", index, "files", position))
                yield disagreement(MISSING_MOUNTED_FILE, f"`{path}` is not rendered", place)
    for path in files.matching("manifests/"):
        yield from _mounts(files, path, keys)


_SUPPLIED = ("manifests/sealed-secret.yaml", "manifests/secret.enc.yaml")


def _mounts(files: ParsedFiles, path: str, keys: dict[str, set[str]]) -> Iterator[Finding]:
    pod = files.get(path, *_POD) or {}
    maps: dict[str, str] = {}
    for index, volume in enumerate(pod.get("volumes") or ()):
        config_map: dict[str, Any] = volume.get("configMap") or {}
        if not config_map:
            continue
        maps[volume["name"]] = name = config_map["name"]
        named = {item["key"] for item in config_map.get("items", ())}
        for key in sorted(named - keys.get(name, set())):
            place = files.locate(path, (*_POD, "volumes", index))
            yield disagreement(MISSING_MOUNTED_FILE, f"the ConfigMap `{name}` has no key `{key}`", place)
    for number, container in enumerate(pod.get("containers") or ()):
        for index, mount in enumerate(container.get("volumeMounts") or ()):
            key, config_map_name = mount.get("subPath"), maps.get(mount["name"])
            if (
                key is not None
                and config_map_name is not None
                and key not in keys.get(config_map_name, set())
            ):
                place = files.locate(path, (*_POD, "containers", number, "volumeMounts", index))
                message = f"the ConfigMap `{config_map_name}` has no key `{key}`"
                yield disagreement(MISSING_MOUNTED_FILE, message, place)
