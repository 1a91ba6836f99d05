"""`orthgen doctor`: each check with a machine that has the problem, and with one that has not."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from orthgen.cli.exit_codes import ExitCode
from orthgen.deployment import naming
from orthgen.doctor import CHECKS, examine, folder, machine, running
from orthgen.doctor.certificate import authorities, certificate
from orthgen.doctor.container_engine import ContainerEngine, NoAnswer
from orthgen.doctor.model import Fact, Status, Subject
from orthgen.profile.memory import megabytes_of
from orthgen.rendering.pipeline import resolve_profile
from orthgen.report.doctor_forms import DoctorForm
from tests.support.builders import make_deployment
from tests.support.certificate import make_authority, make_certificate
from tests.support.command import orthgen
from tests.support.deployed import Served, bare

ROOT = Path(__file__).parents[2]
HOST = "pacs.example.org"
SITE = """
orthgen: 1
institution: {name: Clinic, url: "https://pacs.example.org:%(port)s"}
identity: {sign-in: [accounts: {}]}
roles: {staff: {can: [everything], collections: all}}
deployment: {tls: {certificate: tls.crt, key: tls.key}, compose: {http-port: %(http)s%(more)s}}
"""
INFO = {
    "MemTotal": 64 * 2**30,
    "DockerRootDir": "/",
    "OSType": "linux",
    "KernelVersion": "6.1",
    "Warnings": None,
}


class Machine(ContainerEngine):
    """An engine with given answers; each other command fails."""

    def __init__(self, **answers: Any) -> None:
        super().__init__()
        self.answers = {
            "--version": "Docker version 28.2.2",
            "version": "28.2.2",
            "info": INFO,
            "compose": "v2.39.1",
            "containers": [],
        } | answers

    def run(self, *command: str, stdin: str = "", seconds: float = 0) -> str:  # noqa: ARG002 - as the engine's
        """The answer of the machine to a command of docker."""
        name = {"ps": "containers", "inspect": "containers"}.get(command[1], command[1])
        name = "compose" if command[0] == "docker-compose" else name
        if name == "compose" and "config" in command:
            name = "hashes" if "--hash" in command else "config"
        answer = self.answers.get(name)
        if answer is None or isinstance(answer, NoAnswer):
            raise answer or NoAnswer(f"`{name}` has no answer here")
        if command[1] == "ps":
            return "\n".join(str(index) for index, _ in enumerate(answer))
        return answer if name in {"compose", "hashes", "--version"} else json.dumps(answer)


def free_port() -> int:
    """A port of this machine that no program has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def site(folder_: Path, engine: ContainerEngine | None = None, **values: Any) -> Subject:
    """A profile below a folder, with its deployment."""
    path = folder_ / "clinic.yaml"
    path.write_text(SITE % ({"port": free_port(), "http": free_port(), "more": ""} | values))
    place = folder_ / "deployment/clinic"
    deployment, _ = resolve_profile(str(path), folder=place)
    return Subject(engine or Machine(), deployment, str(path), place)


def statuses(facts: Any) -> list[Status]:
    """The status of each fact."""
    return [fact.status for fact in facts]


def only(facts: Any) -> Fact:
    """The only fact."""
    (fact,) = facts
    return fact


# -------------------------------------------------------------------------------------------- the machine


