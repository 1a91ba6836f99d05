"""Starts servers with the files of a rendered deployment that stand in a folder, as its containers would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.certificate import make_certificate
from tests.support.ohif.build import image_site
from tests.support.real import container, parts
from tests.support.real.process import Program

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.deployment.model import Deployment
    from tests.support.real.network import Network
    from tests.support.real.nginx import Nginx, RunningNginx


def start_ohif(version: str, folder: Path) -> Program:
    """OHIF's container: its files as the image has them, and the rendered configuration of its nginx."""
    mounts = {
        "/usr/share/nginx/html": image_site(version, folder / "site"),
        "/usr/share/nginx/html/ohif/app-config.js": folder / "ohif/app-config.js",
        "/etc/nginx/nginx.conf": folder / "ohif/nginx.conf",
    }
    command = ("nginx", "-c", "/etc/nginx/nginx.conf", "-g", "daemon off;")
    line = container.command_line(parts.debian(), command, work=folder / "ohif-container", mounts=mounts)
    return Program(line, log=folder / "ohif.log")


def start_edge(deployment: Deployment, network: Network, nginx: Nginx, folder: Path) -> RunningNginx:
    """The rendered nginx, under the deployment's public name; its certificate is `folder/tls_certificate`."""
    certificate, key = folder / "tls_certificate", folder / "tls_key"
    make_certificate(certificate, key, deployment.origin.host)
    network.publish(deployment.origin.host)
    mounts = {
        f"/etc/nginx/{name}": folder / "nginx" / name for name in ("nginx.conf", "conf.d", "snippets", "njs")
    }
    secrets = {"/run/secrets/tls_certificate": certificate, "/run/secrets/tls_key": key}
    return nginx.start({**mounts, **secrets}, ports=(80, 443))
