"""Start script and environment of certbot, which gets certificates from Let's Encrypt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.products.script import script

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact
    from orthgen.profile.deployment import LetsEncrypt

RENEW_PATH = "certbot/renew.sh"

_AUTHORITY = "https://acme-v02.api.letsencrypt.org/directory"
_TEST_AUTHORITY = "https://acme-staging-v02.api.letsencrypt.org/directory"


def certbot_files(deployment: Deployment) -> tuple[Artifact, ...]:
    """The script that asks for the certificate and renews it, where there is a companion."""
    return (script(RENEW_PATH, deployment.source),) if deployment.letsencrypt is not None else ()


def certbot_environment(deployment: Deployment, letsencrypt: LetsEncrypt) -> dict[str, str]:
    """Variables of the start script."""
    return {
        "HOST": deployment.origin.host,
        "EMAIL": letsencrypt.email,
        "SERVER": _TEST_AUTHORITY if letsencrypt.staging else _AUTHORITY,
        "WEBROOT": deployment.release.image("certbot").paths["webroot"],
        "READERS": str(naming.CONTAINER_USER),
        # certbot keeps a file in its home.
        "HOME": "/tmp",  # noqa: S108 - a tmpfs of the container
    }
