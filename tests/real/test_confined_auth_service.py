"""The auth-service's rendered start script with the user, root and capabilities of its service; a stand-in is its program."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from orthgen.deployment import naming
from tests.support.builders import example, make_deployment
from tests.support.certificate import make_certificate
from tests.support.real.confined_services import PYTHON, Running, start
from tests.support.real.container import Mount

# A stand-in for the auth-service: its program logs tokens as the real one does, its server says what it was given.
_AUTH_SERVICE = {
    "app.py": """
import logging
logging.basicConfig(level=logging.DEBUG)
logging.info("created token: canary-token")
logging.warning("redirecting to viewer: canary-token")
logging.error("a fault")
""",
    # Keycloak is there, with the realm's key.
    "requests.py": """
class certs:
    where = staticmethod(lambda: "/etc/ssl/certs/ca-certificates.crt")
class exceptions:
    SSLError = Timeout = ConnectionError = OSError
def get(url, timeout):
    answer = type("Answer", (), {"status_code": 200})
    answer.json = staticmethod(lambda: {"public_key": "key"})
    return answer
""",
    "uvicorn.py": """
import importlib, json, os, pathlib, sys
def run(app, *, host, port, app_dir, access_log):
    sys.path.insert(0, app_dir)
    importlib.import_module(app.partition(":")[0])
    permissions = pathlib.Path(os.environ["PERMISSIONS_FILE_PATH"])
    print(json.dumps({
        "users": json.loads(os.environ["USERS"]),
        "visible": pathlib.Path("/proc/self/environ").read_text(),
        "permissions": permissions.read_text(),
        "can edit": os.access(permissions, os.W_OK),
        "listens": [host, port],
        "user": [os.getuid(), os.getgid()],
    }))
""",
}


def _start_auth_service(
    running: Running, place: Path, *libraries: tuple[str, Path | Mount]
) -> tuple[dict[str, Any], str]:
    """What the stand-in says and logs when it is started by our script, as the compose file says."""
    mounts: dict[str, Path | Mount] = {}
    for name, text in _AUTH_SERVICE.items():
        path = place / name
        path.write_text(text)
        mounts[f"/orthanc_auth_service/{name}"] = path
    mounts |= dict(libraries)
    argv = [PYTHON, *running.command(naming.AUTH_SERVICE)[1:]]
    line = running.line(
        naming.AUTH_SERVICE,
        Path("/"),
        argv=argv,
        mounts=mounts,
        environment={"PYTHONPATH": "/libraries:/orthanc_auth_service"},
    )
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_the_auth_service_gets_its_password_where_nobody_else_sees_it(place: Path) -> None:
    """Orthanc's user and password reach the service in memory; no token reaches its log, but faults do."""
    said, log = _start_auth_service(start(example("paradim.yaml"), place), place)

    assert said["users"] == {"orthanc": "canary-auth-service-password"}
    assert "canary" not in said["visible"]
    assert said["listens"] == ["0.0.0.0", 8000]  # noqa: S104 - of the container
    assert said["user"] == [999, 999]
    assert "canary" not in log
    assert "a fault" in log


class _Realm(BaseHTTPRequestHandler):
    """A Keycloak's answer to who asks for a realm."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"public_key": "key"}')


def test_the_auth_service_trusts_the_authority_of_a_keycloak_elsewhere(place: Path) -> None:
    """In its container, by the real `requests`: the institution's Keycloak has a certificate of a private authority."""
    authority, key = place / "ca.pem", place / "key.pem"
    make_certificate(authority, key, "localhost")
    authority.chmod(0o644)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Realm) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"https://localhost:{server.server_address[1]}"
        identity = f"{{sign-in: [accounts: {{}}], trust: ['{authority}'], keycloak: {{server: '{url}'}}}}"
        running = start(make_deployment(identity=identity), place)
        site = Path(requests.__file__).parents[1]

        said, log = _start_auth_service(running, place, ("/libraries", Mount(site)))
        server.shutdown()

    assert said["listens"] == ["0.0.0.0", 8000]  # noqa: S104 - of the container
    assert "waiting" not in log


def test_without_the_permission_editor_the_service_cannot_change_who_may_what(place: Path) -> None:
    """The rendered file is what it reads, and nobody can write to it."""
    said, _ = _start_auth_service(start(example("paradim.yaml"), place), place)

    assert "Generated by orthgen" in said["permissions"]
    assert said["can edit"] is False


def test_edited_permissions_start_from_the_rendered_file_and_stay(place: Path) -> None:
    """The first start copies the file to the volume; later ones leave there what somebody edited."""
    identity = "{sign-in: [accounts: {}], permission-editor: true}"
    tls = "{tls: {terminated-by: proxy}}"
    running = start(make_deployment(identity=identity, deployment=tls), place)
    volume = running.service(naming.AUTH_SERVICE).mounts["/var/tmp"]  # noqa: S108 - in the container
    assert isinstance(volume, Mount)
    # As a new volume is: with the mode of the directory that it covers.
    volume.source.chmod(0o1777)

    first, _ = _start_auth_service(running, place)
    (volume.source / "permissions.json").write_text("edited")
    second, _ = _start_auth_service(running, place)

    assert "Generated by orthgen" in first["permissions"]
    assert first["can edit"] is True
    assert second["permissions"] == "edited"
