"""Volumes of a pod that are empty when it starts."""

from __future__ import annotations

from typing import Any

from orthgen.profile.memory import megabytes_of

Volume = tuple[dict[str, Any], list[dict[str, Any]]]
"""A volume with its mounts in a container."""


def empty_volume(path: str, size: str, *, in_memory: bool) -> Volume:
    """A volume that is empty when the pod starts; in memory, it counts as the container's."""
    name = volume_name(path)
    medium = {"medium": "Memory"} if in_memory else {}
    return {"name": name, "emptyDir": {**medium, "sizeLimit": f"{megabytes_of(size)}Mi"}}, [
        {"name": name, "mountPath": path}
    ]


def volume_name(path: str) -> str:
    """The name of the volume at a path."""
    return path.strip("/").replace("/", "-").replace(".", "-")
