"""Digests from a real registry: anonymous, with a password, with a token, with TLS."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import bcrypt
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from orthgen.catalogue import newest
from tests.support.builders import PROFILES
from tests.support.certificate import make_certificate
from tests.support.command import orthgen
from tests.support.real.registry import Registry, running

BOTH = ("linux/amd64", "linux/arm64/v8")
USER, PASSWORD = "reader", "correct horse"


def _profile(folder: Path) -> None:
    (folder / "site.yaml").write_text(
        (PROFILES / "minimal.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )


def _hub(registry: Registry) -> dict[str, str]:
    """Every image of the newest release, as Docker Hub has it; with its digest."""
    digests = {}
    for image in newest().images.values():
        name, _, tag = image.rpartition(":")
        repository = name if "/" in name else f"library/{name}"
        digests[image] = registry.push(repository, tag, BOTH)
    return digests


def _sign_in(folder: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that `docker login` writes."""
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))


def test_lock_from_a_registry(tmp_path: Path) -> None:
    """The digests of the indexes; a moved tag is found by `--update`, and the deployment is pinned."""
    with running(tmp_path / "registry", 5000) as registry:
        digests = _hub(registry)
        _profile(tmp_path)
        options = ("--mirror", registry.url)

        first = orthgen("lock", "site.yaml", "--platform", "linux/arm64", *options, cwd=tmp_path)
        moved = registry.push("library/nginx", newest().images["nginx"].rpartition(":")[2], BOTH, "again")
        unasked = orthgen("lock", "site.yaml", "--check", cwd=tmp_path)
        check = orthgen("lock", "site.yaml", "--check", "--update", "--diff", *options, cwd=tmp_path)
        refused = orthgen(
            "lock", "site.yaml", "--update", "--platform", "linux/s390x", *options, cwd=tmp_path
        )
        second = orthgen("lock", "site.yaml", "--update", *options, cwd=tmp_path)
        rendered = orthgen("render", "site.yaml", "--out", "out", cwd=tmp_path)

    nginx = newest().images["nginx"]
    assert (first.returncode, first.stderr, unasked.returncode) == (0, "", 0)
    assert check.returncode == 3
    assert f"-{nginx}: {digests[nginx]}\n+{nginx}: {moved}\n" in check.stdout
    assert refused.returncode == 1
    assert f"`{nginx}` has no linux/s390x: it is for linux/amd64, linux/arm64/v8" in refused.stderr
    assert second.stdout.endswith("orthgen.lock: 1 updated, 4 kept\n")
    assert (rendered.returncode, rendered.stderr) == (0, "")
    compose = (tmp_path / "out/docker-compose.yml").read_text()
    assert f"{nginx}@{moved}" in compose
    assert compose.count("@sha256:") == compose.count("image:")


def test_image_that_the_registry_does_not_have(tmp_path: Path) -> None:
    """Every missing image is named at once, and nothing is written."""
    with running(tmp_path / "registry", 5001) as registry:
        _profile(tmp_path)
        result = orthgen("lock", "site.yaml", "--mirror", registry.url, cwd=tmp_path)
    gone = orthgen("lock", "site.yaml", "--mirror", registry.url, cwd=tmp_path)

    assert result.returncode == 1
    assert result.stderr.count("\n  localhost:5001 has no `") == 5
    assert gone.returncode == 6
    assert "error: cannot reach localhost:5001: connection refused" in gone.stderr
    assert not (tmp_path / "orthgen.lock").exists()


