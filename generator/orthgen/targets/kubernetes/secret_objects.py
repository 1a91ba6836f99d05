"""Secrets of the pods by name: the Secret that they mount, and the objects that make it. No value is ever rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.targets.kubernetes.manifest import FOLDER, KubernetesManifest, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.products.services import SecretMount
    from orthgen.profile.kubernetes import ExternalSecret

SECRET = "orthanc-secrets"  # noqa: S105 - the name of the Secret: each key is the name of a secret of the profile
TLS_SECRET = "nginx-tls"  # noqa: S105

_DIRECTORY = "/run/secrets"
# Owner and group read: the group is the pod's `fsGroup`. YAML 1.1 and 1.2 differ about octal numbers.
_MODE = 0o440
_OPERATOR_SECRETS = {
    naming.ORTHANC_DB_PASSWORD: naming.ORTHANC_DB,
    naming.KEYCLOAK_DB_PASSWORD: naming.KEYCLOAK_DB,
}


def source_of(deployment: Deployment, name: str) -> tuple[str, str]:
    """The Secret and the key that hold a secret of the profile: CloudNativePG makes those of its databases."""
    if deployment.has_database_operator and name in _OPERATOR_SECRETS:
        return f"{_OPERATOR_SECRETS[name]}-app", "password"
    return SECRET, name


def secret_volumes(
    deployment: Deployment, secrets: Sequence[SecretMount]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """A volume for each directory of secrets, with its mount: a pod sees those that it reads, and no other."""
    directories: dict[str, list[tuple[str, str]]] = {}
    for secret in secrets:
        target = secret.target if secret.target.startswith("/") else f"{_DIRECTORY}/{secret.target}"
        directory, _, file = target.rpartition("/")
        directories.setdefault(directory, []).append((secret.name, file))
    for directory, files in directories.items():
        by_secret: dict[str, list[dict[str, str]]] = {}
        for name, file in files:
            secret_name, key = source_of(deployment, name)
            by_secret.setdefault(secret_name, []).append({"key": key, "path": file})
        sources = [{"secret": {"name": name, "items": items}} for name, items in by_secret.items()]
        name = directory.removeprefix("/run/").replace("/", "-")
        yield (
            {"name": name, "projected": {"defaultMode": _MODE, "sources": sources}},
            [{"name": name, "mountPath": directory, "readOnly": True}],
        )


def tls_volume(folder: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The certificate and its key, under the names that nginx reads at each handshake."""
    items = [{"key": "tls.crt", "path": "fullchain.pem"}, {"key": "tls.key", "path": "privkey.pem"}]
    secret = {"secretName": TLS_SECRET, "defaultMode": _MODE, "items": items}
    return {"name": "tls", "secret": secret}, [{"name": "tls", "mountPath": folder, "readOnly": True}]


def secret_manifests(deployment: Deployment, names: Iterable[str]) -> Iterator[KubernetesManifest]:
    """The ExternalSecret, where the profile names a store."""
    settings = deployment.kubernetes.secrets if deployment.kubernetes is not None else None
    if settings is not None and settings.external_secret is not None:
        content = _external_secret(deployment, settings.external_secret, names)
        yield KubernetesManifest(
            "", "external-secret", "The secrets, from the store of the External Secrets Operator.", content
        )


def encrypted_file(deployment: Deployment) -> str | None:
    """The path of the encrypted Secret that a person puts into the folder; None for other kinds."""
    kind = deployment.kubernetes.secrets.kind if deployment.kubernetes is not None else "secret"
    names = {"sealed-secret": "sealed-secret.yaml", "sops": "secret.enc.yaml"}
    return f"{FOLDER}/{names[kind]}" if kind in names else None


def _external_secret(
    deployment: Deployment, settings: ExternalSecret, names: Iterable[str]
) -> dict[str, Any]:
    def reference(name: str) -> Mapping[str, str]:
        return {"key": name} if settings.path is None else {"key": settings.path, "property": name}

    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": metadata(deployment, SECRET),
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": settings.kind, "name": settings.store},
            "target": {"name": SECRET, "creationPolicy": "Owner"},
            "data": [{"secretKey": name, "remoteRef": dict(reference(name))} for name in names],
        },
    }
