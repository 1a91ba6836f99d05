"""`orthgen doctor` on the machine: each check with a machine that has the problem, and with one that has not."""

from __future__ import annotations

import ctypes
import re
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orthgen.doctor import machine
from orthgen.doctor.container_engine import NoAnswer
from orthgen.doctor.model import CheckStatus, ExaminedSystem
from orthgen.profile.memory import megabytes_of
from tests.support.builders import make_deployment
from tests.support.examined_system import INFO, Machine, only, site, statuses

# -------------------------------------------------------------------------------------------- the machine


@pytest.mark.parametrize(
    ("check", "engine", "status", "text"),
    [
        (machine.engine, Machine(), CheckStatus.OK, "Docker Engine 28.2.2"),
        (machine.engine, Machine(version="20.10.24+dfsg1"), CheckStatus.WARNING, "takes longer"),
        (machine.engine, Machine(version="19.03.8"), CheckStatus.ERROR, "without root"),
        (machine.engine, Machine(version="main"), CheckStatus.UNKNOWN, "cannot be compared"),
        (machine.engine, Machine(**{"--version": "podman version 5.4.0", "version": "5.4.0"}), CheckStatus.UNKNOWN, "Podman 5.4.0"),
        (machine.engine, Machine(version=NoAnswer("Cannot connect")), CheckStatus.ERROR, "does not answer: Cannot connect"),
        (machine.compose, Machine(), CheckStatus.OK, "Docker Compose 2.39.1"),
        (machine.compose, Machine(compose="2.17.0"), CheckStatus.ERROR, "does not read every key"),
        (machine.compose, Machine(compose=NoAnswer("no plugin")), CheckStatus.ERROR, "no plugin"),
        (machine.kernel, Machine(), CheckStatus.OK, "limits are enforced"),
        (machine.kernel, Machine(info=INFO | {"Warnings": ["WARNING: No memory limit support"]}), CheckStatus.WARNING, "No memory limit support"),
        (machine.kernel, Machine(info=INFO | {"SecurityOptions": ["name=rootless"]}), CheckStatus.WARNING, "user 999"),
        (machine.kernel, Machine(info=INFO | {"SecurityOptions": ["name=userns"]}), CheckStatus.WARNING, "range of users"),
        (machine.kernel, Machine(info=INFO | {"OSType": "windows"}), CheckStatus.ERROR, "windows"),
        (machine.kernel, Machine(info=NoAnswer("gone")), CheckStatus.UNKNOWN, "gone"),
        (machine.memory, Machine(), CheckStatus.OK, "65536 MB"),
    ],
)  # fmt: skip
def test_the_machine_is_examined(check: Any, engine: Machine, status: CheckStatus, text: str) -> None:
    """Versions, settings and memory, as the engine tells them."""
    fact = only(check(ExaminedSystem(engine)))

    assert (fact.status, text in fact.message) == (status, True), fact
    assert (status is CheckStatus.OK) == (fact.remedy == "") or status is CheckStatus.UNKNOWN