def test_registry_with_a_password_and_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`docker login` wrote the password; the institution's authority signed the certificate."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make_certificate(certificate, key, "localhost")
    line = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (tmp_path / "htpasswd").write_text(f"{USER}:{line}\n")
    basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    http = {"tls": {"certificate": str(certificate), "key": str(key)}}
    auth = {"htpasswd": {"realm": "test", "path": str(tmp_path / "htpasswd")}}
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nobody"))
    _profile(tmp_path)
    with running(
        tmp_path / "registry", 5002, http=http, auth=auth, ca_file=certificate, authorization=basic
    ) as registry:
        digests = _hub(registry)
        mirror = ("--mirror", registry.url)
        untrusted = orthgen("lock", "site.yaml", *mirror, cwd=tmp_path)
        options = (*mirror, "--ca-file", str(certificate))
        nobody = orthgen("lock", "site.yaml", *options, cwd=tmp_path)
        _sign_in(tmp_path, registry, monkeypatch)
        signed_in = orthgen("lock", "site.yaml", *options, cwd=tmp_path)

    assert untrusted.returncode == 6
    assert "its certificate is not trusted" in untrusted.stderr
    assert nobody.returncode == 4
    assert "localhost:5002 refuses to show `library/nginx` (401)" in nobody.stderr
    assert signed_in.returncode == 0
    assert digests[newest().images["nginx"]] in (tmp_path / "orthgen.lock").read_text()


class _TokenServer(BaseHTTPRequestHandler):
    """The token server of a registry: it signs a token for reading one repository for whoever knows the password."""

    key: bytes
    certificate: bytes
    asked: list[str]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.asked.append(query["scope"][0])
        basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != basic:
            self.send_error(401)
            return
        body = json.dumps({"token": self.token(query["scope"][0])}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @classmethod
    def token(cls, scope: str) -> str:
        kind, name, actions = scope.split(":")
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": "test", "sub": USER, "aud": "registry", "iat": now, "nbf": now - 5, "exp": now + 300,
            "access": [{"type": kind, "name": name, "actions": actions.split(",")}],
        }  # fmt: skip
        der = load_pem_x509_certificate(cls.certificate).public_bytes(Encoding.DER)
        return jwt.encode(claims, cls.key, "ES256", {"x5c": [base64.b64encode(der).decode()]})

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def token_server(tmp_path: Path) -> Iterator[type[_TokenServer]]:
    """A token server at port 5004, whose certificate is in `token.pem`."""
    make_certificate(tmp_path / "token.pem", tmp_path / "token.key", "test")
    _TokenServer.key = (tmp_path / "token.key").read_bytes()
    _TokenServer.certificate = (tmp_path / "token.pem").read_bytes()
    _TokenServer.asked = []
    server = HTTPServer(("localhost", 5004), _TokenServer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield _TokenServer
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_registry_gives_a_token_for_each_repository(
    tmp_path: Path, token_server: type[_TokenServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at Docker Hub: a token for each repository, for reading alone. The registry itself checks the tokens."""
    auth = {
        "token": {
            "realm": "http://localhost:5004/token",
            "service": "registry",
            "issuer": "test",
            "rootcertbundle": str(tmp_path / "token.pem"),
        }
    }
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    _profile(tmp_path)
    image = newest().images["nginx"]
    tag = image.rpartition(":")[2]
    bearer = "Bearer " + token_server.token("repository:library/nginx:pull,push")
    with running(tmp_path / "registry", 5003, auth=auth, authorization=bearer) as registry:
        digest = registry.push("library/nginx", tag, BOTH)
        refused = orthgen("lock", "site.yaml", "--mirror", registry.url, cwd=tmp_path)
        _sign_in(tmp_path, registry, monkeypatch)
        result = orthgen("lock", "site.yaml", "--mirror", registry.url, cwd=tmp_path)
        monkeypatch.setenv("TOKEN", token_server.token("repository:library/nginx:pull"))
        given = orthgen(
            "lock",
            "site.yaml",
            "--mirror",
            registry.url,
            "--token",
            "env:TOKEN",
            "--format",
            "json",
            cwd=tmp_path,
        )

    assert refused.returncode == 4
    assert "localhost:5003 refuses the sign-in (401)" in refused.stderr
    assert PASSWORD not in refused.stderr + result.stderr
    # The other images are not there; nginx is, and its token came from the server.
    assert "has no `library/nginx" not in result.stderr
    assert result.stderr.count("has no `") == 4
    assert token_server.asked[-1].endswith(":pull")
    # A given token is for nginx alone, and the registry refuses it for the others.
    assert "`library/nginx`" not in json.loads(given.stdout)["error"]["message"]
    assert digest.startswith("sha256:")
