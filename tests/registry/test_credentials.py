"""Sign-in data for registries: the files of `docker login` and `podman login`, and credential helpers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from orthgen.errors import OrthgenError
from orthgen.registry.credentials import Credentials, credentials_for
from orthgen.registry.reference import ImageReference, parse_reference

AUTH = base64.b64encode(b"reader:correct:horse").decode()
READER = Credentials("reader", "correct:horse")


@pytest.mark.parametrize(
    ("registry", "config", "expected"),
    [
        ("docker.io", {"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}}, READER),
        ("registry.example", {"auths": {"registry.example": {"auth": AUTH}}}, READER),
        ("registry.example", {"auths": {"https://registry.example/v2/": {"auth": AUTH}}}, READER),
        (
            "localhost:5000",
            {"auths": {"localhost:5000": {"username": "u", "password": "p"}}},
            Credentials("u", "p"),
        ),
        ("registry.example", {"auths": {"r": {"auth": AUTH}}}, Credentials()),
        ("registry.example", {"auths": {"registry.example": {}}}, Credentials()),
        (
            "registry.example",
            {"auths": {"registry.example": {"identitytoken": "t"}}},
            Credentials(refresh_token="t"),
        ),
        ("registry.example", [], Credentials()),
    ],
)
def test_sign_in_data_of_docker(tmp_path: Path, registry: str, config: Any, expected: Credentials) -> None:
    """Each registry gets its own data, in every spelling that Docker writes."""
    (tmp_path / "config.json").write_text(json.dumps(config))

    assert credentials_for(registry, {"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path)}) == expected


@pytest.mark.parametrize(
    ("file", "variables"),
    [
        ("home/.docker/config.json", {}),
        ("home/.config/containers/auth.json", {}),
        ("run/containers/auth.json", {"XDG_RUNTIME_DIR": "run"}),
        ("auth.json", {"REGISTRY_AUTH_FILE": "auth.json"}),
    ],
)
def test_places_of_sign_in_data(tmp_path: Path, file: str, variables: dict[str, str]) -> None:
    """Docker's file and Podman's files."""
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(json.dumps({"auths": {"r.example": {"auth": AUTH}}}))
    environment = {name: str(tmp_path / path) for name, path in {"HOME": "home", **variables}.items()}

    assert credentials_for("r.example", environment) == READER


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"Username": "reader", "Secret": "correct:horse"}', READER),
        ('{"Username": "<token>", "Secret": "t"}', Credentials(refresh_token="t")),
        ("", Credentials()),
    ],
)
@pytest.mark.parametrize("key", ["credHelpers", "credsStore"])
def test_the_credential_helper_is_asked_for_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, answer: str, expected: Credentials
) -> None:
    """The helper is asked for the registry; without an answer the registry is read without a name."""
    helper = tmp_path / "docker-credential-test"
    ending = f"echo '{answer}'" if answer else "echo 'credentials not found'; exit 1"
    helper.write_text(f'#!/bin/sh\nread host\n[ "$1 $host" = "get r.example" ] || exit 1\n{ending}\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    value = {"r.example": "test"} if key == "credHelpers" else "test"
    (tmp_path / "config.json").write_text(json.dumps({key: value}))

    assert credentials_for("r.example", {"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path)}) == expected


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "it is not JSON"),
        ('{"auths": {"r.example": {"auth": "*"}}}', "the sign-in data for `r.example`"),
        ('{"credHelpers": {"r.example": "a/b"}}', "`a/b` is not the name of a credential helper"),
        ('{"credHelpers": {"r.example": "there-is-none"}}', "`docker-credential-there-is-none` failed"),
    ],
)
def test_damaged_sign_in_data(tmp_path: Path, config: str, message: str) -> None:
    """An error with the file or the program, and no traceback."""
    (tmp_path / "config.json").write_text(config)

    with pytest.raises(OrthgenError) as error:
        credentials_for("r.example", {"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path)})

    assert message in error.value.message


def test_sign_in_data_that_cannot_be_read(tmp_path: Path) -> None:
    """The file and the reason."""
    (tmp_path / "config.json").mkdir()

    with pytest.raises(OrthgenError) as error:
        credentials_for("r.example", {"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path)})

    assert error.value.message.endswith("config.json`: is a directory")


def test_secrets_are_not_shown() -> None:
    """A traceback or a log shows neither name nor password."""
    assert "reader" not in repr(READER)
    assert "horse" not in repr(READER)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx:1.30.6", ImageReference("docker.io", "library/nginx", "1.30.6")),
        ("orthancteam/orthanc:26.8.1", ImageReference("docker.io", "orthancteam/orthanc", "26.8.1")),
        ("quay.io/keycloak/keycloak:26.7.3", ImageReference("quay.io", "keycloak/keycloak", "26.7.3")),
        ("localhost:5000/a/b:c", ImageReference("localhost:5000", "a/b", "c")),
        ("localhost/a", ImageReference("localhost", "a", "latest")),
        ("postgres", ImageReference("docker.io", "library/postgres", "latest")),
    ],
)
def test_the_name_of_an_image_is_read_by_dockers_rules(image: str, expected: ImageReference) -> None:
    """Docker's rules: the registry, `library/`, the tag."""
    assert parse_reference(image) == expected


@pytest.mark.parametrize("image", ["", ":1", "a@sha256:b"])
def test_names_that_no_image_has(image: str) -> None:
    """An error, and no request."""
    with pytest.raises(OrthgenError, match="is not the name of an image"):
        parse_reference(image)
