"""ohif/nginx.conf: the server of OHIF's container, where OHIF has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import at_least
from orthgen.deployment import naming
from orthgen.formats.templates import render_template
from orthgen.products.artifact import Artifact
from orthgen.products.header import header

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

SERVER_PATH = "ohif/nginx.conf"


def ohif_server_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The configuration of nginx in OHIF's image, because the image's own needs a writable root."""
    if naming.OHIF not in deployment.viewer_containers:
        return ()
    image = deployment.release.image("ohif")
    site = image.paths["site"]
    configuration = image.paths["configuration"].removeprefix(site)
    text = render_template(
        f"{SERVER_PATH}.j2",
        header=header(deployment.source),
        port=deployment.platform.ports[naming.OHIF],
        site=site,
        configuration=configuration,
        base=configuration.rpartition("/")[0] + "/",
        # Since 26.4 the image keeps scripts compressed only (Dockerfile.ohif-v3).
        precompressed=at_least(image.tag, "26.4.0"),
    )
    return (Artifact(SERVER_PATH, text),)
