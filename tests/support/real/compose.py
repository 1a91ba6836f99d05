"""The real Docker Compose reading a rendered file, and what its services would see of our files.

Compose reads and resolves files without an engine; nothing is started.
"""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from tests.support.real import parts
from tests.support.real.container import Confinement, Mount


class RefusedError(ValueError):
    """Compose does not accept a file; the message is its own."""


def config(
    path: Path, *, environment: Mapping[str, str] | None = None, profiles: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What `docker compose config` makes of a file: checked, resolved, with absolute paths.

    Raises:
        RefusedError: Compose refuses the file, or warns about it (an unset variable is a warning).
    """
    chosen = [word for name in profiles for word in ("--profile", name)]
    done = subprocess.run(
        [
            parts.tool("docker-compose", "docker-compose"),
            *("--file", str(path), "--project-directory", str(path.parent), *chosen),
            *("config", "--format", "json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        # Nothing of the person who runs the tests: neither variables nor a configuration of the client.
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **(environment or {})},
    )
    if done.returncode or done.stderr.strip():
        raise RefusedError(done.stderr.strip())
    return dict(json.loads(done.stdout))


def known_config(path: Path) -> dict[str, Any]:
    """The same, asked once for each content of the file, because an answer takes a fifth of a second; not to be changed."""
    return _known_config(path, path.read_bytes())


@functools.lru_cache
def _known_config(path: Path, _: bytes) -> dict[str, Any]:
    return config(path)


@functools.cache
def _validator() -> jsonschema.Draft7Validator:
    schema = json.loads(parts.compose_schema().read_text(encoding="utf-8"))
    # Named, because the schema spells its draft with https, and the library looks for http.
    return jsonschema.Draft7Validator(schema)


def schema_errors(path: Path) -> list[str]:
    """What the public schema of Compose files says against a file, as `where: what`."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    errors = sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    return [f"{'.'.join(map(str, error.absolute_path)) or '(top)'}: {error.message}" for error in errors]


@dataclass(frozen=True)
class Service:
    """What a container of a service would be given, ready for `nginx.start` and `orthanc.start`."""

    mounts: dict[str, Path | Mount]
    confinement: Confinement
    environment: dict[str, str]


def service(resolved: Mapping[str, Any], name: str, volumes: Path) -> Service:
    """Read a service of a resolved file.

    Args:
        resolved: what `config` returned.
        volumes: a folder that stands for the engine's: each named volume becomes a folder in it.
    """
    described = resolved["services"][name]
    mounts: dict[str, Path | Mount] = {}
    tmpfs = list(described.get("tmpfs") or [])
    for volume in described.get("volumes") or []:
        target = volume["target"]
        if volume["type"] == "tmpfs":
            tmpfs.append(_tmpfs_entry(volume))
        elif volume["type"] == "bind":
            mounts[target] = Mount(Path(volume["source"]), writable=not volume.get("read_only"))
        else:
            mounts[target] = Mount(_named(volumes, volume["source"]), writable=not volume.get("read_only"))
    for kind in ("configs", "secrets"):
        for granted in described.get(kind) or []:
            source = resolved[kind][granted["source"]]
            target = granted.get("target") or f"/{granted['source']}"
            mounts[target if target.startswith("/") else f"/run/secrets/{target}"] = Path(source["file"])
    environment = {key: str(value or "") for key, value in (described.get("environment") or {}).items()}
    return Service(mounts, Confinement.of_service({**described, "tmpfs": tmpfs}), environment)


def _named(volumes: Path, name: str) -> Path:
    folder = volumes / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _tmpfs_entry(volume: Mapping[str, Any]) -> str:
    options = volume.get("tmpfs") or {}
    words = [f"{key}={options[key]}" for key in ("size", "mode") if key in options]
    return f"{volume['target']}:{','.join(words)}" if words else str(volume["target"])
