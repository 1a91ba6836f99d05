"""secrets/README.md for a cluster: the required secrets, and how each reaches the Secret that the pods mount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.formats.markdown import escaped
from orthgen.formats.templates import render_template
from orthgen.products.artifact import Artifact
from orthgen.products.header import header
from orthgen.products.keycloak_server import console_address
from orthgen.products.secrets_readme import GITIGNORE, GITIGNORE_PATH, README_PATH
from orthgen.realm.provider_addresses import provider_addresses
from orthgen.targets.kubernetes.manifest import namespace_of
from orthgen.targets.kubernetes.secret_objects import SECRET, TLS_SECRET, encrypted_file
from orthgen.targets.services.composition import authorities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.deployment.model import Deployment


def secrets_page(deployment: Deployment, names: Sequence[str]) -> tuple[Artifact, ...]:
    """The page, and the file by which git ignores the values; `names` are the keys of the Secret."""
    settings = deployment.kubernetes
    assert settings is not None  # noqa: S101 - this target's deployments have it
    store = settings.secrets.external_secret
    paths = authorities(deployment)
    by_name = {secret.name: secret for secret in deployment.secrets}
    text = render_template(
        "secrets/kubernetes.md.j2",
        header=header(deployment.source, "").strip(),
        source=deployment.source,
        institution=escaped(deployment.profile.institution.name),
        namespace=namespace_of(deployment),
        secret=SECRET,
        tls_secret=TLS_SECRET,
        secrets=[by_name[name] for name in names if name in by_name],
        given=[name for name in names if name in by_name and by_name[name].origin == "given"],
        authorities=paths,
        files={name: paths.get(name, f"secrets/{name}") for name in names},
        kind="external-secret" if store is not None else settings.secrets.kind,
        store=store,
        encrypted_file=encrypted_file(deployment),
        certificate=_certificate_files(deployment),
        providers=provider_addresses(deployment),
        has_operator=deployment.has_database_operator,
        **_console(deployment),
    )
    return (Artifact(README_PATH, text), Artifact(GITIGNORE_PATH, header(deployment.source) + GITIGNORE))


def _console(deployment: Deployment) -> dict[str, object]:
    """What the page says about Keycloak's admin console."""
    keycloak = deployment.profile.identity.keycloak
    return {
        "has_keycloak": deployment.has_own_keycloak,
        "admin_password": naming.KEYCLOAK_ADMIN_PASSWORD,
        "admin_console": keycloak.admin_console,
        "console": console_address(deployment),
        "local_port": keycloak.local_port,
        "keycloak_port": deployment.platform.ports[naming.KEYCLOAK],
    }


def _certificate_files(deployment: Deployment) -> tuple[str, str] | None:
    """The files of the certificate and its key that a person makes the Secret of; None where nobody has to."""
    tls, settings = deployment.profile.deployment.tls, deployment.kubernetes
    if (
        tls is None
        or tls.terminated_by is not None
        or (settings is not None and settings.certificate is not None)
    ):
        return None
    if tls.certificate is not None and tls.key is not None:
        return tls.certificate, tls.key
    return f"secrets/{naming.TLS_CERTIFICATE}", f"secrets/{naming.TLS_KEY}"
