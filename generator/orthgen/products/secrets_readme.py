"""secrets/README.md and secrets/.gitignore: the required secrets, and how each is made; never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.deployment import naming
from orthgen.formats.markdown import escaped
from orthgen.formats.templates import render_template
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.keycloak_server import console_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.deployment.model import Deployment

README_PATH = "secrets/README.md"
GITIGNORE_PATH = "secrets/.gitignore"

# Everything in the folder is a secret, but for these two.
GITIGNORE = "*\n!.gitignore\n!README.md\n"


class ProviderAddresses(Struct, frozen=True):
    """The addresses that an identity provider has to accept; `sign_out` is None if the provider knows no sign-out."""

    alias: str
    sign_in: str
    sign_out: str | None


def secrets_files(
    deployment: Deployment,
    certificates: Sequence[tuple[str, str]] = (),
    providers: Sequence[ProviderAddresses] = (),
) -> tuple[Artifact, ...]:
    """The two files; `certificates` are what the target reads from the host besides: what it is, and its path."""
    secrets = deployment.secrets
    text = render_template(
        f"{README_PATH}.j2",
        header=header(deployment.source, "").strip(),
        source=deployment.source,
        institution=escaped(deployment.profile.institution.name),
        made=[secret for secret in secrets if secret.origin == "made"],
        given=[secret for secret in secrets if secret.origin == "given"],
        certificates=certificates,
        providers=providers,
        own_authority=deployment.has_own_authority,
        user=naming.CONTAINER_USER,
        has_keycloak=deployment.has_own_keycloak,
        admin_password=naming.KEYCLOAK_ADMIN_PASSWORD,
        console=console_address(deployment),
    )
    return (Artifact(README_PATH, text), Artifact(GITIGNORE_PATH, header(deployment.source) + GITIGNORE))
