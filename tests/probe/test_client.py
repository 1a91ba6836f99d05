"""Where requests go: to the address that was given, in time, over TLS that is verified, and nowhere else."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from orthgen.errors import DeploymentUnreachable, OrthgenError
from orthgen.probe import client as client_module
from orthgen.probe.client import Client, parse_address
from orthgen.probe.discovery import discover
from orthgen.probe.model import GivenStudies, Outcome, ProbeReply, Site, Tokens, Verdict
from orthgen.probe.run import run
from tests.support.builders import make_deployment
from tests.support.certificate import make_certificate
from tests.support.deployed import TOKENS, Served, bare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("pacs.example.org", "does not begin with http", id="no scheme"),
        pytest.param("ftp://pacs.example.org", "does not begin with http", id="another scheme"),
        pytest.param("file:///etc/passwd", "does not begin with http", id="a file"),
        pytest.param("https://user:geheim@pacs.example.org/", "more than scheme", id="a password"),
        pytest.param("https://pacs.example.org/?token=geheim", "more than scheme", id="a link"),
        pytest.param("https://pacs.example.org/#geheim", "more than scheme", id="a fragment"),
        pytest.param("https://pacs.example.org/a b", "characters that a path cannot have", id="a blank"),
        pytest.param(
            "https://pacs.example.org/\r\nX: y", "characters that a path cannot have", id="a line end"
        ),
        pytest.param("https://pacs.example.org:port/", "does not begin with http", id="no port"),
    ],
)
def test_an_address_is_an_address_and_nothing_more(text: str, message: str) -> None:
    """What is no plain address is refused before anything is sent, and what may be secret is not repeated."""
    with pytest.raises(OrthgenError, match=message) as caught:
        parse_address(text)

    assert "geheim" not in caught.value.message + caught.value.hint


def test_no_redirect_is_followed() -> None:
    """A server that sends everybody elsewhere is asked, and elsewhere nobody is."""
    with Served(lambda _: (200, {}, b"")) as elsewhere:
        answer = (302, {"Location": f"{elsewhere.url}/steal"}, b"")
        with (
            Served(lambda _: answer) as server,
            pytest.raises(DeploymentUnreachable, match="behaves like Orthanc"),
        ):
            discover(Client(parse_address(server.url)), TOKENS, GivenStudies())

        assert server.heard
        assert elsewhere.heard == []


def test_a_keycloak_at_another_address_is_not_asked() -> None:
    """The start page may name any Keycloak; requests go to the given address only, and the report says so."""
    with Served(lambda _: (200, {}, b"")) as elsewhere, bare(make_deployment()) as server:
        server.answer.orthanc.behind.origin = elsewhere.url  # type: ignore[attr-defined]
        client = Client(parse_address(server.url))
        discovery = discover(client, Tokens(), GivenStudies())
        results = run(client, discovery, Tokens(), with_writes=True)
        of_keycloak = [result.outcome for result in results if result.check.weakness == "Keycloak"]

        assert elsewhere.heard == []
        assert {found.verdict for found in of_keycloak} == {Verdict.UNKNOWN}
        assert all("another address" in found.reason for found in of_keycloak)
        assert not any(heard.path.startswith("/keycloak") for heard in server.heard)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that the environment names sees nothing of it."""
    with Served(lambda _: (200, {}, b"")) as proxy, bare(make_deployment()) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        discover(Client(parse_address(server.url)), TOKENS, GivenStudies())

        assert server.heard
        assert proxy.heard == []


def test_tokens_do_not_cross_a_network_in_the_clear() -> None:
    """Over plain http to another host a token is refused before anything is sent."""
    client = Client(parse_address("http://pacs.example.org/"))

    with pytest.raises(OrthgenError, match="not sent over plain http"):
        discover(client, TOKENS, GivenStudies())
    assert client.sent == []


def test_what_is_no_token_is_not_sent_and_not_shown() -> None:
    """A token with a line end, or a whole link, is refused without being repeated."""
    client = Client(parse_address("http://127.0.0.1:9/"))

    for text in ("geheim\r\nX: y", "https://pacs.example.org/?token=geheim"):
        with pytest.raises(OrthgenError, match="is not a token") as caught:
            discover(client, Tokens(text), GivenStudies())
        assert "geheim" not in caught.value.message + caught.value.hint
    assert client.sent == []


