"""A pod as rendered, for a program of a Debian folder: its volumes as the kubelet fills them, and what it may do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.real.container import Confinement, Mount

Object = dict[str, Any]


@dataclass(frozen=True)
class Pod:
    """The only container of a rendered workload, and the pod around it."""

    spec: Object
    mounts: Mapping[str, Path | Mount]

    @property
    def container(self) -> Object:
        """The container."""
        (container,) = self.spec["containers"]
        return container

    def port(self, name: str) -> int:
        """The number of a port, which probes and Services have by its name."""
        return next(port["containerPort"] for port in self.container["ports"] if port["name"] == name)

    @property
    def confinement(self) -> Confinement:
        """What the container may do. Its group is the one that owns the pod's volumes."""
        user, security = self.spec["securityContext"], self.container["securityContext"]
        assert user["runAsGroup"] == user["fsGroup"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        options = f"mode=2777,gid={user['fsGroup']}"
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        empty = [
            f"{mount['mountPath']}:{options},size={volumes[mount['name']]['emptyDir']['sizeLimit'].removesuffix('i')}"
            for mount in self.container["volumeMounts"]
            if "emptyDir" in volumes[mount["name"]]
        ]
        return Confinement(
            read_only=security["readOnlyRootFilesystem"],
            tmpfs=tuple(empty),
            capabilities=(),
            user=f"{user['runAsUser']}:{user['runAsGroup']}",
        )


def prepare(folder: Path, component: str, secrets: Mapping[str, Mapping[str, str]], work: Path) -> Pod:
    """
    The pod of a component of a rendered folder, with its volumes below `work`.

    `secrets` has the content of each Secret.
    """
    workload = yaml.safe_load((folder / f"manifests/{component}/deployment.yaml").read_text(encoding="utf-8"))
    spec = workload["spec"]["template"]["spec"]
    contents = {**_config_maps(folder), **secrets}
    for volume in spec["volumes"]:
        for path, text in _files(volume, contents):
            target = work / volume["name"] / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            os.chown(target, 0, spec["securityContext"]["fsGroup"])
            target.chmod(volume.get("secret", {}).get("defaultMode", 0o644))
    mounts = {
        mount["mountPath"]: work / mount["name"] / mount.get("subPath", "")
        for mount in spec["containers"][0]["volumeMounts"]
        if (work / mount["name"]).exists()
    }
    return Pod(spec, mounts)


def _config_maps(folder: Path) -> dict[str, dict[str, str]]:
    """The ConfigMaps that kustomize would make."""
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    return {
        generator["name"]: {
            key: (folder / path).read_text(encoding="utf-8")
            for key, _, path in (entry.partition("=") for entry in generator["files"])
        }
        for generator in kustomization["configMapGenerator"]
    }


def _files(volume: Object, contents: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Path and text of each file of a volume."""
    source = volume.get("configMap") or volume.get("secret")
    if source is None:
        return
    content = contents[source.get("name") or source["secretName"]]
    for item in source.get("items") or [{"key": key, "path": key} for key in content]:
        yield item["path"], content[item["key"]]
