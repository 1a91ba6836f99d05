"""Services of a rendered deployment, read from docker-compose.yml or from the objects of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.consistency.parsed_files import COMPOSE
from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path

KUSTOMIZATION = "kustomization.yaml"
_WORKLOADS = ("deployment", "statefulset")
_CONTAINER: Path = ("spec", "template", "spec", "containers", 0)


def is_cluster(files: ParsedFiles) -> bool:
    """Whether the files are those of a cluster."""
    return KUSTOMIZATION in files.documents


def has_service(files: ParsedFiles, name: str) -> bool:
    """Whether the deployment runs such a service."""
    if not is_cluster(files):
        return files.get(COMPOSE, "services", name) is not None
    return bool(name) and bool(files.matching(f"manifests/{name}/"))


def port_of(files: ParsedFiles, name: str) -> int:
    """The port at which a service is reached."""
    port = files.get(f"manifests/{name}/service.yaml", "spec", "ports", 0, "port")
    return int(port) if port is not None else naming.port_of(name)


def environment(files: ParsedFiles, name: str) -> dict[str, str]:
    """The variables of a service; empty for an unknown one."""
    if not is_cluster(files):
        variables: Mapping[str, Any] = files.get(COMPOSE, "services", name, "environment") or {}
        return {str(key): str(value) for key, value in variables.items()}
    return {str(entry["name"]): str(entry["value"]) for entry in _environment_list(files, name)}


def environment_place(files: ParsedFiles, name: str, variable: str = "") -> Location:
    """The position of a variable of a service; the service's variables where it is not set."""
    if not is_cluster(files):
        own = (variable,) if variable else ()
        return files.locate(COMPOSE, ("services", name, "environment", *own))
    names = [entry["name"] for entry in _environment_list(files, name)]
    own_index = (names.index(variable),) if variable in names else ()
    return files.locate(_workload(files, name), (*_CONTAINER, "env", *own_index))


def image(files: ParsedFiles, name: str) -> tuple[str, Location]:
    """The image of a service, with its position."""
    file: str = COMPOSE
    path: Path = ("services", name, "image")
    if is_cluster(files):
        file, path = _workload(files, name), (*_CONTAINER, "image")
    return str(files.get(file, *path)), files.locate(file, path)


def service_place(files: ParsedFiles, name: str) -> Location:
    """The position of a service."""
    if is_cluster(files):
        return files.locate(_workload(files, name), _CONTAINER)
    return files.locate(COMPOSE, ("services", name))


def secrets_place(files: ParsedFiles, name: str) -> Location:
    """The position of the secrets of a service."""
    if is_cluster(files):
        return files.locate(_workload(files, name), (*_CONTAINER[:-2], "volumes"))
    return files.locate(COMPOSE, ("services", name, "secrets"))


def secret_of(files: ParsedFiles, name: str, target: str) -> str | None:
    """The secret that a service finds as /run/secrets/`target`; in a cluster, the Secret and its key."""
    if not is_cluster(files):
        for secret in files.get(COMPOSE, "services", name, "secrets") or ():
            if isinstance(secret, dict) and str(secret.get("target", "")).rsplit("/", 1)[-1] == target:
                return str(secret.get("source"))
        return None
    for volume in files.get(_workload(files, name), *_CONTAINER[:-2], "volumes") or ():
        for source in (volume.get("projected") or {}).get("sources", ()):
            for item in source["secret"]["items"]:
                if item["path"] == target:
                    return f"{source['secret']['name']}/{item['key']}"
    return None


def _environment_list(files: ParsedFiles, name: str) -> list[dict[str, Any]]:
    return files.get(_workload(files, name), *_CONTAINER, "env") or []


def _workload(files: ParsedFiles, name: str) -> str:
    """The file of a service's workload."""
    paths = [f"manifests/{name}/{kind}.yaml" for kind in _WORKLOADS]
    return next((path for path in paths if path in files.documents), paths[0])
