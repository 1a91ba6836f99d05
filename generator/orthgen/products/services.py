"""
Typed parts of a running deployment: services, mounts, ports, volumes, networks, health checks.

A rendered file is mounted read-only and no other way; a service without a memory limit, a health check or a
network is a type error. Targets write these down in their own language. Nothing here knows of profiles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orthgen.catalogue import HealthCheck


class Network(Struct, frozen=True):
    """
    A network between services that talk to each other.

    `reaches_out`: whether its members can open connections to the world outside. `publishes`: whether the host
    hands connections from outside to its members. `subnet`: its addresses; empty where the engine chooses them.
    """

    name: str
    purpose: str
    reaches_out: bool = False
    publishes: bool = False
    subnet: str = ""


class Volume(Struct, frozen=True):
    """
    A volume that outlives its container.

    With `memory` (mount options), it is a tmpfs that is empty at each start; with `export`, a folder of a file server.
    `is_filled`: a new volume has to hold the image's files at its place, as Docker does it by itself.
    """

    name: str
    purpose: str
    memory: str | None = None
    export: NfsExport | None = None
    is_filled: bool = False


class NfsExport(Struct, frozen=True):
    """A folder that a file server exports, with the options of the mount."""

    path: str
    options: str


class FileMount(Struct, frozen=True):
    """A file of the deployment's folder inside a container. Always read-only."""

    source: str
    target: str


class FolderMount(Struct, frozen=True):
    """A folder of the host inside a container; `mark` is a file in it without which nothing starts."""

    source: str
    target: str
    mark: str
    read_only: bool = False


class VolumeMount(Struct, frozen=True):
    """A volume inside a container."""

    volume: Volume
    target: str
    read_only: bool = False


class SecretMount(Struct, frozen=True):
    """A secret inside a container: `name` of the secret, `target` of the file below /run/secrets."""

    name: str
    target: str


class PublishedPort(Struct, frozen=True):
    """A port of the host that leads into a container. `address` is the host's; empty: every one that it has."""

    published: int
    target: int
    address: str


class Limits(Struct, frozen=True):
    """
    The most that a service may use: memory as `512m`, processors as `1.5`.

    `processors_setting` is the setting of the host that replaces `processors`; empty where there is none.
    """

    memory: str
    processors: str
    processes: int
    processors_setting: str = ""


class Service(Struct, kw_only=True, frozen=True):
    """
    A container of the deployment.

    `after`: the services that have to be healthy before it starts. `stops_with`: those of them without which it does not run
    while they are exchanged. `is_process_one`: its program has to be process 1 of the
    container, without an init process before it.
    """

    name: str
    purpose: str
    image: str
    user: str | None
    health: HealthCheck
    limits: Limits
    networks: tuple[Network, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[FileMount, ...] = ()
    folders: tuple[FolderMount, ...] = ()
    volumes: tuple[VolumeMount, ...] = ()
    tmpfs: tuple[str, ...] = ()
    secrets: tuple[SecretMount, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    capabilities: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    stops_with: tuple[str, ...] = ()
    is_process_one: bool = False
    stop_seconds: int = 20
    shared_memory: str | None = None


class MountedSecret(Struct, frozen=True):
    """
    A file that containers read.

    `is_public`: anybody may (a certificate). `is_value`: it holds a value and nothing else. `is_typed`: its reader takes
    JSON for JSON. `is_key`: it holds a key of 32 bytes in base64. `is_in_folder`: it lies in the deployment's folder, where we may give it away.
    """

    path: Path
    is_public: bool = False
    is_value: bool = True
    is_typed: bool = False
    is_key: bool = False
    is_in_folder: bool = True