@pytest.mark.parametrize(
    ("state", "status"), [(0, CheckStatus.OK), (5, CheckStatus.WARNING), (-1, CheckStatus.UNKNOWN)]
)
def test_the_clock_is_the_kernels_answer(
    state: int, status: CheckStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """adjtimex(2) tells whether a time service synchronises the clock."""

    class Library:
        def __init__(self, _name: None) -> None:
            """The C library."""

        def adjtimex(self, _buffer: object) -> int:
            return state

    real = only(machine.clock(ExaminedSystem(Machine())))
    monkeypatch.setattr(ctypes, "CDLL", Library)

    assert real.status in set(CheckStatus) - {CheckStatus.ERROR}
    assert only(machine.clock(ExaminedSystem(Machine()))).status is status


@pytest.mark.parametrize(
    ("free", "status"), [(10**9, CheckStatus.ERROR), (10**10, CheckStatus.WARNING), (10**12, CheckStatus.OK)]
)
def test_a_full_disk_is_an_error(
    free: int, status: CheckStatus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The disks of the engine's data and of the folder, also if the folder does not exist yet."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    facts = list(machine.disk(ExaminedSystem(Machine(), folder=tmp_path / "deployment/clinic")))

    assert {fact.status for fact in facts} == {status}
    assert any(str(tmp_path) in fact.message for fact in facts)


def test_a_full_disk_of_the_volumes_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also if it is another disk than that of the engine's other data; a disk that holds both is named once."""

    def usage(place: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if place.name == "volumes" else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    root = tmp_path / "docker"
    (root / "volumes").mkdir(parents=True)
    system = ExaminedSystem(Machine(info=INFO | {"DockerRootDir": str(root)}), folder=tmp_path)

    assert only(machine.disk(system)).status is CheckStatus.OK

    (root / "volumes").rmdir()
    (root / "volumes").symlink_to("/proc")
    first, second = machine.disk(system)
    assert (first.status, second.status) == (CheckStatus.OK, CheckStatus.ERROR)
    assert str(root / "volumes") in second.message


def test_volumes_that_only_root_can_see_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A person of the group `docker` may not enter the engine's folder."""

    def refuse(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_dir", refuse)

    assert str(tmp_path) in only(machine.disk(ExaminedSystem(Machine(), folder=tmp_path))).message


def test_little_memory_is_a_warning(tmp_path: Path) -> None:
    """The limits of the services are compared with the memory of the engine's machine."""
    small = site(tmp_path, Machine(info=INFO | {"MemTotal": 4 * 2**30}))

    assert "4096 MB" in only(machine.memory(small)).message
    assert only(machine.memory(small)).status is CheckStatus.WARNING
    assert only(machine.memory(site(tmp_path))).status is CheckStatus.OK


def test_without_an_engine_the_memory_is_that_of_this_machine() -> None:
    """As the kernel tells it, in megabytes."""
    told = only(machine.memory(ExaminedSystem(Machine(info=NoAnswer("gone"))))).message
    (kilobytes,) = re.findall(r"(?m)^MemTotal: +([0-9]+) kB$", Path("/proc/meminfo").read_text())

    assert told == f"{int(kilobytes) // 1024} MB"


def test_every_reader_has_memory_of_its_own() -> None:
    """What the services may use grows with each reader."""
    message = {
        readers: only(
            machine.memory(
                ExaminedSystem(Machine(), make_deployment(archive=f"{{replicas: {{readers: {readers}}}}}"))
            )
        ).message
        for readers in (1, 3)
    }

    one, three = (int(message[readers].split()[-2]) for readers in (1, 3))
    assert three - one == 2 * megabytes_of(make_deployment(archive="{replicas: {readers: 1}}").reader_memory)


def test_a_proxy_of_the_institution_has_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `terminated-by` browsers reach another machine first, and that is right."""
    deployment = make_deployment(
        institution="{name: Test, url: 'https://pacs.example.org'}",
        deployment="{tls: {terminated-by: proxy}}",
    )
    found = (socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("192.0.2.77", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [found])

    fact = only(machine.name(ExaminedSystem(Machine(), deployment)))

    assert (fact.status, "the proxy that ends TLS" in fact.message) == (CheckStatus.OK, True)


def test_a_port_in_use_is_an_error(tmp_path: Path) -> None:
    """A program that listens, an address of another machine, and a port that a container of the deployment has."""
    with socket.socket() as program:
        program.bind(("127.0.0.1", 0))
        program.listen()
        port = program.getsockname()[1]
        taken = list(machine.ports(site(tmp_path, port=port)))
        binding = {"443/tcp": [{"HostPort": str(port)}]}
        own = Machine(containers=[{"NetworkSettings": {"Ports": binding}}])
        ours = list(machine.ports(site(tmp_path, own, port=port)))
    elsewhere = list(machine.ports(site(tmp_path, more=", bind: 192.0.2.77")))

    assert statuses(taken) == [CheckStatus.OK, CheckStatus.ERROR]
    assert f"sport = :{port}" in taken[1].remedy
    assert "`deployment.compose.https-port`" in taken[1].remedy
    assert statuses(ours) == [CheckStatus.OK, CheckStatus.OK]
    assert statuses(elsewhere) == [CheckStatus.ERROR, CheckStatus.ERROR]
    assert "192.0.2.77 is not an address of this machine" in elsewhere[0].message


@pytest.mark.parametrize(
    ("addresses", "status"),
    [((), CheckStatus.ERROR), (("127.0.0.1",), CheckStatus.OK), (("192.0.2.77",), CheckStatus.WARNING)],
)
def test_the_name_leads_to_this_machine(
    addresses: tuple[str, ...], status: CheckStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown name is an error; a name of another machine can be a router."""

    def lookup(host: str, *_: object, **__: object) -> list[Any]:
        if not addresses:
            raise socket.gaierror(f"{host} is not known")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", (address, 0)) for address in addresses]

    system = site(tmp_path)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    assert only(machine.name(system)).status is status


# ---------------------------------------------------------------------------------------- files and secrets


@pytest.mark.parametrize(("mode", "status"), [(0o644, CheckStatus.WARNING), (0o600, CheckStatus.ERROR)])
def test_an_engine_with_other_users_reads_secrets_that_were_made_without_root(
    tmp_path: Path, mode: int, status: CheckStatus
) -> None:
    """User 999 of its containers is another user of the machine, who reads no file of user 999 with mode 0600."""
    system = site(tmp_path, Machine(info=INFO | {"SecurityOptions": ["name=rootless"]}))
    secret = system.folder / "secrets/orthanc-db-password"
    secret.parent.mkdir(parents=True)
    secret.touch()
    secret.chmod(mode)

    fact = only(machine.kernel(system))

    assert fact.status is status
    assert (str(secret) in fact.message) == (status is CheckStatus.ERROR)
