"""Where the secrets of pods come from, and that no file has a value."""

from __future__ import annotations

import re

import pytest

from orthgen.deployment.model import Deployment
from tests.support.kubernetes_objects import cluster, containers, mounted_keys, objects, parsed, text


@pytest.mark.parametrize(
    ("path", "reference"),
    [("", {"key": "smtp"}), ("path: pacs/test", {"key": "pacs/test", "property": "smtp"})],
)
def test_an_external_secret_has_what_pods_mount(path: str, reference: dict[str, str]) -> None:
    """Each key that a pod reads comes from the store, and no other."""
    settings = f"{{secrets: {{external-secret: {{store: vault{', ' + path if path else ''}}}}}}}"
    smtp = "{host: mail.example.org, sender: a@b.org, user: a, password: {secret: smtp}}"
    deployment = cluster(settings, identity=f"{{sign-in: [accounts: {{}}], smtp: {smtp}}}")
    spec = objects(deployment)["ExternalSecret/orthanc-secrets"]["spec"]

    assert {(spec["target"]["name"], entry["secretKey"]) for entry in spec["data"]} == mounted_keys(
        deployment
    )
    assert next(entry["remoteRef"] for entry in spec["data"] if entry["secretKey"] == "smtp") == reference
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "vault"}


@pytest.mark.parametrize(
    ("kind", "file", "command"),
    [
        ("secret", None, "kubectl apply --server-side"),
        ("sealed-secret", "manifests/sealed-secret.yaml", "kubeseal"),
        ("sops", "manifests/secret.enc.yaml", "sops encrypt"),
    ],
)
def test_a_person_makes_the_secret(kind: str, file: str | None, command: str) -> None:
    """The page names every key and the command; an encrypted file is a resource of the deployment."""
    deployment = cluster(f"{{secrets: {kind}}}")
    page = text(deployment, "secrets/README.md")
    resources = parsed(text(deployment, "kustomization.yaml"))["resources"]

    assert all(f"--from-file={key}=secrets/{key}" in page for _, key in mounted_keys(deployment))
    assert command in page
    assert [path for path in resources if "secret" in path] == ([file] if file else [])


def test_no_file_has_a_value(example: Deployment) -> None:
    """No Secret is rendered, and no variable has a password."""
    assert not any(name.startswith("Secret/") for name in objects(example))
    for container in containers(example):
        names = {entry["name"] for entry in container.get("env", ())}
        assert not [name for name in names if re.search("(PASSWORD|SECRET)$", name)]