@pytest.mark.parametrize(
    ("check", "engine", "status", "text"),
    [
        (machine.engine, Machine(), Status.OK, "Docker Engine 28.2.2"),
        (machine.engine, Machine(version="20.10.24+dfsg1"), Status.WARNING, "takes longer"),
        (machine.engine, Machine(version="19.03.8"), Status.ERROR, "without root"),
        (machine.engine, Machine(version="main"), Status.UNKNOWN, "cannot be compared"),
        (machine.engine, Machine(**{"--version": "podman version 5.4.0", "version": "5.4.0"}), Status.UNKNOWN, "Podman 5.4.0"),
        (machine.engine, Machine(version=NoAnswer("Cannot connect")), Status.ERROR, "does not answer: Cannot connect"),
        (machine.compose, Machine(), Status.OK, "Docker Compose 2.39.1"),
        (machine.compose, Machine(compose="2.17.0"), Status.ERROR, "does not read every key"),
        (machine.compose, Machine(compose=NoAnswer("no plugin")), Status.ERROR, "no plugin"),
        (machine.kernel, Machine(), Status.OK, "limits are enforced"),
        (machine.kernel, Machine(info=INFO | {"Warnings": ["WARNING: No memory limit support"]}), Status.WARNING, "No memory limit support"),
        (machine.kernel, Machine(info=INFO | {"SecurityOptions": ["name=rootless"]}), Status.WARNING, "user 999"),
        (machine.kernel, Machine(info=INFO | {"SecurityOptions": ["name=userns"]}), Status.WARNING, "range of users"),
        (machine.kernel, Machine(info=INFO | {"OSType": "windows"}), Status.ERROR, "windows"),
        (machine.kernel, Machine(info=NoAnswer("gone")), Status.UNKNOWN, "gone"),
        (machine.memory, Machine(), Status.OK, "65536 MB"),
    ],
)  # fmt: skip
def test_the_machine_is_examined(check: Any, engine: Machine, status: Status, text: str) -> None:
    """Versions, settings and memory, as the engine tells them."""
    fact = only(check(Subject(engine)))

    assert (fact.status, text in fact.message) == (status, True), fact
    assert (status is Status.OK) == (fact.remedy == "") or status is Status.UNKNOWN


