"""The command for Sealed Secrets in `secrets/README.md`, with the real kubeseal and a certificate of our own."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.support.real import parts

CLUSTER = f"extends: {PROFILES / 'minimal.yaml'}\ndeployment: {{kubernetes: {{namespace: pacs, secrets: sealed-secret}}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A rendered deployment with its secrets, and the certificate and the key of a controller beside it."""
    (tmp_path / "cluster.yaml").write_text(CLUSTER)
    assert orthgen("render", "cluster.yaml", "--out", "made", cwd=tmp_path).returncode == 0
    assert orthgen("secrets", "cluster.yaml", "--out", "made", cwd=tmp_path).returncode == 0
    # The controller's own key is RSA, too.
    words = "req -x509 -newkey rsa:2048 -nodes -subj /CN=sealed-secrets -keyout controller.key -out controller.pem"
    subprocess.run([parts.command("openssl"), *words.split()], cwd=tmp_path, capture_output=True, check=True)
    return tmp_path / "made"


def seal(folder: Path, certificate: str) -> subprocess.CompletedProcess[str]:
    """Carry out the command of the page."""
    page = (folder / "secrets/README.md").read_text()
    (command,) = re.findall(r"```sh\n(kubectl create secret generic .*?)```", page, re.DOTALL)
    programs = [parts.kubernetes("kubectl").parent, parts.tool("kubeseal", "kubeseal").parent]
    return subprocess.run(
        [parts.command("bash"), "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={
            "PATH": ":".join([*map(str, programs), os.environ["PATH"]]),
            "HOME": str(folder.parent),
            "SEALED_SECRETS_CERT": str(folder.parent / certificate),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def unseal(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Decrypt as the controller does, with its key."""
    key = folder.parent / "controller.key"
    words: list[str | Path] = [
        parts.tool("kubeseal", "kubeseal"),
        "--recovery-unseal",
        "--recovery-private-key",
        key,
    ]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False)


def test_the_sealed_secret_of_the_page_holds_every_value(folder: Path) -> None:
    """It is the last resource of the folder, shows no value, and becomes the Secret that the pods mount."""
    done = seal(folder, "controller.pem")
    assert done.returncode == 0, done.stderr
    resource = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"][-1]
    text = (folder / resource).read_text()
    sealed = yaml.safe_load(text)
    names = sorted({path.name for path in (folder / "secrets").iterdir()} - {"README.md", ".gitignore"})

    opened = unseal(folder, text)

    secret = json.loads(opened.stdout)
    assert (secret["kind"], secret["metadata"]["name"], secret["metadata"]["namespace"]) == (
        "Secret",
        "orthanc-secrets",
        "pacs",
    )
    assert sorted(secret["data"]) == sorted(sealed["spec"]["encryptedData"]) == names
    for name in names:
        value = (folder / "secrets" / name).read_bytes()
        assert base64.b64decode(secret["data"][name]) == value, name
        assert value.decode() not in text
    objects = subprocess.run(
        [parts.kubernetes("kubectl"), "kustomize", folder], capture_output=True, text=True, check=True
    )
    assert [each["kind"] for each in yaml.safe_load_all(objects.stdout)].count("SealedSecret") == 1


def test_another_namespace_does_not_get_the_values(folder: Path) -> None:
    """Somebody who may write into a namespace of the same cluster cannot copy the file there."""
    seal(folder, "controller.pem")
    text = (folder / "manifests/sealed-secret.yaml").read_text()

    moved = unseal(folder, text.replace("namespace: pacs", "namespace: other"))

    assert moved.returncode != 0
    assert moved.stdout == ""


def test_without_a_certificate_the_file_stays_as_it_was(folder: Path) -> None:
    """An empty file in its place would be a deployment without secrets."""
    file = folder / "manifests/sealed-secret.yaml"
    first = seal(folder, "missing.pem")
    is_there = file.exists()
    seal(folder, "controller.pem")
    before = file.read_bytes()

    second = seal(folder, "missing.pem")

    assert (first.returncode != 0, second.returncode != 0, is_there) == (True, True, False)
    assert file.read_bytes() == before
