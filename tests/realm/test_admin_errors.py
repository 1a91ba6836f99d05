"""The errors of the admin client: whose fault an answer is, which way out it has, and that no secret is in it."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import NotFound
from orthgen.realm.admin.client import AdminClient, Administrator
from tests.support.admin_server import ADMIN, Echo, StandIn, admin_client, ask, handler

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(
    ("code", "kind"),
    [(404, NotFound), (409, KeycloakConflict), (403, KeycloakRefused), (400, KeycloakError)],
)
def test_an_answer_becomes_the_error_that_it_means(
    stand_in: StandIn, code: int, kind: type[Exception]
) -> None:
    """Each answer that is no success has its own error, and is not repeated."""
    stand_in.answers[:] = [(code, {})]

    with pytest.raises(kind) as caught:
        admin_client(stand_in).put("admin/realms/r/clients/1", {})

    assert type(caught.value) is kind
    assert len(stand_in.seen) == 1


@pytest.mark.parametrize(
    ("verb", "path", "right"),
    [
        ("get", "admin/realms/r/clients", "`view-clients` of `r-realm`"),
        ("put", "admin/realms/r/clients/1", "`manage-clients` of `r-realm`"),
        ("get", "admin/realms/r/identity-provider/instances", "`view-identity-providers`"),
        ("put", "admin/realms/r/users/profile", "`manage-realm`"),
        ("get", "admin/realms/r/groups", "`view-users`"),
        ("get", "admin/realms/r/users", "`view-users`"),
        ("post", "admin/realms/r/users", "`manage-users`"),
        ("get", "admin/realms/r/roles/reader/users", "`view-users`"),
        ("get", "admin/realms/r/roles", "`view-realm`"),
        ("post", "admin/realms", "`create-realm`"),
    ],
)
def test_a_missing_right_is_named(stand_in: StandIn, verb: str, path: str, right: str) -> None:
    """403 says which role of the admin API the administrator lacks."""
    stand_in.answers[:] = [(403, {})]
    call = admin_client(stand_in)

    with pytest.raises(KeycloakRefused) as caught:
        ask(call, verb, path)

    assert right in caught.value.hint


def test_wrong_credentials_are_refused_without_a_second_try(stand_in: StandIn) -> None:
    """A wrong password is tried once, so that nobody is locked out, and is not repeated in the message."""
    with pytest.raises(KeycloakRefused) as caught:
        admin_client(stand_in, who=Administrator(user="admin", password="wrong")).get("p", Echo)

    assert len(stand_in.forms) == 1
    assert "wrong" not in str(caught.value)


def test_a_certificate_that_nobody_signed_is_no_server(tmp_path: Path) -> None:
    """TLS is verified; the message names the way to trust an authority of one's own, which then works."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    found = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"https://127.0.0.1:{server.server_address[1]}"
    try:
        with pytest.raises(KeycloakUnavailable, match="not trusted") as caught:
            AdminClient(url, ADMIN, sleep=lambda _: None).get("p", Echo)
        assert "--ca-file" in caught.value.hint
        assert AdminClient(url, ADMIN, ca_file=certificate).get("p", Echo) == {"path": "/p"}
    finally:
        server.shutdown()
        server.server_close()


