"""`orthgen doctor` on a running deployment: containers, images, the served certificate, the issuer."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from orthgen.deployment import naming
from orthgen.doctor import running
from orthgen.doctor.container_engine import NoAnswer
from orthgen.doctor.model import CheckStatus, ExaminedSystem
from tests.support.builders import make_deployment
from tests.support.certificate import make_certificate
from tests.support.deployed import Served, bare
from tests.support.examined_system import Machine, issued, only, site, statuses

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
        ([container("nginx")], CheckStatus.OK, "1 containers run and are healthy"),
        ([container("nginx"), container("old")], CheckStatus.OK, "2 containers"),
        ([container("nginx", Running=False, ExitCode=1)], CheckStatus.ERROR, "does not run (exit code 1)"),
        (
            [container("nginx", Health={"Status": "unhealthy", "Log": [{"Output": "no key\n"}]})],
            CheckStatus.ERROR,
            "`nginx` is unhealthy: no key",
        ),
        ([container("nginx", restarts=3)], CheckStatus.WARNING, "restarted 3 times"),
        ([container("old")], CheckStatus.ERROR, "`nginx` has no container"),
        ([], CheckStatus.UNKNOWN, "does not run on this engine"),
    ],
)
def test_containers_are_healthy(
    described: list[dict[str, Any]], status: CheckStatus, text: str, tmp_path: Path
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
    assert statuses(facts) == [CheckStatus.ERROR, CheckStatus.ERROR]


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
    assert fact.status is (CheckStatus.OK if "have" in text else CheckStatus.WARNING)


# -------------------------------------------------------------------------------------------- the command


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
        system = site(tmp_path)
        system.folder.mkdir(parents=True)
        (system.folder / "tls.crt").write_bytes(served.read_bytes())
        untrusted = only(running.served_certificate(ExaminedSystem(Machine(), url=url)))
        trusted = only(running.served_certificate(replace(system, url=url, ca_file=served)))
        (system.folder / "tls.crt").write_bytes(issued(tmp_path)[0])
        another = only(running.served_certificate(replace(system, url=url, ca_file=served)))

    assert (untrusted.status, "--ca-file" in untrusted.remedy) == (CheckStatus.ERROR, True)
    assert trusted.status is CheckStatus.OK
    assert (another.status, "restart nginx" in another.remedy) == (CheckStatus.WARNING, True)


def test_the_doctor_sends_no_request_that_writes() -> None:
    """It asks a deployment in use, and nobody has agreed to more than reading."""
    with bare(make_deployment()) as server:
        list(running.weaknesses(ExaminedSystem(Machine(), url=server.url)))

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
        system = ExaminedSystem(Machine(), deployment, folder=tmp_path, url=f"https://localhost:{port}/")
        before = only(running.served_certificate(system))
        (tmp_path / "secrets" / naming.TLS_AUTHORITY).write_bytes(served.read_bytes())
        after = only(running.served_certificate(system))

    assert (before.status, after.status) == (CheckStatus.ERROR, CheckStatus.OK)


@pytest.mark.parametrize(
    ("name", "inside", "expected"),
    [
        ("{issuer}", "200", [CheckStatus.OK, CheckStatus.OK]),
        ("https://other.example.org/realms/orthanc", "200", [CheckStatus.ERROR, CheckStatus.OK]),
        ("", "200", [CheckStatus.ERROR, CheckStatus.OK]),
        ("{issuer}", NoAnswer("connection refused"), [CheckStatus.OK, CheckStatus.ERROR]),
    ],
)
def test_the_issuer_is_the_profiles(
    name: str, inside: Any, expected: list[CheckStatus], tmp_path: Path
) -> None:
    """Keycloak's document names the issuer that tokens have, and the auth-service's container reaches Keycloak."""
    engine = Machine(containers=[container(naming.AUTH_SERVICE)], exec=inside)
    system = site(tmp_path, engine)
    assert system.deployment is not None
    issuer = f"{system.deployment.addresses.keycloak_public}realms/orthanc"
    with over_tls(tmp_path, lambda _: {"issuer": name.format(issuer=issuer)}) as (port, served):
        facts = list(running.issuer(replace(system, url=f"https://localhost:{port}/", ca_file=served)))

    assert statuses(facts) == expected
