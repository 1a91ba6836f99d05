"""
Real nginx with the rendered configuration, in front of stand-ins: what reaches whom, and what reaches nobody.

The tests of this file share two running configurations; those of test_nginx_*.py start others.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.builders import example, make_deployment
from tests.support.real.nginx_requests import EVERY_NGINX, PRIVATE, PUBLIC, SUB_PATHS, over_tls
from tests.support.rendered_nginx import Edge, edge

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=[*EVERY_NGINX, "cluster"])
def at_root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Orthanc at `/`, OHIF in its container, TLS from files: on a host with every nginx, in a cluster with the newest."""
    in_cluster = request.param == "cluster"
    deployment = example("paradim.yaml", target="kubernetes" if in_cluster else "compose")
    nginx = None if in_cluster else request.param
    with edge(deployment, tmp_path_factory.mktemp("root"), nginx=nginx) as running:
        yield running


@pytest.fixture(scope="module", params=EVERY_NGINX)
def at_sub_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """Orthanc at `/orthanc/`, an origin with a port of its own."""
    with edge(make_deployment(**SUB_PATHS), tmp_path_factory.mktemp("sub"), nginx=request.param) as running:
        yield running


# -------------------------------------------------------------------------------------------- public and private


@pytest.mark.parametrize(("path", "service", "seen"), PUBLIC, ids=[path for path, *_ in PUBLIC])
def test_a_public_path_reaches_its_service(at_root: Edge, path: str, service: str, seen: str) -> None:
    """Each public path reaches the right service, under the path that the service knows it by."""
    at_root.forget()

    reply = at_root.ask(path)

    assert reply.status == 200
    assert [(name, request.path) for name, request in at_root.reached()] == [(service, seen)]


@pytest.mark.parametrize(("path", "why"), PRIVATE, ids=[path for path, _ in PRIVATE])
def test_a_private_path_reaches_nobody(at_root: Edge, path: str, why: str) -> None:
    """Whatever is not public is refused before any service is asked, in every spelling."""
    at_root.forget()

    reply = at_root.ask(path)

    reached = [(name, request.path) for name, request in at_root.reached()]
    allowed = [("keycloak", "/realms/orthanc/protocol/openid-connect/..;/..;/..;/..;/admin/")]
    assert (reply.status in {400, 404} and not reached) or reached == allowed, why


@pytest.mark.parametrize("path", ["/dicom-web/studies%0a", "/tools/find%0d%0aX:%20y", "/%00", "/studies/%7f"])
def test_control_characters_in_an_address_are_refused(at_root: Edge, path: str) -> None:
    """An encoded control character ends the request with 400."""
    at_root.forget()

    assert at_root.ask(path).status == 400
    assert at_root.reached() == []


def test_below_a_sub_path_orthanc_sees_its_own_paths(at_sub_path: Edge) -> None:
    """With Orthanc at /orthanc/ the prefix is taken off, and the root's paths are nobody's."""
    at_sub_path.forget()

    assert at_sub_path.ask("/orthanc/studies/a%2520b?c=d").status == 200
    assert at_sub_path.ask("/orthanc/stone-webviewer/index.html").status == 200
    assert at_sub_path.ask("/studies/a").status == 404
    assert at_sub_path.ask("/orthanc/tools/reset").status == 404
    assert at_sub_path.ask("/orthanc/instances/a/export").status == 404
    assert at_sub_path.ask("/orthancx/studies").status == 404

    paths = [(name, request.path) for name, request in at_sub_path.reached()]
    assert paths == [("orthanc", "/studies/a%2520b?c=d"), ("orthanc", "/stone-webviewer/index.html")]


@pytest.mark.parametrize("path", ["/", "/orthanc", "/orthanc/"])
def test_the_root_leads_to_the_explorer(at_sub_path: Edge, path: str) -> None:
    """Anybody who types the bare address comes to Orthanc Explorer 2."""
    reply = at_sub_path.ask(path)

    assert (reply.status, reply.headers["location"]) == (302, "/orthanc/ui/app/")


