"""Rendered pods of nginx and OHIF on a real nginx: their volumes, users and ports as the kubelet would give them."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from orthgen.deployment import naming
from orthgen.targets import TARGETS
from tests.support.builders import example, write_artifacts
from tests.support.certificate import make_certificate
from tests.support.real import web
from tests.support.real.network import GATEWAY, Network, on_gateway, run
from tests.support.real.nginx import Nginx
from tests.support.real.pods import Pod, prepare

DEPLOYMENT = example("paradim.yaml", target="kubernetes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered folder."""
    folder = tmp_path_factory.mktemp("cluster")
    write_artifacts(TARGETS["kubernetes"].render(DEPLOYMENT), folder)
    return folder


@pytest.fixture(autouse=True)
def reserved_ports(network: Network) -> Iterator[None]:  # noqa: ARG001 - it makes the host
    """On nginx's host, ports below 1024 are root's, as on a node."""
    setting = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
    run(*on_gateway("sh", "-c", f"echo 1024 >{setting}"))
    yield
    run(*on_gateway("sh", "-c", f"echo 0 >{setting}"))


def assert_probed(pod: Pod) -> None:
    """The kubelet, which is outside the pod, gets an answer at each probe."""
    container = pod.container
    for name in ("startupProbe", "readinessProbe"):
        request = container[name]["httpGet"]
        url = f"http://{GATEWAY}:{pod.port(request['port'])}{request['path']}"
        assert 200 <= web.get(url).status < 400, name


def services(folder: Path) -> dict[str, int]:
    """Each Service, by its name, with its first port."""
    trees: list[dict[str, Any]] = [
        yaml.safe_load(path.read_text()) for path in sorted(folder.glob("manifests/*/service.yaml"))
    ]
    return {tree["metadata"]["name"]: tree["spec"]["ports"][0]["port"] for tree in trees}


def answers(url: str, trust: ssl.SSLContext) -> bool:
    """Whether the service behind an address answers."""
    return web.get(url, trust=trust).status == 200


def test_nginx_runs_as_its_pod(folder: Path, nginx: Nginx, network: Network, tmp_path: Path) -> None:
    """
    Without a capability, with ports above 1024 and a read-only root, nginx finds each service by the name and port of its Service.

    The certificate comes from the Secret, plain http is redirected, and the kubelet reaches the health page.
    """
    make_certificate(tmp_path / "tls.crt", tmp_path / "tls.key", DEPLOYMENT.origin.host)
    secret = {name: (tmp_path / name).read_text() for name in ("tls.crt", "tls.key")}
    pod = prepare(folder, naming.NGINX, {"nginx-tls": secret}, tmp_path / "volumes")
    network.publish(DEPLOYMENT.origin.host)
    for name, port in services(folder).items():
        if name != naming.NGINX:
            nginx.service(name, port)

    running = nginx.start(
        pod.mounts, pod.confinement, ports=[port["containerPort"] for port in pod.container["ports"]]
    )

    assert_probed(pod)
    trust = web.trusting(str(tmp_path / "tls.crt"))
    origin = f"https://{DEPLOYMENT.origin.host}:{pod.port('https')}"
    asked = {
        naming.ORTHANC: "/studies/x?expand",
        naming.OHIF: "/ohif/viewer",
        naming.KEYCLOAK: "/keycloak/realms/orthanc/account",
    }
    for name, path in asked.items():
        running.program.wait_until(functools.partial(answers, origin + path, trust), seconds=60, what=name)
        assert web.get(origin + path, trust=trust).json()["service"] == name
    assert web.get(f"{origin}/tools/reset", trust=trust).status == 404
    clear = web.get(f"http://{DEPLOYMENT.origin.host}:{pod.port('http')}/system")
    assert clear.headers["location"] == f"{DEPLOYMENT.origin.url}/system"
    assert "[warn]" not in running.log


def test_ohif_runs_as_its_pod(folder: Path, nginx: Nginx, tmp_path: Path) -> None:
    """OHIF's nginx serves its pages with the rendered settings, without a capability and at a port above 1024."""
    pod = prepare(folder, naming.OHIF, {}, tmp_path / "volumes")
    site = tmp_path / "site"
    (site / "ohif").mkdir(parents=True)
    (site / "ohif/index.html").write_text("<title>OHIF</title>")
    (site / "ohif/app-config.js").touch()

    nginx.start(
        {"/usr/share/nginx/html": site, **pod.mounts}, pod.confinement, ports=[services(folder)[naming.OHIF]]
    )

    assert_probed(pod)
    origin = f"http://{GATEWAY}:{pod.port('http')}"
    assert web.get(f"{origin}/ohif/viewer").text == "<title>OHIF</title>"
    assert web.get(f"{origin}/ohif/app-config.js").text == (folder / "ohif/app-config.js").read_text()
