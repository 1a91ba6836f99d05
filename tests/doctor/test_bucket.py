"""`orthgen doctor` on a bucket: the signature by Amazon's example, and each answer of a service. (A real one is in tests/real.)"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orthgen.doctor import bucket as module
from orthgen.doctor.bucket import bucket
from orthgen.doctor.container_engine import ContainerEngine
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.doctor.signature import AccessKey
from orthgen.http_client import Reply
from tests.support.builders import make_deployment

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
LIST = b"<ListBucketResult><Name>images</Name></ListBucketResult>"


def test_the_signature_is_that_of_amazons_example() -> None:
    """Amazon S3 API Reference, "Authenticating Requests", the example `GET Bucket (List Objects)`."""
    key = AccessKey("AKIAIOSFODNN7EXAMPLE", SECRET, "us-east-1")
    headers = key.headers(
        "examplebucket.s3.amazonaws.com",
        "/",
        {"prefix": "J", "max-keys": "2"},
        datetime(2013, 5, 24, tzinfo=UTC),
    )

    assert headers["Authorization"].endswith(
        "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    )


@contextmanager
def service(status: int = 200, body: bytes = LIST) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """A service that gives one answer; its port, and the path and the host of each request."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


def facts(folder: Path, endpoint: str | None, **s3: Any) -> list[Fact]:
    """The facts about a bucket of a profile, whose keys are in the folder."""
    keys = {"access-key": {"secret": "id"}, "secret-key": {"secret": "key"}}
    bucket_of = {"bucket": "images", "region": "eu", "endpoint": endpoint, "path-style": True, **keys, **s3}
    deployment = make_deployment(archive={"storage": {"files": {"s3": bucket_of}}})
    return list(bucket(ExaminedSystem(ContainerEngine(), deployment, folder=folder)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A deployment's folder with both keys."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "id").write_text("AKIAIOSFODNN7EXAMPLE\n")
    (tmp_path / "secrets" / "key").write_text(SECRET)
    return tmp_path


def test_a_bucket_that_can_be_listed(folder: Path) -> None:
    """One object at most is asked for."""
    with service() as (port, asked):
        (fact,) = facts(folder, f"http://localhost:{port}")

    assert fact.status is CheckStatus.OK
    assert asked == [("/images?max-keys=1", f"localhost:{port}")]


@pytest.mark.parametrize(
    ("name", "endpoint", "asked"),
    [
        ("images", "https://s3.example.org", ("https://images.s3.example.org", "/")),
        ("images", None, ("https://images.s3.eu.amazonaws.com", "/")),
        ("images", "https://10.1.2.3:9000", ("https://10.1.2.3:9000", "/images")),
        ("clinic.images", "https://s3.example.org", ("https://s3.example.org", "/clinic.images")),
        ("clinic.images", "http://s3.example.org/", ("http://clinic.images.s3.example.org", "/")),
        ("Clinic_Images", "http://s3.example.org", ("http://s3.example.org", "/Clinic_Images")),
    ],
)
def test_the_name_is_where_the_plugin_has_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, endpoint: str | None, asked: tuple[str, str]
) -> None:
    """Without `path-style` too, the plugin's library leaves some names in the path."""
    seen = []

    class Client:
        def __init__(self, server: str, **_: Any) -> None:
            self.server = server

        def send(self, _: str, path: str, **__: Any) -> Reply:
            seen.append((self.server, path))
            return Reply(200, {}, LIST)

    monkeypatch.setattr(module, "HttpClient", Client)
    (fact,) = facts(folder, endpoint, bucket=name, **{"path-style": False})

    assert seen == [asked]
    assert fact.message == f"the bucket `{name}` at {asked[0]} can be listed with the access key"


@pytest.mark.parametrize(
    ("status", "body", "message", "remedy"),
    [
        (403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "the secret key is another one", "secret-key"),
        (403, b"<Error><Code>InvalidAccessKeyId</Code></Error>", "it does not know the access key", "access-key"),
        (403, b"<Error><Code>AccessDenied</Code></Error>", "may not list the bucket", "docs/storage.md"),
        (404, b"<Error><Code>NoSuchBucket</Code></Error>", "it has no such bucket", "`bucket`"),
        (400, b"<Error><Code>AuthorizationHeaderMalformed</Code></Error>", "its region is another one", "`region`"),
        (301, b"<Error><Code>PermanentRedirect</Code></Error>", "its region is another one", "`region`"),
        (403, b"<Error><Code>RequestTimeTooSkewed</Code></Error>", "its clock shows another time", "clocks"),
        (200, b"<ListAllMyBucketsResult/>", "does not read the name of the bucket in the host", "path-style"),
        (503, b"<Error><Code>SlowDown</Code></Error>", "it answers 503 SlowDown", "`endpoint`"),
        (200, b"<html>Welcome</html>", "it answers 200, and not as an S3 service does", "`endpoint`"),
    ],
)  # fmt: skip
def test_what_a_service_refuses(folder: Path, status: int, body: bytes, message: str, remedy: str) -> None:
    """Each of Amazon's codes has its reason and its remedy, and no text of the service is repeated."""
    with service(status, body) as (port, _):
        (fact,) = facts(folder, f"http://127.0.0.1:{port}")

    assert (fact.status, message in fact.message, remedy in fact.remedy) == (CheckStatus.ERROR, True, True)
    assert SECRET not in fact.message + fact.remedy


def test_a_service_that_is_not_there(folder: Path) -> None:
    """Nobody listens, TLS is missing, or the authority's file is no certificate."""
    (fact,) = facts(folder, "http://127.0.0.1:9")
    assert (fact.status, fact.message.rpartition(": ")[2]) == (CheckStatus.ERROR, "connection refused")
    with service() as (port, _):
        (fact,) = facts(folder, f"https://127.0.0.1:{port}")
        assert fact.message.endswith("it does not speak TLS there")
        (folder / "ca.pem").write_text("no certificate")
        (fact,) = facts(folder, f"https://127.0.0.1:{port}", authority="ca.pem")
        assert "it is not a certificate (PEM)" in fact.message


def test_the_keys_are_needed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file is the result of another check; one of another user is unknown."""
    with service() as (port, asked):
        (folder / "secrets" / "key").unlink()
        assert facts(folder, f"http://127.0.0.1:{port}") == []

        def refuse(*_: Any, **__: Any) -> str:
            raise PermissionError

        monkeypatch.setattr(Path, "read_text", refuse)
        (fact,) = facts(folder, f"http://127.0.0.1:{port}")
    assert fact.status is CheckStatus.UNKNOWN
    assert asked == []


def test_other_storage_has_no_bucket() -> None:
    """Neither a volume nor the machine alone."""
    assert list(bucket(ExaminedSystem(ContainerEngine(), make_deployment()))) == []
    assert list(bucket(ExaminedSystem(ContainerEngine()))) == []
