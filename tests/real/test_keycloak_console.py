"""Keycloak's admin console by `identity.keycloak.local-port`, in a browser on the host, as the compose file runs it."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from orthgen.changes.model import Plan
from orthgen.deployment.model import Deployment
from orthgen.products.keycloak_server import keycloak_environment
from orthgen.realm.admin.client import AdminClient, Administrator
from orthgen.realm.realm_file import realm_file
from tests.support.builders import make_deployment
from tests.support.provisioning import plan
from tests.support.real import web
from tests.support.real.keycloak import Keycloak, RunningKeycloak

PORT = 8081
IDENTITY = f"{{keycloak: {{local-port: {PORT}}}, sign-in: [accounts: {{}}]}}"
# What the test's own database and network say otherwise.
_OTHERS = ("KC_DB", "KC_CACHE", "KC_HEALTH", "KC_BOOTSTRAP", "KC_TRUSTSTORE")


@contextmanager
def published(port: int, target: tuple[str, int]) -> Iterator[None]:
    """A port of 127.0.0.1 that leads to a service, as the engine's proxy makes one."""

    def pump(source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        with suppress(OSError):
            to.shutdown(socket.SHUT_WR)

    class Through(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(target) as server:
                back = threading.Thread(target=pump, args=(server, self.request))
                back.start()
                pump(self.request, server)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", port), Through) as listener:
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, args=(0.1,), daemon=True).start()
        yield
        listener.shutdown()


def test_the_console_works_on_the_host_and_people_stay_at_the_public_address(
    own_keycloak: Keycloak, page: Page, tmp_path: Path
) -> None:
    """An administrator signs in at 127.0.0.1 and no request leaves it; the realm's own links keep the public address."""
    deployment = make_deployment(identity=IDENTITY)
    environment = {
        name: value
        for name, value in keycloak_environment(deployment, has_vault=False).items()
        if not name.startswith(_OTHERS)
    }
    realm = tmp_path / "realm.json"
    realm.write_text(realm_file(deployment).text)
    running = own_keycloak.start(
        realms={"orthanc-realm.json": realm}, environment=environment, name="keycloak-console"
    )
    upstream = urlsplit(running.url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with published(PORT, (upstream.hostname or "", upstream.port or 0)):
        page.goto(f"http://127.0.0.1:{PORT}/")
        page.get_by_label("Username or email").fill("admin", timeout=60_000)
        page.get_by_label("Password", exact=True).fill(running.admin_password)
        page.get_by_role("button", name="Sign In").click()
        expect(page.get_by_role("heading", name="Welcome to Keycloak")).to_be_visible(timeout=60_000)
        done = orthgen_plan(deployment, running)

    public = f"{deployment.origin.url}/keycloak/realms/orthanc"
    said = web.get(f"{running.url}/realms/orthanc/.well-known/openid-configuration").json()
    assert {urlsplit(url).netloc for url in asked} == {f"127.0.0.1:{PORT}"}
    assert said["issuer"] == public
    assert said["authorization_endpoint"].startswith(public)
    assert done.is_empty


def orthgen_plan(deployment: Deployment, running: RunningKeycloak) -> Plan:
    """What `provision-keycloak` has to do by the port that it takes by itself."""
    administrator = Administrator(user="admin", password=running.admin_password)
    return plan(deployment, AdminClient(deployment.addresses.keycloak_admin, administrator))