@pytest.mark.parametrize(("state", "status"), [(0, Status.OK), (5, Status.WARNING), (-1, Status.UNKNOWN)])
def test_the_clock_is_the_kernels_answer(state: int, status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    """adjtimex(2) tells whether a time service synchronises the clock."""

    class Library:
        def __init__(self, _name: None) -> None:
            """The C library."""

        def adjtimex(self, _buffer: object) -> int:
            return state

    real = only(machine.clock(Subject(Machine())))
    monkeypatch.setattr(ctypes, "CDLL", Library)

    assert real.status in set(Status) - {Status.ERROR}
    assert only(machine.clock(Subject(Machine()))).status is status


@pytest.mark.parametrize(
    ("free", "status"), [(10**9, Status.ERROR), (10**10, Status.WARNING), (10**12, Status.OK)]
)
def test_a_full_disk_is_an_error(
    free: int, status: Status, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The disks of the engine's data and of the folder, also if the folder does not exist yet."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    facts = list(machine.disk(Subject(Machine(), folder=tmp_path / "deployment/clinic")))

    assert {fact.status for fact in facts} == {status}
    assert any(str(tmp_path) in fact.message for fact in facts)


def test_a_full_disk_of_the_volumes_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also if it is another disk than that of the engine's other data; a disk that holds both is named once."""

    def usage(place: Path) -> SimpleNamespace:
        return SimpleNamespace(free=0 if place.name == "volumes" else 10**12)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    root = tmp_path / "docker"
    (root / "volumes").mkdir(parents=True)
    subject = Subject(Machine(info=INFO | {"DockerRootDir": str(root)}), folder=tmp_path)

    assert only(machine.disk(subject)).status is Status.OK

    (root / "volumes").rmdir()
    (root / "volumes").symlink_to("/proc")
    first, second = machine.disk(subject)
    assert (first.status, second.status) == (Status.OK, Status.ERROR)
    assert str(root / "volumes") in second.message


def test_volumes_that_only_root_can_see_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A person of the group `docker` may not enter the engine's folder."""

    def refuse(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_dir", refuse)

    assert str(tmp_path) in only(machine.disk(Subject(Machine(), folder=tmp_path))).message


def test_little_memory_is_a_warning(tmp_path: Path) -> None:
    """The limits of the services are compared with the memory of the engine's machine."""
    small = site(tmp_path, Machine(info=INFO | {"MemTotal": 4 * 2**30}))

    assert "4096 MB" in only(machine.memory(small)).message
    assert only(machine.memory(small)).status is Status.WARNING
    assert only(machine.memory(site(tmp_path))).status is Status.OK


def test_every_reader_has_memory_of_its_own() -> None:
    """What the services may use grows with each reader."""
    message = {
        readers: only(
            machine.memory(
                Subject(Machine(), make_deployment(archive=f"{{replicas: {{readers: {readers}}}}}"))
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

    fact = only(machine.name(Subject(Machine(), deployment)))

    assert (fact.status, "the proxy that ends TLS" in fact.message) == (Status.OK, True)


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

    assert statuses(taken) == [Status.OK, Status.ERROR]
    assert f"sport = :{port}" in taken[1].remedy
    assert "`deployment.compose.https-port`" in taken[1].remedy
    assert statuses(ours) == [Status.OK, Status.OK]
    assert statuses(elsewhere) == [Status.ERROR, Status.ERROR]
    assert "192.0.2.77 is not an address of this machine" in elsewhere[0].message


@pytest.mark.parametrize(
    ("addresses", "status"),
    [((), Status.ERROR), (("127.0.0.1",), Status.OK), (("192.0.2.77",), Status.WARNING)],
)
def test_the_name_leads_to_this_machine(
    addresses: tuple[str, ...], status: Status, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unknown name is an error; a name of another machine can be a router."""

    def lookup(host: str, *_: object, **__: object) -> list[Any]:
        if not addresses:
            raise socket.gaierror(f"{host} is not known")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", (address, 0)) for address in addresses]

    subject = site(tmp_path)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)

    assert only(machine.name(subject)).status is status


# ---------------------------------------------------------------------------------------- files and secrets


def test_the_folder_is_compared_with_the_profile(tmp_path: Path) -> None:
    """Not rendered, current, edited by a person, older than the profile."""
    subject = site(tmp_path)
    absent = only(folder.files(subject))
    orthgen("render", subject.profile, "--out", str(subject.folder), cwd=tmp_path)
    current = only(folder.files(subject))
    compose = subject.folder / "docker-compose.yml"
    compose.write_text(compose.read_text() + "# edited\n")
    edited = only(folder.files(subject))
    profile = Path(subject.profile)
    profile.write_text(profile.read_text().replace("Clinic", "Other clinic"))
    both = list(folder.files(subject))

    assert (absent.status, current.status, edited.status) == (Status.ERROR, Status.OK, Status.WARNING)
    assert "`docker-compose.yml` is edited" in edited.message
    assert statuses(both) == [Status.WARNING, Status.WARNING]
    assert "older than the profile" in both[1].message


def test_secrets_are_examined_and_not_changed(tmp_path: Path) -> None:
    """Missing ones, then one that the containers cannot read; owner and mode stay."""
    subject = site(tmp_path)
    missing = list(folder.secrets(subject))
    orthgen("render", subject.profile, "--out", str(subject.folder), cwd=tmp_path)
    orthgen("secrets", subject.profile, "--out", str(subject.folder), cwd=tmp_path)
    secret = subject.folder / "secrets/orthanc-db-password"
    os.chown(secret, os.getuid(), os.getgid())
    secret.chmod(0o600)
    before = secret.stat()
    wrong = [fact for fact in folder.secrets(subject) if "orthanc-db-password" in fact.message]

    assert {fact.status for fact in missing} == {Status.ERROR}
    assert any("run `orthgen secrets" in fact.remedy for fact in missing)
    assert "cannot read it" in only(wrong).message
    assert "chown 999:999" in only(wrong).remedy
    assert (secret.stat().st_uid, secret.stat().st_mode) == (before.st_uid, before.st_mode)


@pytest.mark.parametrize(("mode", "status"), [(0o644, Status.WARNING), (0o600, Status.ERROR)])
def test_an_engine_with_other_users_reads_secrets_that_were_made_without_root(
    tmp_path: Path, mode: int, status: Status
) -> None:
    """User 999 of its containers is another user of the machine, who reads no file of user 999 with mode 0600."""
    subject = site(tmp_path, Machine(info=INFO | {"SecurityOptions": ["name=rootless"]}))
    secret = subject.folder / "secrets/orthanc-db-password"
    secret.parent.mkdir(parents=True)
    secret.touch()
    secret.chmod(mode)

    fact = only(machine.kernel(subject))

    assert fact.status is status
    assert (str(secret) in fact.message) == (status is Status.ERROR)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A certificate for the host, and its key."""
    place = tmp_path_factory.mktemp("certificate")
    make_certificate(place / "crt", place / "key", HOST)
    return (place / "crt").read_bytes(), (place / "key").read_bytes()


ELSEWHERE = "identity: {keycloak: {server: 'https://sso.example.org'}, trust: [%s]}"
HERE = "identity: {sign-in: [accounts: {}], trust: [%s]}"


@pytest.mark.parametrize(
    ("identity", "kind", "status", "text"),
    [
        (ELSEWHERE, "authority", Status.OK, "1 of `identity.trust`"),
        (ELSEWHERE, "without key usage", Status.ERROR, "has no key usage"),
        (HERE, "without key usage", Status.WARNING, "ends on"),
        (HERE, "text", Status.ERROR, "no certificate in PEM form"),
    ],
)
def test_the_institutions_authorities_are_certificates_that_their_readers_take(
    identity: str, kind: str, status: Status, text: str, tmp_path: Path
) -> None:
    """Keycloak's Java trusts an authority without a key usage, the Python of the auth-service does not."""
    file = tmp_path / "authority.pem"
    if kind == "text":
        file.write_text("no certificate")
    elif kind == "authority":
        make_authority(file, tmp_path / "key")
    else:
        make_certificate(file, tmp_path / "key", HOST)
    subject = site(tmp_path)
    profile = Path(subject.profile)
    profile.write_text(profile.read_text().replace("identity: {sign-in: [accounts: {}]}", identity % file))
    deployment, _ = resolve_profile(subject.profile, folder=subject.folder)
    found = {fact.status: fact.message for fact in authorities(replace(subject, deployment=deployment))}

    assert text in found[status]
    assert (Status.ERROR in found) == (status is Status.ERROR)


def certified(subject: Subject, crt: bytes | None, key: bytes | None) -> list[Fact]:
    """The facts about a certificate and a key in the files that the profile names."""
    subject.folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("tls.crt", crt), ("tls.key", key)):
        if content is not None:
            (subject.folder / name).write_bytes(content)
    return list(certificate(subject))


def issued(folder_: Path, days: str = "90", host: str = HOST, *more: str) -> tuple[bytes, bytes]:
    """A certificate of openssl with its key."""
    line = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-subj",
        "/CN=test",
    ]
    line += [
        "-days",
        days,
        "-addext",
        f"subjectAltName=DNS:{host}",
        "-keyout",
        "k",
        "-out",
        "c",
        *(more or ("-nodes",)),
    ]
    subprocess.run(line, cwd=folder_, check=True, capture_output=True)
    return (folder_ / "c").read_bytes(), (folder_ / "k").read_bytes()


def test_a_certificate_fits_host_key_and_time(tmp_path: Path, pair: tuple[bytes, bytes]) -> None:
    """Files of openssl: good, ending soon, ended, of another host, with the key of another, a passphrase, no file, no PEM."""
    subject = site(tmp_path)
    crt, key = pair
    good = issued(tmp_path)
    other = issued(tmp_path, "90", "other.example.org")
    wild = issued(tmp_path, "90", "*.example.org")
    protected = issued(tmp_path, "90", HOST, "-passout", "pass:secret")
    cases: dict[str, tuple[bytes | None, bytes | None, Status, str]] = {
        "good": (*good, Status.OK, "names the host"),
        "wildcard": (*wild, Status.OK, "names the host"),
        "soon": (crt, key, Status.WARNING, "ends on"),
        "another host": (*other, Status.ERROR, f"does not name `{HOST}`"),
        "another key": (good[0], key, Status.ERROR, "does not belong to the certificate"),
        "passphrase": (*protected, Status.ERROR, "has a passphrase"),
        "no PEM": (b"nothing", key, Status.ERROR, "no certificate in PEM form"),
        "no key": (good[0], b"nothing", Status.ERROR, "not a private key"),
        "wrong order": (good[0] + other[0], good[1], Status.ERROR, "did not sign"),
    }
    absent = only(certified(subject, None, None))
    for name, (first, second, status, text) in cases.items():
        fact = only(certified(subject, first, second))
        assert (fact.status, text in fact.message) == (status, True), (name, fact)
    assert (absent.status, "is missing" in absent.message) == (Status.ERROR, True)


# ----------------------------------------------------------------------------------- the running deployment


def container(service: str, **state: Any) -> dict[str, Any]:
    """A container as the engine describes it."""
    labels = {"com.docker.compose.service": service, "com.docker.compose.config-hash": "abc"}
    return {
        "Id": service,
        "Name": f"/clinic-{service}-1",
        "Config": {"Labels": labels, "Image": f"{service}:1"},
        "State": {"Running": True, "Health": {"Status": "healthy"}} | state,
        "RestartCount": state.get("restarts", 0),
    }


@pytest.mark.parametrize(
    ("described", "status", "text"),
    [
        ([container("nginx")], Status.OK, "1 containers run and are healthy"),
        ([container("nginx"), container("old")], Status.OK, "2 containers"),
        ([container("nginx", Running=False, ExitCode=1)], Status.ERROR, "does not run (exit code 1)"),
        (
            [container("nginx", Health={"Status": "unhealthy", "Log": [{"Output": "no key\n"}]})],
            Status.ERROR,
            "`nginx` is unhealthy: no key",
        ),
        ([container("nginx", restarts=3)], Status.WARNING, "restarted 3 times"),
        ([container("old")], Status.ERROR, "`nginx` has no container"),
        ([], Status.UNKNOWN, "does not run on this engine"),
    ],
)
def test_containers_are_healthy(
    described: list[dict[str, Any]], status: Status, text: str, tmp_path: Path
) -> None:
    """Each service has its container; a health check's output is shown."""
    engine = Machine(containers=described, config={"services": {"nginx": {"image": "nginx:1"}}})
    fact = only(running.containers(site(tmp_path, engine)))

    assert (fact.status, text in fact.message) == (status, True), fact


def test_a_container_that_the_kernel_ended_is_named(tmp_path: Path) -> None:
    """It has both facts: the reason, and that it does not run."""
    engine = Machine(
        containers=[container("nginx", Running=False, OOMKilled=True)], config={"services": {"nginx": {}}}
    )
    facts = list(running.containers(site(tmp_path, engine)))

    assert "memory limit" in facts[0].message
    assert statuses(facts) == [Status.ERROR, Status.ERROR]


@pytest.mark.parametrize(
    ("image", "digest", "text"),
    [
        ("nginx:1", "abc", "have the images and settings"),
        ("nginx:2", "abc", "runs `nginx:1`, and the compose file has `nginx:2`"),
        ("nginx:1", "def", "runs with other settings"),
        (None, "abc", "is not in the compose file any more"),
    ],
)
def test_images_and_settings_are_those_of_the_file(
    image: str | None, digest: str, text: str, tmp_path: Path
) -> None:
    """A container of an earlier render is a warning, with the command that replaces it."""
    config = {"services": {"nginx": {"image": image}} if image else {}}
    engine = Machine(containers=[container("nginx")], config=config, hashes=f"nginx {digest}\n")
    fact = only(running.images(site(tmp_path, engine)))

    assert text in fact.message
    assert fact.status is (Status.OK if "have" in text else Status.WARNING)


# -------------------------------------------------------------------------------------------- the command


def test_a_machine_without_engine_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a profile: the machine alone, each line with its remedy, and exit code 5; for programs too."""
    monkeypatch.setenv("PATH", str(tmp_path))
    text = orthgen("doctor", cwd=tmp_path)
    form = msgspec.json.decode(orthgen("doctor", "--format", "json", cwd=tmp_path).stdout, type=DoctorForm)

    assert text.returncode == ExitCode.DENIED
    assert "`docker` is not installed" in text.stdout
    assert [result.id for result in form.results if result.status == "error"] == ["engine", "compose"]
    assert text.stdout.splitlines()[-1].startswith("2 errors")


def test_an_address_that_does_not_answer_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--url` needs no profile; an address that is none is refused."""
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = orthgen("doctor", "--url", f"https://127.0.0.1:{free_port()}", cwd=tmp_path)
    wrong = orthgen("doctor", "--url", "pacs.example.org", cwd=tmp_path)

    assert "connection refused" in outcome.stdout
    assert (wrong.returncode, "does not begin with http" in wrong.stderr) == (ExitCode.FAILED, True)


def test_a_check_that_does_not_concern_the_subject_is_silent() -> None:
    """Without a profile and an address, only the machine is examined."""
    checks = {result.id for result in examine(Subject(Machine()))}

    assert checks == {"engine", "compose", "kernel", "clock", "disk", "memory"}


def test_every_check_is_documented() -> None:
    """docs/doctor.md has a row for each check, in their order."""
    page = (ROOT / "docs/doctor.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]

    assert rows == [*(status.value for status in Status), *(check.id for check in CHECKS)]


@contextmanager
def over_tls(folder_: Path, document: Any) -> Iterator[tuple[int, Path]]:
    """A server for `localhost` that shows a realm's discovery document, and its certificate."""
    certificate_, key = folder_ / "served.crt", folder_ / "served.key"
    make_certificate(certificate_, key, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_, key)
    server = Served(lambda request: (200, {}, json.dumps(document(request) or {}).encode()))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server:
        yield int(server.server_address[1]), certificate_


def test_the_served_certificate_is_trusted_and_that_of_the_file(tmp_path: Path) -> None:
    """Without its authority it is not trusted; another file on the disk is a warning."""
    with over_tls(tmp_path, lambda _: None) as (port, served):
        url = f"https://localhost:{port}/"
        subject = site(tmp_path)
        subject.folder.mkdir(parents=True)
        (subject.folder / "tls.crt").write_bytes(served.read_bytes())
        untrusted = only(running.served_certificate(Subject(Machine(), url=url)))
        trusted = only(running.served_certificate(replace(subject, url=url, ca_file=served)))
        (subject.folder / "tls.crt").write_bytes(issued(tmp_path)[0])
        another = only(running.served_certificate(replace(subject, url=url, ca_file=served)))

    assert (untrusted.status, "--ca-file" in untrusted.remedy) == (Status.ERROR, True)
    assert trusted.status is Status.OK
    assert (another.status, "restart nginx" in another.remedy) == (Status.WARNING, True)


def test_the_doctor_sends_no_request_that_writes() -> None:
    """It asks a deployment in use, and nobody has agreed to more than reading."""
    with bare(make_deployment()) as server:
        list(running.weaknesses(Subject(Machine(), url=server.url)))

    writes = {"PUT", "DELETE", "PATCH"}
    assert server.heard
    assert [
        heard.path for heard in server.heard if heard.method in writes or heard.path.endswith("/instances")
    ] == []


def test_the_authority_of_the_deployment_is_trusted_without_an_option(tmp_path: Path) -> None:
    """`own-authority` leaves its certificate in the folder; the doctor reads it there."""
    with over_tls(tmp_path, lambda _: None) as (port, served):
        deployment = make_deployment(
            institution="{name: Test, url: 'https://pacs.example.org'}",
            deployment="{tls: {own-authority: {}}}",
        )
        (tmp_path / "secrets").mkdir()
        subject = Subject(Machine(), deployment, folder=tmp_path, url=f"https://localhost:{port}/")
        before = only(running.served_certificate(subject))
        (tmp_path / "secrets" / naming.TLS_AUTHORITY).write_bytes(served.read_bytes())
        after = only(running.served_certificate(subject))

    assert (before.status, after.status) == (Status.ERROR, Status.OK)


@pytest.mark.parametrize(
    ("name", "inside", "expected"),
    [
        ("{issuer}", "200", [Status.OK, Status.OK]),
        ("https://other.example.org/realms/orthanc", "200", [Status.ERROR, Status.OK]),
        ("", "200", [Status.ERROR, Status.OK]),
        ("{issuer}", NoAnswer("connection refused"), [Status.OK, Status.ERROR]),
    ],
)
def test_the_issuer_is_the_profiles(name: str, inside: Any, expected: list[Status], tmp_path: Path) -> None:
    """Keycloak's document names the issuer that tokens have, and the auth-service's container reaches Keycloak."""
    engine = Machine(containers=[container(naming.AUTH_SERVICE)], exec=inside)
    subject = site(tmp_path, engine)
    assert subject.deployment is not None
    issuer = f"{subject.deployment.addresses.keycloak_public}realms/orthanc"
    with over_tls(tmp_path, lambda _: {"issuer": name.format(issuer=issuer)}) as (port, served):
        facts = list(running.issuer(replace(subject, url=f"https://localhost:{port}/", ca_file=served)))

    assert statuses(facts) == expected
