"""
nginx's configuration for the official image: the deployment's only public server.

The files stand below `nginx/` of the deployment and below `/etc/nginx/` of the image.

`nginx.conf` holds what concerns the process, the logs and the services behind it; `conf.d/site.conf` the server blocks;
`snippets/` what these include: Orthanc's public paths, and how a request reaches Orthanc and Keycloak; `njs/` is the guard,
which closes what the authorization plugin leaves open. A path that is not named there answers 404.
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

SNIPPETS = "nginx/snippets"


def nginx_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The files of nginx for the nginx version that the deployment's release names."""
    paths = ["nginx/nginx.conf", "nginx/conf.d/site.conf", *_snippets(deployment)]
    values = {"header": header(deployment.source), **server_values(deployment)}
    texts = [Artifact(path, render_template(f"{path}.j2", **values)) for path in paths]
    return (*texts, *guard_scripts(deployment))


def _snippets(deployment: Deployment) -> tuple[str, ...]:
    names = ["public-paths", "to-orthanc", "images-to-orthanc", "proxy-to-orthanc", "orthanc-headers"]
    names += ["answer-headers", "page-headers"]
    if any(viewer.needs_isolation for viewer in deployment.viewers):
        names.append("isolated-page-headers")
    if deployment.has_own_keycloak:
        names.append("to-keycloak")
    return tuple(f"{SNIPPETS}/{name}.conf" for name in names)