class Says:
    """A server that gives the same bytes to everything but the token's request, which it answers well."""

    def __init__(self, answer: bytes, token: bytes = b"") -> None:
        self.answer, self.token, self.paths = answer, token, list[str]()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """A handler that says it."""
        says = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def _handle(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                says.paths.append(self.path)
                token = said('{"access_token": "t"}')
                self.wfile.write((says.token or token) if self.path.endswith("/token") else says.answer)

            do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 - the names that the server looks for

        return Handler


def said(body: str, status: str = "200 OK", more: str = "") -> bytes:
    """An answer with a body."""
    length = f"Content-Length: {len(body.encode())}"
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{length}\r\n{more}\r\n{body}".encode()


PAGE = said("<!doctype html><title>Portal</title>", more="Content-Type: text/html\r\n")


def complaint_about(
    answer: bytes, token: bytes = b"", *, verb: str = "get", realm: str = ""
) -> KeycloakError:
    """What is said about a server that answers so."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Says(answer, token).handler())
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(KeycloakError) as caught:
            ask(AdminClient(url, ADMIN, realm=realm, sleep=lambda _: None), verb, "admin/realms/r")
        return caught.value
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("answer", "token", "verb", "words"),
    [
        pytest.param(PAGE, PAGE, "get", "is not a Keycloak but a web page", id="a portal answers everything"),
        pytest.param(PAGE, b"", "put", "it is a web page", id="a portal answers a change"),
        pytest.param(
            said('{"access_token": "abc'),
            said('{"access_token": "abc'),
            "get",
            "is not a Keycloak",
            id="cut token",
        ),
        pytest.param(
            PAGE,
            said('{"access_token": "abc\\r\\nX: y"}'),
            "get",
            "is not a Keycloak",
            id="a token of two lines",
        ),
        pytest.param(
            said("", "404 Not Found"), b"", "get", "is not a Keycloak", id="a 404 that is not Keycloak's"
        ),
        pytest.param(
            PAGE,
            said('{"error": "HTTP 404 Not Found"}', "404 Not Found"),
            "get",
            "is not a Keycloak",
            id="another path",
        ),
        pytest.param(said('{"a": "b'), b"", "get", "not JSON, or incomplete", id="cut answer"),
        pytest.param(said('{"a": 7}'), b"", "get", "expected `str`, got `int`", id="another type"),
        pytest.param(
            said("", "302 Found", "Location: https://portal.example.org/x?token=abc\r\n"),
            *(b"", "get", "sends requests on to `https://portal.example.org`"),
            id="a redirect",
        ),
        pytest.param(
            said('{"errorMessage": "no \\u001b[2J"}', "400 Bad"),
            b"",
            "put",
            "with 400",
            id="control characters",
        ),
    ],
)
def test_what_is_none_of_keycloaks_answers_is_said_in_words(
    answer: bytes, token: bytes, verb: str, words: str
) -> None:
    """Every other program's answer is told from Keycloak's, and nothing of it but a host name is repeated."""
    error = complaint_about(answer, token, verb=verb)

    assert words in error.message
    for shown in ("abc", "Portal", "\x1b"):
        assert shown not in error.message + error.hint


def test_a_keycloak_behind_a_proxy_that_hides_its_admin_api_is_told_from_none() -> None:
    """The realm answers applications and the administrator's does not answer: the way in is named."""
    hidden = complaint_about(said('{"issuer": "https://x/keycloak/realms/orthanc"}'), PAGE, realm="orthanc")
    other = complaint_about(said('{"issuer": "https://x/keycloak/realms/other"}'), PAGE, realm="orthanc")

    assert "its admin API does not" in hidden.message
    assert "local-port" in hidden.hint
    assert "is not a Keycloak" in other.message


def test_what_tells_a_hidden_keycloak_is_let_through_by_nginx() -> None:
    """The page that is asked for is among those that the deployment's own nginx lets through."""
    site = (GOLDEN / "minimal/compose/nginx/conf.d/site.conf").read_text()
    says = Says(said('{"issuer": "https://x/realms/orthanc"}'), PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), says.handler()) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/keycloak"
        with pytest.raises(KeycloakUnavailable):
            AdminClient(url, ADMIN, realm="orthanc", sleep=lambda _: None).get("admin/realms/orthanc", Echo)
        server.shutdown()

    path = says.paths[-1]
    assert path == "/keycloak/realms/orthanc/.well-known/openid-configuration"
    assert f"location ^~ {path.rpartition('/')[0]}/ {{" in site


def test_a_complaint_shows_nothing_that_was_sent_in_confidence(stand_in: StandIn) -> None:
    """A server that quotes what it was sent has the secrets taken out of its words."""
    who = Administrator(user="admin", password="of-the-token")
    call = AdminClient(stand_in.url, who, hide=lambda text: text.replace("of-the-body", "(sensitive value)"))
    stand_in.complaint = "of-the-body and of-the-token are wrong"
    stand_in.answers[:] = [(422, {})]

    with pytest.raises(KeycloakError) as caught:
        call.put("p", {})

    hidden = "(sensitive value)"
    assert caught.value.message.endswith(f"{hidden} and {hidden} are wrong")


@pytest.mark.parametrize("member", ["errorMessage", "error_description", "error"])
def test_keycloaks_own_reason_is_told(member: str) -> None:
    """Keycloak has three members for it, and each answer has one of them."""
    answer = said(json.dumps({member: "the name is taken"}), "400 Bad Request")

    assert complaint_about(answer, verb="put").message.endswith("the name is taken")


@pytest.mark.parametrize("name", ["password", "secret", "otp"])
def test_every_secret_of_the_administrator_is_taken_out(stand_in: StandIn, name: str) -> None:
    """A server quotes the form that it was sent, with the refresh token that it gave."""
    who = Administrator(user="admin", **{"password": "right", name: "of-the-administrator"})
    call = AdminClient(stand_in.url, who)
    stand_in.refresh_token = "of-the-session"
    stand_in.complaint = "of-the-administrator, of-the-session"
    stand_in.answers[:] = [(422, {})]

    with pytest.raises(KeycloakError) as caught:
        call.put("p", {})

    assert caught.value.message.endswith("(sensitive value), (sensitive value)")


def test_tls_where_there_is_none_is_no_question_of_trust(stand_in: StandIn) -> None:
    """TLS to a port that speaks plain http names the mistake, and the address that would do."""
    address = stand_in.url.replace("http://", "https://")
    with pytest.raises(KeycloakUnavailable, match="does not use TLS") as caught:
        AdminClient(address, ADMIN, sleep=lambda _: None).get("p", Echo)

    assert f"`{stand_in.url}`" in caught.value.hint
