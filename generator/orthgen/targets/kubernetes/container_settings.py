"""A container of a pod: its rights, its limits, its variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.profile.memory import megabytes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orthgen.products.services import Limits

# The kubelet replaces `$(NAME)` in arguments and in values of variables.
_REFERENCE = re.compile(r"\$(?=\()")
# Logs, and the volumes that are not in memory.
_DISK = ("256Mi", "2Gi")

# `kubectl describe pod` shows what the program has printed at its end.
REASON_FROM_LOG = {"terminationMessagePolicy": "FallbackToLogsOnError"}
_HARDENING = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}


def container(
    name: str,
    image: str,
    amounts: dict[str, Any],
    *,
    command: Iterable[str] = (),
    args: Iterable[str] = (),
    **settings: Any,
) -> dict[str, Any]:
    """A container with its `resources` and the rights of every container. Empty lists are left out."""
    content = {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": [_escaped(word) for word in command],
        "args": [_escaped(word) for word in args],
        **settings,
        "resources": amounts,
        "securityContext": _HARDENING,
    }
    return {key: value for key, value in content.items() if value != []}


def environment(variables: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Variables of a container."""
    return [{"name": name, "value": _escaped(value)} for name, value in variables]


def _escaped(text: str) -> str:
    """A text in which the kubelet replaces nothing."""
    return _REFERENCE.sub("$$", text)


def resources(limits: Limits, disk: str = "") -> dict[str, Any]:
    """Memory is reserved as a whole; of the processors a quarter is. `disk` is needed beside logs and small volumes."""
    memory = f"{megabytes_of(limits.memory)}Mi"
    reserved, most = _DISK
    if disk:
        most = f"{2 + megabytes_of(disk) // 1024}Gi"
    return {
        "requests": {
            "cpu": f"{int(float(limits.processors) * 250)}m",
            "memory": memory,
            "ephemeral-storage": reserved,
        },
        "limits": {"cpu": limits.processors, "memory": memory, "ephemeral-storage": most},
    }
