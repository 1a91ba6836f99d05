"""The text of nginx's configuration: real nginx and two scanners accept it, and it runs confined as a container."""

from __future__ import annotations

import functools
import json
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orthgen.deployment import naming
from orthgen.products.nginx import nginx_files
from orthgen.targets import TARGETS
from tests.support.builders import EXAMPLES, example, make_deployment, write_artifacts
from tests.support.certificate import make_certificate
from tests.support.real import parts, web
from tests.support.real.container import Confinement, Mount
from tests.support.real.nginx_requests import EVERY_NGINX
from tests.support.rendered_nginx import Nginx, edge

if TYPE_CHECKING:
    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx as Program


@pytest.mark.parametrize("nginx", EVERY_NGINX)
@pytest.mark.parametrize("name", EXAMPLES)
def test_nginx_accepts_every_example_without_a_warning(name: str, nginx: Nginx, tmp_path: Path) -> None:
    """`nginx -t` has nothing to say about any profile that the project ships."""
    with edge(example(name), tmp_path, nginx=nginx) as running:
        checked = running.check()

    assert checked.returncode == 0
    assert "[warn]" not in checked.stderr


@pytest.mark.parametrize("name", [*EXAMPLES, "reports by link"])
@pytest.mark.parametrize("scanner", ["gixy-ng", "gixy-next"])
def test_scanners_find_nothing(scanner: str, name: str, tmp_path: Path) -> None:
    """
    gixy-ng and gixy-next have no finding on any example's nginx, and there is no list of findings to allow.

    Every main file that is rendered is scanned, OHIF's own server included.
    """
    by_link = make_deployment(viewers="{ohif: {reports: instant-link}}")
    deployment = by_link if name == "reports by link" else example(name)
    write_artifacts(TARGETS["compose"].render(deployment), tmp_path)

    found = {}
    for main in tmp_path.rglob("nginx.conf"):
        command = [str(parts.tool(scanner, "gixy")), "-f", "json", str(main)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found[main.parent.name] = (done.returncode, json.loads(done.stdout))

    assert found == dict.fromkeys(["nginx", *deployment.viewer_containers], (0, []))


def test_the_unchanged_configuration_runs_confined_as_a_container(
    nginx: Program, network: Network, tmp_path: Path
) -> None:
    """
    With a read-only root, no capability, an ordinary user and only /tmp to write to, nginx starts, and finds its
    services by their names, though they start later than itself.
    """
    deployment = example("paradim.yaml")
    image = deployment.release.image("nginx")
    artifacts = nginx_files(deployment)
    write_artifacts(artifacts, tmp_path)
    mounts: dict[str, Path | Mount] = {
        f"/etc/{artifact.path}": tmp_path / artifact.path for artifact in artifacts
    }
    for name in ("tls_certificate", "tls_key"):
        mounts[f"/run/secrets/{name}"] = tmp_path / name
    make_certificate(tmp_path / "tls_certificate", tmp_path / "tls_key", deployment.origin.host)
    (tmp_path / "tls_key").chmod(0o644)
    network.publish(deployment.origin.host)
    user = str(naming.CONTAINER_USER)
    confinement = Confinement(read_only=True, tmpfs=image.tmpfs, capabilities=(), user=f"{user}:{user}")

    running = nginx.start(mounts, confinement, ports=(80, 443))
    services = {naming.ORTHANC: 8042, naming.OHIF: 80, naming.KEYCLOAK: 8080}
    for name, port in services.items():
        nginx.service(name, port)

    trust = web.trusting(str(tmp_path / "tls_certificate"))
    asked = {
        naming.ORTHANC: "/studies/x?expand",
        naming.OHIF: "/ohif/viewer",
        naming.KEYCLOAK: "/keycloak/realms/orthanc/account",
    }
    for name, path in asked.items():
        url = f"{deployment.origin.url}{path}"
        running.program.wait_until(functools.partial(_answers, url, trust), seconds=30, what=name)
        assert web.get(url, trust=trust).json()["service"] == name
    assert "[warn]" not in running.log


def _answers(url: str, trust: ssl.SSLContext) -> bool:
    return web.get(url, trust=trust).status == 200
