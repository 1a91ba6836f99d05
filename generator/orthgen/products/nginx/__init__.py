"""
nginx's configuration for the official image: the deployment's one way in.

The files stand below `nginx/` of the deployment and below `/etc/nginx/` of the image.

`nginx.conf` holds what concerns the process, the logs and the services behind; `conf.d/site.conf` the public
paths; `conf.d/to-orthanc.conf` and `conf.d/to-keycloak.conf` how a request reaches the services; `njs/` is the guard that
closes what the plugin leaves open. What is not named there answers 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.formats.templates import render_template
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.nginx.guard import guard_scripts
from orthgen.products.nginx.server import server_values

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


def nginx_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The files of nginx for the nginx version that the deployment's release names."""
    paths = ["nginx/nginx.conf", *(f"nginx/conf.d/{name}.conf" for name in ("site", "to-orthanc", "orthanc"))]
    if deployment.has_own_keycloak:
        paths.append("nginx/conf.d/to-keycloak.conf")
    values = {"header": header(deployment.source), **server_values(deployment)}
    texts = [Artifact(path, render_template(f"{path}.j2", **values)) for path in paths]
    return (*texts, *guard_scripts(deployment))
