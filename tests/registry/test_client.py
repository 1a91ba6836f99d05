"""The client of a registry, against servers that behave in unusual ways. tests/real has a real registry."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from orthgen.errors import OrthgenError, RegistryError, RegistryRefused, RegistryUnavailable
from orthgen.registry.client import Registry
from orthgen.registry.credentials import Credentials
from orthgen.registry.reference import ImageReference, parse_reference
from orthgen.rendering import image_digests
from orthgen.rendering.image_digests import RegistryDigests

IMAGE = parse_reference("r.example/a:1")
BODY = json.dumps({"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]}).encode()
DIGEST = f"sha256:{hashlib.sha256(BODY).hexdigest()}"

Answer = tuple[int, dict[str, str], bytes]
Answers = Callable[[BaseHTTPRequestHandler], Answer]


@contextmanager
def server(answers: Answers) -> Iterator[str]:
    """A server that gives these answers, and its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.do_GET()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def registry(address: str, credentials: Credentials | None = None) -> Registry:
    return Registry("r.example", address=address, credentials=credentials, wait=lambda _: None)


@pytest.mark.parametrize(
    ("platforms", "message"),
    [
        (("linux/amd64",), ""),
        (("linux/arm64",), "has no linux/arm64: it is for linux/amd64"),
        (("linux/amd64", "linux/arm64", "linux/s390x"), "has no linux/arm64 and no linux/s390x"),
    ],
)
def test_an_image_that_lacks_a_platform_has_no_digest(platforms: tuple[str, ...], message: str) -> None:
    """A machine of that kind could not start it."""
    with server(lambda _: (200, {}, BODY)) as address:
        digests = RegistryDigests(platforms=platforms, mirror=address)
        if not message:
            assert digests(["a:1"]) == {"a:1": DIGEST}
            return
        with pytest.raises(OrthgenError, match=message):
            digests(["a:1"])


def test_digest_of_a_registry_that_names_none() -> None:
    """The digest of the manifest itself."""
    with server(lambda _: (200, {}, BODY)) as address:
        assert registry(address).digest(IMAGE) == DIGEST


def test_manifest_with_another_digest_than_its_header() -> None:
    """Such a digest is not pinned."""
    with (
        server(lambda _: (200, {"Docker-Content-Digest": "sha256:" + "0" * 64}, BODY)) as address,
        pytest.raises(RegistryUnavailable, match="does not have the digest"),
    ):
        registry(address).platforms(IMAGE)


def test_busy_registry_is_asked_again() -> None:
    """Twice, as long as it asks for at most half a minute; then its status is the message."""
    waits: list[float] = []
    answers = [(429, {"Retry-After": "7"}, b""), (503, {"Retry-After": "900"}, b""), (200, {}, BODY)]
    with server(lambda _: answers.pop(0)) as address:
        asked = Registry("r.example", address=address, wait=waits.append)
        assert asked.platforms(IMAGE).digest == DIGEST
    with server(lambda _: (503, {}, b"")) as address, pytest.raises(RegistryUnavailable, match="answers 503"):
        registry(address).digest(IMAGE)

    assert waits == [7, 30]


def test_redirect_to_another_host_carries_no_token() -> None:
    """A token for the registry reaches nobody else, and the way back to it has no token either."""
    seen: list[str | None] = []

    def storage(request: BaseHTTPRequestHandler) -> Answer:
        seen.append(request.headers.get("Authorization"))
        return 200, {}, BODY

    with server(storage) as other:
        redirect = 307, {"Location": f"{other}/blob"}, b""
        with server(lambda _: redirect) as address:
            asked = Registry("r.example", address=address, token="secret", wait=lambda _: None)
            assert asked.platforms(IMAGE).digest == DIGEST

    assert seen == [None]


def test_redirect_without_an_end() -> None:
    """An error instead of an endless loop."""
    with (
        server(lambda request: (302, {"Location": f"{request.path}x"}, b"")) as address,
        pytest.raises(RegistryUnavailable, match="without an end"),
    ):
        registry(address).digest(IMAGE)


@pytest.mark.parametrize(
    ("host", "header"), [("docker.io", "Bearer of-docker-hub"), ("quay.io", None), ("r.example", None)]
)
def test_the_token_of_docker_hub_reaches_no_other_registry(
    monkeypatch: pytest.MonkeyPatch, host: str, header: str | None
) -> None:
    """`--token` is for Docker Hub, and a deployment has images of several registries."""
    tokens: dict[str, str] = {}

    class Noted(Registry):
        def __init__(self, name: str, **options: Any) -> None:
            tokens[name] = options["token"]
            super().__init__(name, **options)

        def digest(self, image: ImageReference) -> str:
            return f"{DIGEST} {image.tag}"

    monkeypatch.setattr(image_digests, "Registry", Noted)
    image = "ubuntu:24.04" if host == "docker.io" else f"{host}/a:1"
    RegistryDigests(token="of-docker-hub")([image])

    (token,) = tokens.values()
    assert (f"Bearer {token}" if token else None) == header


def test_refresh_token_of_a_sign_in() -> None:
    """A sign-in of the browser (`docker login` with a web page) leaves a refresh token."""

    def answers(request: BaseHTTPRequestHandler) -> Answer:
        if request.command == "POST":
            body = request.body  # type: ignore[attr-defined]
            assert "grant_type=refresh_token" in body
            assert "refresh_token=t0" in body
            return 200, {}, b'{"access_token": "t1"}'
        if request.headers.get("Authorization") == "Bearer t1":
            return 200, {"Docker-Content-Digest": DIGEST}, BODY
        return 401, {"WWW-Authenticate": 'Bearer realm="/token",service="s"'}, b""

    with server(answers) as address:
        assert registry(address, Credentials(refresh_token="t0")).digest(IMAGE) == DIGEST


def test_password_is_not_sent_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry with TLS that names a token server without TLS gets nothing."""
    sent: list[str] = []

    class Client:
        def __init__(self, server: str, **_options: object) -> None:
            self.server = server

        def send(self, _method: str, path: str, **_parts: object) -> object:
            sent.append(self.server + path)
            return type(
                "Reply",
                (),
                {"status": 401, "headers": {"www-authenticate": 'Bearer realm="http://x/"'}, "body": b""},
            )

    monkeypatch.setattr("orthgen.registry.client.HttpClient", Client)

    with pytest.raises(RegistryRefused, match="unencrypted"):
        Registry("r.example", credentials=Credentials("reader", "secret")).digest(IMAGE)
    assert sent == ["https://r.example/v2/a/manifests/1"]


def test_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hospitals reach registries through a proxy: it gets the request, with the registry's address."""
    paths: list[str] = []

    def proxy(request: BaseHTTPRequestHandler) -> Answer:
        paths.append(request.path)
        return 200, {"Docker-Content-Digest": DIGEST}, b""

    with server(proxy) as address:
        monkeypatch.setenv("HTTP_PROXY", address)
        assert registry("http://r.example").digest(IMAGE) == DIGEST

    assert paths == ["http://r.example/v2/a/manifests/1"]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff"])
def test_server_that_is_no_registry(body: bytes) -> None:
    """A portal's page is an error, not a digest."""
    with (
        server(lambda _: (200, {}, body)) as address,
        pytest.raises(RegistryError, match="not that of a registry"),
    ):
        registry(address).platforms(IMAGE)
