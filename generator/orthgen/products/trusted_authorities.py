"""
Additional certificate authorities that the institution trusts, as containers read them.

Keycloak reads them; with a Keycloak of the institution's own, the auth-service does, which asks that one for its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment

TRUST_FOLDER = "/run/trust"


def trusted_authorities(deployment: Deployment) -> dict[str, str]:
    """The secret that stands for each authority's certificate, and the certificate's path on the host."""
    paths = deployment.profile.identity.trust
    return {f"trust-{number}": path for number, path in enumerate(paths, start=1)}


def trust_mounts(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """The secret that stands for each authority's certificate, and where a container reads it."""
    return tuple((name, f"{TRUST_FOLDER}/{name}.pem") for name in trusted_authorities(deployment))