@pytest.mark.parametrize(
    "studies", [GivenStudies("../x"), GivenStudies(other="x"), GivenStudies(other_uid="1.2/..")]
)
def test_what_is_no_id_is_not_sent(studies: GivenStudies) -> None:
    """Ids go into addresses, so they have to be ids."""
    client = Client(parse_address("http://127.0.0.1:9/"))

    with pytest.raises(OrthgenError, match=r"--(?:other-)?study"):
        discover(client, Tokens(), studies)
    assert client.sent == []


# -------------------------------------------------------------------------------------------------- time and TLS


@contextmanager
def _dripping(first: bytes, drop: bytes) -> Iterator[str]:
    """A server that sends a drop now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(first)
                    while True:
                        time.sleep(0.05)
                        connection.sendall(drop)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        pytest.param(b"", b"", id="silence"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", id="headers without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x", id="a body in drops"),
    ],
)
def test_no_server_holds_us_up(first: bytes, drop: bytes) -> None:
    """A request is over after twice the time-out at the latest, whatever comes in small pieces."""
    began = time.monotonic()
    with _dripping(first, drop) as url:
        reply = Client(parse_address(url), seconds=0.3).send("GET", "/")

    assert time.monotonic() - began < 3
    assert reply.failure or len(reply.body) < 99999


def test_a_long_answer_is_not_read_whole() -> None:
    """Of an endless body only the beginning is read."""
    with Served(lambda _: (200, {}, b"x" * 3_000_000)) as server:
        reply = Client(parse_address(server.url)).send("GET", "/")

    assert len(reply.body) == 256 * 1024


@contextmanager
def _over_tls(folder: Path, host: str) -> Iterator[tuple[str, Path]]:
    """A server with a certificate of its own for `host`."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    make_certificate(certificate, key, host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = Served(lambda _: (403, {}, b""))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server:
        yield f"https://localhost:{server.server_address[1]}", certificate


def test_a_certificate_has_to_be_good(tmp_path: Path) -> None:
    """A certificate that nobody signed, or that is another's, ends it; `--ca-file` names who signed it."""
    with _over_tls(tmp_path, "localhost") as (url, certificate):
        assert "certificate is not accepted" in Client(parse_address(url)).send("GET", "/").failure
        assert Client(parse_address(url), ca_file=certificate).send("GET", "/").status == 403
        with pytest.raises(DeploymentUnreachable, match="certificate is not accepted"):
            discover(Client(parse_address(url)), TOKENS, GivenStudies())
    (tmp_path / "other").mkdir()
    with _over_tls(tmp_path / "other", "elsewhere.example.org") as (url, certificate):
        assert "certificate" in Client(parse_address(url), ca_file=certificate).send("GET", "/").failure


def test_old_tls_is_seen(tmp_path: Path) -> None:
    """A server that speaks today's TLS only is told from one that cannot be tried."""
    with _over_tls(tmp_path, "localhost") as (url, certificate):
        assert Client(parse_address(url), ca_file=certificate).takes_old_tls() is not True
    assert Client(parse_address("http://localhost/")).takes_old_tls() is None


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        ("TLSV1_ALERT_PROTOCOL_VERSION", False),
        ("NO_PROTOCOLS_AVAILABLE", None),
        ("NO_CIPHERS_AVAILABLE", None),
    ],
)
def test_a_machine_that_cannot_speak_old_tls_says_nothing_about_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, *, verdict: bool | None
) -> None:
    """OpenSSL 3 of some distributions has no TLS 1.0 and 1.1 at all."""

    class Context:
        def wrap_socket(self, *_: object, **__: object) -> None:
            error = ssl.SSLError(1, reason)
            error.reason = reason
            raise error

    monkeypatch.setattr(client_module, "_old_context", Context)
    with _over_tls(tmp_path, "localhost") as (url, certificate):
        assert Client(parse_address(url), ca_file=certificate).takes_old_tls() is verdict