# ----------------------------------------------------------------------------------------------------- headers


LIES = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;host=evil.example;proto=gopher",
}


def test_orthanc_learns_the_origin_from_forwarded_alone(at_sub_path: Edge) -> None:
    """Orthanc gets one Forwarded with the public origin, and nothing of what a client claims."""
    at_sub_path.forget()

    at_sub_path.ask(
        "/orthanc/system", headers={**LIES, "Cookie": "a=b", "Authorization": "Bearer x", "api-key": "k"}
    )

    headers = at_sub_path.services["orthanc"].seen[0].headers
    assert headers["forwarded"] == "for=127.0.0.1;proto=https;host=pacs.example.org:8443"
    assert not [name for name in headers if name.startswith("x-forwarded")]
    assert "x-real-ip" not in headers
    assert "cookie" not in headers
    assert (headers["authorization"], headers["api-key"]) == ("Bearer x", "k")


def test_keycloak_learns_the_origin_from_x_forwarded_alone(at_sub_path: Edge) -> None:
    """Keycloak gets X-Forwarded-* with the public origin, overwritten and not appended, and its cookies."""
    at_sub_path.forget()

    at_sub_path.ask("/keycloak/realms/orthanc/account", headers={**LIES, "Cookie": "a=b"})

    headers = at_sub_path.services["keycloak"].seen[0].headers
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-host"] == "pacs.example.org:8443"
    assert headers["x-forwarded-port"] == "8443"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["cookie"] == "a=b"
    assert not {"forwarded", "x-forwarded-prefix", "x-real-ip"} & headers.keys()


def test_the_ohif_container_gets_no_token(at_root: Edge) -> None:
    """OHIF's files are the same for everybody, so no token reaches their container."""
    at_root.forget()

    at_root.ask(
        "/ohif/viewer?token=abc",
        headers={"Authorization": "Bearer x", "token": "x", "Cookie": "a=b", "api-key": "k"},
    )

    seen = at_root.services["ohif"].seen[0]
    assert seen.path == "/ohif/viewer"
    assert not {"authorization", "token", "cookie", "api-key"} & seen.headers.keys()
    assert at_root.ask("/ohif/", method="POST", body=b"x").status == 403


def test_answers_carry_the_security_headers(at_root: Edge) -> None:
    """Every answer is safe to be framed, sniffed and referred from by nobody else; OHIF's pages are isolated."""
    for path in ("/ui/app/", "/nothing", "/ohif/"):
        headers = at_root.ask(path).headers
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"] == "frame-ancestors 'self'"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["server"] == "nginx"
        assert ("cross-origin-opener-policy" in headers) == (path == "/ohif/")


# -------------------------------------------------------------------------------- compression and browsers' caches


@pytest.mark.parametrize(
    ("path", "cache_control"),
    [
        ("ui/app/assets/main-bKuohmMm.js", "max-age=31536000, immutable"),
        ("ui/app/assets/bootstrap-icons-D_x-4a1b.woff2", "max-age=31536000, immutable"),
        ("ui/app/index.html", None),
        ("ui/app/assets/logo.png", None),
        ("ui/app/customizable/custom.css", None),
        ("dicom-web/studies/1.2/metadata", None),
    ],
)
def test_a_file_named_after_its_content_is_asked_for_once(
    at_root: Edge, path: str, cache_control: str | None
) -> None:
    """Explorer 2's files with a digest in the name stay in the browser; pages and data do not."""
    assert at_root.ask(f"/{path}").headers.get("cache-control") == cache_control


def test_below_a_sub_path_files_stay_in_the_browser_too(at_sub_path: Edge) -> None:
    """The address as the browser knows it decides, with or without arguments."""
    answers = [
        at_sub_path.ask(f"/orthanc/ui/app/assets/main-bKuohmMm.js{query}").headers for query in ("", "?v=1")
    ]

    assert [headers["cache-control"] for headers in answers] == ["max-age=31536000, immutable"] * 2


# ---------------------------------------------------------------------------------------------- sizes and streams


