"""Checks of the machine: engine, Docker Compose, ports, name, clock, disk, memory, kernel."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from orthgen.deployment.naming import CONTAINER_USER
from orthgen.doctor.container_engine import NoAnswer
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.profile.memory import megabytes_of
from orthgen.server_address import can_listen, is_taken, is_this_machine, resolves
from orthgen.targets.services.composition import mounted_secrets
from orthgen.targets.services.external_database import CHECK_MEMORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment

MIN_ENGINE = "20.10"
"""The first version that lets a container without root have low ports (net.ipv4.ip_unprivileged_port_start)."""
_PROMPT_ENGINE = "25.0"
"""The first version that reads `start_interval` of a health check; earlier ones ignore it (Docker's release notes)."""
MIN_COMPOSE = "2.20.2"
"""The first version that reads `start_interval`; earlier ones refuse a compose file with it (Compose's release notes)."""

_GIGABYTE = 10**9
_MIN_DISK, _SCARCE_DISK = 5 * _GIGABYTE, 20 * _GIGABYTE
# adjtimex(2): the answer of a clock that nothing synchronises, and the size of the kernel's structure, rounded up.
_TIME_ERROR, _TIMEX_BYTES = 5, 512


def engine(system: ExaminedSystem) -> Iterator[Fact]:
    """Docker answers, and its version reads everything in the compose file."""
    try:
        if system.engine.is_podman:
            message = f"`docker` is Podman {system.engine.version}; orthgen's tests start deployments on Docker Engine only"
            yield Fact(
                CheckStatus.UNKNOWN,
                message,
                "use Docker Engine, or try the deployment on a machine without patients' data",
            )
            return
        version = system.engine.version
    except NoAnswer as error:
        remedy = "install Docker Engine, start it, and let this user use it (`sudo usermod -aG docker USER`, or sudo)"
        yield Fact(CheckStatus.ERROR, f"the container engine does not answer: {error}", remedy)
        return
    yield _version(
        "Docker Engine",
        version,
        MIN_ENGINE,
        "does not let nginx use the ports 80 and 443 without root",
        (
            _PROMPT_ENGINE,
            "checks a service that starts every 15 seconds only: `docker compose up --wait` takes longer",
        ),
    )


def compose(system: ExaminedSystem) -> Iterator[Fact]:
    """Docker Compose is installed, and its version reads everything in the compose file."""
    try:
        version = system.engine.compose_version
    except NoAnswer as error:
        remedy = "install the plugin of Docker Compose (package `docker-compose-plugin`)"
        yield Fact(CheckStatus.ERROR, f"Docker Compose does not answer: {error}", remedy)
        return
    yield _version("Docker Compose", version, MIN_COMPOSE, "does not read every key of the compose file")


def _version(
    name: str, version: str, least: str, consequence: str, better: tuple[str, str] | None = None
) -> Fact:
    """The fact about a version; `better` is a later version, and the consequence of its absence."""
    try:
        parsed = Version(version.partition("+")[0].partition("-")[0])
    except InvalidVersion:
        return Fact(
            CheckStatus.UNKNOWN, f"{name} has version `{version}`, which cannot be compared with {least}"
        )
    if parsed < Version(least):
        return Fact(CheckStatus.ERROR, f"{name} {version} {consequence}", f"install {name} {least} or later")
    if better is not None and parsed < Version(better[0]):
        return Fact(
            CheckStatus.WARNING, f"{name} {version} {better[1]}", f"install {name} {better[0]} or later"
        )
    return Fact(CheckStatus.OK, f"{name} {version}")


def kernel(system: ExaminedSystem) -> Iterator[Fact]:
    """The kernel enforces the limits, and the engine maps users as the secrets' owner needs it."""
    try:
        info = system.engine.info
    except NoAnswer as error:
        yield Fact(CheckStatus.UNKNOWN, f"the engine's settings cannot be read: {error}")
        return
    facts = []
    for warning in info.get("Warnings") or []:
        text = str(warning).removeprefix("WARNING: ")
        if "memory limit" in text.lower() or "pids" in text.lower() or "forward" in text.lower():
            remedy = "let the kernel enforce limits (control groups), or forward packets (`sysctl net.ipv4.ip_forward=1`)"
            facts.append(Fact(CheckStatus.WARNING, f"the engine reports: {text}", remedy))
    options = " ".join(info.get("SecurityOptions") or [])
    for word, name in (("rootless", "without root"), ("userns", "with its own range of users")):
        if word in options:
            facts.append(_mapped_users(system, name))
    if info.get("OSType", "linux") != "linux":
        facts.append(
            Fact(CheckStatus.ERROR, f"the engine runs {info['OSType']} containers", "use Linux containers")
        )
    yield from facts or [Fact(CheckStatus.OK, f"{info.get('KernelVersion', 'kernel')}, limits are enforced")]


def _mapped_users(system: ExaminedSystem, name: str) -> Fact:
    """The fact about an engine whose user 999 is another user of the machine: that user reads files with mode 0644 only."""
    prefix = (
        f"the engine runs {name}, so user {CONTAINER_USER} of a container is another user of this machine"
    )
    closed = _closed_secrets(system)
    if closed:
        message = f"{prefix}, and cannot read {len(closed)} secrets, such as `{closed[0]}`"
        remedy = (
            "make them without root: `sudo chown -R $USER` for their folder, then `orthgen secrets PROFILE`"
        )
        return Fact(CheckStatus.ERROR, message, remedy)
    message = f"{prefix}; orthgen's tests start deployments on an engine with the usual users only"
    remedy = "make secrets without root, and give a folder of `archive.storage.files` to the other user (`/etc/subuid`)"
    return Fact(CheckStatus.WARNING, message, remedy)


def _closed_secrets(system: ExaminedSystem) -> list[Path]:
    """The secrets that only their owner can read."""
    if system.deployment is None:
        return []
    paths = (file.path for file in mounted_secrets(system.deployment, system.folder))
    return [path for path in paths if path.is_file() and not path.stat().st_mode & stat.S_IROTH]


def clock(system: ExaminedSystem) -> Iterator[Fact]:  # noqa: ARG001 - a check's signature
    """The clock is synchronised: tokens and certificates are refused on a wrong one."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        state = -1
    if state < 0:
        yield Fact(CheckStatus.UNKNOWN, "this system does not say whether its clock is synchronised")
    elif state == _TIME_ERROR:
        message = "nothing synchronises the clock: with a wrong time, tokens and certificates are refused"
        yield Fact(CheckStatus.WARNING, message, "start a time service (`timedatectl set-ntp true`, chrony)")
    else:
        yield Fact(CheckStatus.OK, "the clock is synchronised")


def disk(system: ExaminedSystem) -> Iterator[Fact]:
    """The disks of the engine's data, of its volumes and of the deployment have space."""
    places = [_existing(system.folder)]
    try:
        root = Path(str(system.engine.info.get("DockerRootDir", "")))
        # Administrators often give the volumes a disk of their own.
        places += (place for place in (root, root / "volumes") if _is_folder(place))
    except NoAnswer:
        pass
    by_disk = {place.stat().st_dev: place for place in reversed(places)}
    for place in sorted(by_disk.values()):
        free = shutil.disk_usage(place).free
        status = (
            CheckStatus.ERROR
            if free < _MIN_DISK
            else CheckStatus.WARNING
            if free < _SCARCE_DISK
            else CheckStatus.OK
        )
        message = f"{free / _GIGABYTE:.1f} GB are free at `{place}`"
        if status is CheckStatus.OK:
            yield Fact(status, message)
        else:
            yield Fact(
                status,
                f"{message}: a full disk stops the databases, and Orthanc refuses studies",
                "free space (`docker system df`), or put the engine's data on a larger disk",
            )


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except PermissionError:  # the engine's data belong to root
        return False


def _existing(folder: Path) -> Path:
    place = folder.absolute()
    return next((path for path in (place, *place.parents) if path.exists()), Path("/"))


def memory(system: ExaminedSystem) -> Iterator[Fact]:
    """The machine has the memory that the limits of the services allow them."""
    try:
        total = int(system.engine.info["MemTotal"]) // 2**20
    except (NoAnswer, KeyError, ValueError):
        total = _memory_of_this_machine()
    if not total:
        yield Fact(CheckStatus.UNKNOWN, "the memory of the machine cannot be read")
        return
    if system.deployment is None:
        yield Fact(CheckStatus.OK, f"{total} MB")
        return
    limits = _limits(system.deployment)
    if limits <= total:
        yield Fact(CheckStatus.OK, f"{total} MB, of which the limits of the services allow {limits} MB")
        return
    yield Fact(
        CheckStatus.WARNING,
        f"the services may use {limits} MB, and the machine has {total} MB: under load the kernel ends processes",
        "add memory, or write `deployment: {compose: {memory: {total: …}}}` (docs/memory.md)",
    )


def _memory_of_this_machine() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    except (ValueError, OSError):
        return 0


def _limits(deployment: Deployment) -> int:
    memory = deployment.memory
    sizes = [memory.orthanc, memory.nginx, memory.auth_service]
    sizes += [deployment.reader_memory] * len(deployment.readers)
    databases = deployment.has_index_container + (
        deployment.has_own_keycloak and deployment.external_keycloak_database is None
    )
    sizes += [memory.database] * databases + [CHECK_MEMORY] * len(deployment.external_databases)
    sizes += [memory.keycloak] if deployment.has_own_keycloak else []
    sizes += [getattr(memory, service.replace("-", "_")) for service in deployment.viewer_containers]
    return sum(map(megabytes_of, sizes))


def ports(system: ExaminedSystem) -> Iterator[Fact]:
    """The ports of the host are free, and their addresses are those of this machine."""
    deployment = system.deployment
    if deployment is None:
        return
    try:
        own = _published(system, deployment.project)
    except NoAnswer:
        own = set()
    for port in deployment.host_ports.all():
        shown = f"port {port.port}" + (f" of {port.address}" if port.address else "")
        key = ".".join(port.path)
        if port.port in own:
            yield Fact(CheckStatus.OK, f"{shown}: a container of this deployment has it")
        elif port.address and not is_this_machine(port.address):
            yield Fact(
                CheckStatus.ERROR,
                f"{port.address} is not an address of this machine, so that the engine cannot publish port {port.port}",
                f"correct `{key}` or the `bind` that belongs to it, or add the address to the machine",
            )
        elif is_taken(port.address, port.port) or can_listen(port.address, port.port) is False:
            remedy = f"`ss -ltnp 'sport = :{port.port}'` shows the program; stop it, or write another `{key}`"
            yield Fact(CheckStatus.ERROR, f"{shown} is in use by another program", remedy)
        else:
            yield Fact(CheckStatus.OK, f"{shown} is free")


def _published(system: ExaminedSystem, project: str) -> set[int]:
    """The ports of the host that containers of the project have."""
    published = set()
    for container in system.engine.containers(project):
        for bindings in (container.get("NetworkSettings", {}).get("Ports") or {}).values():
            published |= {int(binding["HostPort"]) for binding in bindings or []}
    return published


def name(system: ExaminedSystem) -> Iterator[Fact]:
    """The host name of the address leads to this machine."""
    deployment = system.deployment
    if deployment is None or deployment.origin.is_local:
        return
    host = deployment.origin.host.strip("[]")
    tls = deployment.profile.deployment.tls
    if not resolves(host):
        remedy = "add it to the institution's DNS; for a trial, to `/etc/hosts` of this machine and of each browser's"
        yield Fact(
            CheckStatus.ERROR, f"no address is known for `{host}`: browsers do not find the archive", remedy
        )
    elif is_this_machine(host):
        yield Fact(CheckStatus.OK, f"`{host}` is this machine")
    elif tls is not None and tls.terminated_by is not None:
        yield Fact(CheckStatus.OK, f"`{host}` is another machine: the proxy that ends TLS")
    else:
        message = f"`{host}` is an address of another machine, such as a router that forwards to this one"
        yield Fact(
            CheckStatus.WARNING,
            message,
            "correct the address in DNS, unless the other machine forwards the ports",
        )