def test_how_the_address_is_reached_is_told(tmp_path: Path) -> None:
    """Over TLS: that it is, that HSTS is missing, and that another port than 443 says nothing of port 80."""
    with _over_tls(tmp_path, "localhost") as (url, certificate):
        client = Client(parse_address(url), ca_file=certificate)
        discovery = discover(client, Tokens(), GivenStudies())
        results = {
            result.check.name: result.outcome for result in run(client, discovery, Tokens(), with_writes=True)
        }

    assert results["https"].verdict is Verdict.CLOSED
    assert results["hsts"].verdict is Verdict.OPEN
    assert results["http-redirect"].reason == "the address has a port of its own"
    assert not any("port 80" in line for line in client.sent)


class Canned(Client):
    """Answers from a table, without a connection; port 80 refuses it."""

    def __init__(self, url: str, told: dict[str, object]) -> None:
        super().__init__(parse_address(url))
        self.told = told

    def reach(self) -> None:
        """Find the server there."""

    def takes_old_tls(self) -> bool | None:
        """Say no."""
        return False

    def send(self, method: str, path: str, *, plain_http: bool = False, **_: object) -> ProbeReply:
        """One answer."""
        self.sent.append(f"{method} {path}" + (" (port 80)" if plain_http else ""))
        if plain_http:
            return ProbeReply(failure="no answer (connection refused)")
        told = json.dumps({"Keycloak": self.told}).encode()
        return ProbeReply(200, body=told) if path.endswith("/pre-login-configuration") else ProbeReply(403)


@pytest.mark.parametrize(
    ("url", "is_asked"),
    [
        ("https://pacs.example.org/keycloak/", True),
        ("https://pacs.example.org:443/keycloak", True),
        ("https://pacs.example.org:8443/keycloak/", False),
        ("http://pacs.example.org/keycloak/", False),
        ("http://pacs.example.org:443/keycloak/", False),
        ("https://sso.example.org/keycloak/", False),
        ("https://pacs.example.org:x/keycloak/", False),
    ],
)
def test_the_usual_port_may_be_written_out(url: str, *, is_asked: bool) -> None:
    """An origin is a scheme, a host and a port; `:443` belongs to https."""
    client = Canned("https://pacs.example.org/", {"Url": url, "Realm": "orthanc", "ClientId": "orthanc"})
    discovery = discover(client, Tokens(), GivenStudies())

    assert (discovery.roots.get(Site.KEYCLOAK) == "/keycloak/") is is_asked
    assert ("keycloak" in discovery.missing) is not is_asked


def test_plain_http_is_asked_at_port_80_whatever_port_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that people type without a scheme leads there."""
    asked: list[tuple[str, int]] = []

    class Refusing(http.client.HTTPConnection):
        def request(self, *_: object, **__: object) -> None:
            asked.append((self.host, self.port))
            raise ConnectionRefusedError

    monkeypatch.setattr(http.client, "HTTPConnection", Refusing)

    Client(parse_address("http://localhost:8081/")).send("GET", "/", plain_http=True)

    assert asked == [("localhost", 80)]


def test_nothing_on_port_80_is_as_good_as_a_redirect() -> None:
    """Anybody who types the address without https sends nothing where nobody listens."""
    client = Canned("https://pacs.example.org/", {})
    discovery = discover(client, Tokens(), GivenStudies())
    results = {
        result.check.name: result.outcome for result in run(client, discovery, Tokens(), with_writes=False)
    }

    assert results["http-redirect"] == Outcome(Verdict.CLOSED, "nothing listens on port 80")
    assert results["anonymous-changes"].verdict is Verdict.CLOSED


def test_port_80_is_asked_for_the_page_that_people_sign_in_at() -> None:
    """Below the path of Orthanc; a start page may redirect to another address without encryption, and shows nothing."""
    client = Canned("https://pacs.example.org/orthanc/", {})
    discovery = discover(client, Tokens(), GivenStudies())
    requests = {
        result.check.name: result.request for result in run(client, discovery, Tokens(), with_writes=False)
    }

    assert [line for line in client.sent if "port 80" in line] == ["GET /orthanc/ui/app/ (port 80)"]
    assert requests["http-redirect"] == "signed out: GET http://{host}:80/orthanc/ui/app/"


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing or wrong file is an error with its path."""
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(OrthgenError, match=name):
            Client(parse_address("https://localhost/"), ca_file=tmp_path / name)