def test_long_tokens_and_many_studies_pass(at_root: Edge) -> None:
    """A token of 12 kB, in a header and in the address, and the address of 15 studies reach Orthanc whole."""
    token = "x" * 12_000
    uids = ",".join(f"1.2.826.0.1.3680043.8.498.{'7' * 38}{number:02}" for number in range(15))
    at_root.forget()

    for http2 in (True, False):
        path = f"/stone-webviewer/../volview/index.html?study={uids}&token={token}"
        assert at_root.ask(path, headers={"Authorization": f"Bearer {token}"}, http2=http2).status == 200
        assert at_root.ask(f"/ohif/viewer?StudyInstanceUIDs={uids}&token={token}", http2=http2).status == 200

    first = at_root.services["orthanc"].seen[0]
    assert first.headers["authorization"] == f"Bearer {token}"
    assert first.path == f"/volview/index.html?study={uids}&token={token}"


def test_bodies_are_limited_where_no_study_is_sent(at_root: Edge) -> None:
    """A body of 3 MB is too large for a search, and none for an upload or a description of an object."""
    body = b"x" * 3_000_000
    at_root.forget()

    assert at_root.ask("/tools/find", method="POST", body=body).status == 413
    assert at_root.reached() == []
    for path in ("/instances", "/dicom-web/studies", "/dicom-web/studies/1.2.3"):
        assert at_root.ask(path, method="POST", body=body).status == 200
    assert [request.length for _, request in at_root.reached()] == [len(body)] * 3


def test_an_upload_reaches_orthanc_before_it_ends(at_root: Edge) -> None:
    """Orthanc sees the first bytes of an upload while the client is still sending."""
    begun = at_root.services["orthanc"].begun
    begun.clear()
    head = f"POST /instances HTTP/1.1\r\nHost: {at_root.deployment.origin.host}\r\nContent-Length: 200000\r\n\r\n"

    with socket.create_connection(("127.0.0.1", at_root.https)) as raw, over_tls(raw, at_root) as client:
        client.sendall(head.encode() + b"x" * 100_000)
        assert begun.wait(5)
        client.sendall(b"x" * 100_000)
        assert client.recv(15) == b"HTTP/1.1 200 OK"


# ---------------------------------------------------------------------------------------------------------- TLS


def test_tls_is_modern_and_http_2_is_spoken(at_root: Edge) -> None:
    """TLS 1.3 and HTTP/2 are agreed on."""
    with (
        socket.create_connection(("127.0.0.1", at_root.https)) as raw,
        over_tls(raw, at_root, http2=True) as client,
    ):
        assert (client.version(), client.selected_alpn_protocol()) == ("TLSv1.3", "h2")

    assert at_root.ask("/ui/app/").protocol == "HTTP/2"


def test_old_tls_is_refused(at_root: Edge) -> None:
    """A client that knows nothing newer than TLS 1.1 is told so."""
    host = at_root.deployment.origin.host
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{at_root.https}", "-servername", host]
    command += ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]

    said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    assert "alert protocol version" in said.stderr


def test_another_host_name_is_nobodys(at_root: Edge) -> None:
    """Another name ends the handshake; another Host behind the right one gets 421, in plain http no answer at all."""
    with (
        socket.create_connection(("127.0.0.1", at_root.https)) as raw,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        over_tls(raw, at_root, "evil.example")

    at_root.forget()
    assert at_root.ask("/ui/app/", host="evil.example").status == 421
    assert at_root.ask("/ui/app/", host="evil.example", scheme="http").status == 0
    assert at_root.reached() == []


def test_plain_http_leads_to_the_origin(at_sub_path: Edge) -> None:
    """http:// leads to the one origin, port and address included, whatever the method."""
    for method in ("GET", "POST"):
        reply = at_sub_path.ask("/orthanc/a?b=c", scheme="http", method=method)
        assert (reply.status, reply.headers["location"]) == (
            308,
            "https://pacs.example.org:8443/orthanc/a?b=c",
        )
