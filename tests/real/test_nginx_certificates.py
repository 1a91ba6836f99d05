"""Nginx with other origins and certificates: an address, Let's Encrypt, another proxy in front."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.support.builders import make_deployment
from tests.support.real.nginx_requests import EVERY_NGINX, over_tls
from tests.support.rendered_nginx import Edge, Nginx, edge


@pytest.mark.parametrize("nginx", EVERY_NGINX)
@pytest.mark.parametrize("host", ["192.0.2.10", "[2001:db8::1]"])
def test_an_origin_that_is_an_address_is_reached(host: str, nginx: Nginx, tmp_path: Path) -> None:
    """Browsers name no server in the handshake with an address; another Host still reaches nobody."""
    institution = f"{{name: T, url: 'https://{host}'}}"
    with edge(make_deployment(institution=institution), tmp_path, nginx=nginx) as running:
        assert running.ask("/ui/app/").status == 200
        running.forget()
        assert running.ask("/ui/app/", host="evil.example").status == 421
        assert running.reached() == []


@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_nginx_starts_before_the_first_certificate_and_takes_each_new_one(
    nginx: Nginx, tmp_path: Path
) -> None:
    """With Let's Encrypt nginx runs without a certificate, answers the authority, and needs no reload for any new one."""
    deployment = make_deployment(deployment="{tls: {letsencrypt: {email: it@example.org}}}")
    with edge(deployment, tmp_path, nginx=nginx, certified=False) as running:
        challenge = tmp_path / "acme/.well-known/acme-challenge/abc"
        challenge.parent.mkdir(parents=True)
        challenge.write_text("abc.def")

        assert running.ask("/.well-known/acme-challenge/abc", scheme="http").body == b"abc.def"
        assert running.ask("/.well-known/acme-challenge/../../x", scheme="http").status == 308
        assert running.ask("/ui/app/").status == 0
        running.issue_certificate()
        assert running.ask("/ui/app/").status == 200

        first = _served(running)
        running.issue_certificate()
        assert _becomes_another(running, first)


def _served(running: Edge) -> bytes:
    with socket.create_connection(("127.0.0.1", running.https)) as raw, over_tls(raw, running) as client:
        return client.getpeercert(binary_form=True) or b""


def _becomes_another(running: Edge, first: bytes) -> bool:
    """Whether every worker comes to serve another certificate."""
    for _ in range(100):
        if all(_served(running) != first for _ in range(16)):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("nginx", EVERY_NGINX)
def test_behind_another_proxy_only_that_proxy_is_believed(nginx: Nginx, tmp_path: Path) -> None:
    """With `terminated-by: proxy` the client's address comes from the proxy, quoted if it is IPv6, and plain http is redirected."""
    deployment = make_deployment(deployment="{tls: {terminated-by: proxy}}")
    with edge(deployment, tmp_path, nginx=nginx) as running:
        running.ask(
            "/system", headers={"X-Forwarded-For": "6.6.6.6, 2001:db8::7", "X-Forwarded-Proto": "https"}
        )
        running.ask("/keycloak/realms/orthanc/account", headers={"X-Forwarded-For": "203.0.113.9"})
        clear = running.ask("/system?a=b", headers={"X-Forwarded-Proto": "http"})

        orthanc, keycloak = running.services["orthanc"].seen[0], running.services["keycloak"].seen[0]
        assert orthanc.headers["forwarded"] == 'for="[2001:db8::7]";proto=https;host=pacs.example.org'
        assert keycloak.headers["x-forwarded-for"] == "203.0.113.9"
        assert keycloak.headers["x-forwarded-proto"] == "https"
        assert (clear.status, clear.headers["location"]) == (308, "https://pacs.example.org/system?a=b")
