"""
The rendered compose file in front of its real judges, and what its services do when they run as it says.

Docker Compose and the public schema read it, four scanners look for faults. There is no engine where the tests
run, so `tests.support.real.container` starts programs with the user, root, memory, capabilities and files of
their service: Keycloak's own distribution, nginx from Debian, the scripts with a stand-in for what they start.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from msgspec.structs import replace

from orthgen.catalogue import releases
from orthgen.deployment import naming
from orthgen.deployment.model import Deployment
from orthgen.targets.compose import COMPOSE_PATH, render
from tests.support.builders import EXAMPLES, example, make_deployment, write_artifacts
from tests.support.certificate import make_certificate
from tests.support.real import compose, parts, scan
from tests.support.real.container import Confinement, Mount, command_line
from tests.support.real.network import run
from tests.support.real.nginx import Nginx
from tests.support.real.process import Program
from tests.support.real.standin import Answer, StandIn

ALL = pytest.mark.parametrize("name", EXAMPLES)

# Python as the system has it: readable for every user, as in an image.
_PYTHON = "/usr/bin/python3"


def write(deployment: Deployment, folder: Path) -> Path:
    """Write a deployment to a folder; returns its compose file."""
    write_artifacts(render(deployment), folder)
    return folder / COMPOSE_PATH


def locked(deployment: Deployment) -> Deployment:
    """The deployment with a digest for each image, as a lock gives it."""
    references = deployment.release.images.values()
    return replace(
        deployment,
        lock={reference: f"sha256:{index:02x}{'e7' * 31}" for index, reference in enumerate(references)},
    )


@dataclass
class Running:
    """A rendered deployment on disk, whose services can be run one by one."""

    folder: Path
    volumes: Path
    resolved: dict[str, Any]

    def service(self, name: str) -> compose.Service:
        """What the container of a service would be given."""
        return compose.service(self.resolved, name, self.volumes)

    def command(self, name: str) -> list[str]:
        """What a service starts with."""
        service = self.resolved["services"][name]
        return [
            word.replace("$$", "$") for word in (*(service["entrypoint"] or ()), *(service["command"] or ()))
        ]

    def health(self, name: str) -> list[str]:
        """The command of a service's health check."""
        kind, *words = self.resolved["services"][name]["healthcheck"]["test"]
        assert kind == "CMD"
        return [word.replace("$$", "$") for word in words]

    def line(self, name: str, root: Path, **more: Any) -> list[str]:
        """The command line that runs a service inside `root`, with mounts and variables on top of its own."""
        service = self.service(name)
        return command_line(
            root,
            more.get("argv") or self.command(name),
            work=self.folder.parent / f"work-{name}",
            mounts={**service.mounts, **more.get("mounts", {})},
            confinement=service.confinement,
            environment={**service.environment, **more.get("environment", {})},
        )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that every user may enter, as the engine's mounts are for a container."""
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    return tmp_path


def start(deployment: Deployment, place: Path) -> Running:
    """Write a deployment with its secrets, in files of mode 0600 that belong to the user of the containers."""
    path = write(deployment, place / "deployment")
    resolved = compose.config(path)
    for name, secret in resolved.get("secrets", {}).items():
        file = Path(secret["file"])
        if not file.is_relative_to(path.parent):
            continue  # the host's certificate, which no test reads
        file.write_text(f"canary-{name}\n", encoding="ascii")
        file.chmod(0o600)
        os.chown(file, naming.CONTAINER_USER, naming.CONTAINER_USER)
    return Running(path.parent, place / "volumes", resolved)


# ------------------------------------------------------------------------------------------------- judges


@ALL
def test_docker_compose_and_the_public_schema_accept_every_example(name: str, tmp_path: Path) -> None:
    """Not one complaint, not one warning, with and without a lock."""
    for deployment in (example(name), locked(example(name))):
        path = write(deployment, tmp_path)

        assert compose.schema_errors(path) == []
        assert compose.config(path)["name"] == deployment.project


@pytest.mark.parametrize("release", releases())
def test_docker_compose_accepts_every_release(release: str, tmp_path: Path) -> None:
    """Images differ from release to release; the file is as good with each of them."""
    deployment = make_deployment(
        release=release,
        viewers="{ohif: {}, stone: {}}",
        archive="{modalities: {ct: {aet: CT, host: 10.0.0.1}}}",
    )
    path = write(deployment, tmp_path)

    assert compose.schema_errors(path) == []
    assert set(compose.config(path)["services"]) >= {naming.ORTHANC, naming.NGINX, naming.OHIF}


@ALL
def test_docker_compose_reads_what_we_mean(name: str, tmp_path: Path) -> None:
    """Sizes, times and escapes come out of Docker Compose's own reading as they went in."""
    services = compose.config(write(example(name), tmp_path))["services"]

    database = services.get(naming.ORTHANC_DB)
    assert database is None or '"$$POSTGRES_USER"' in database["healthcheck"]["test"][1]
    for service in services.values():
        assert int(service["mem_limit"]) >= 128 << 20
        assert float(service["cpus"]) > 0
        assert service["healthcheck"]["start_interval"] == "1s"


@ALL
def test_the_scanners_find_nothing_in_any_example(name: str, tmp_path: Path) -> None:
    """Every example, its images pinned by a lock, is clean, warnings included: no exception is needed."""
    path = write(locked(example(name)), tmp_path)

    assert list(map(str, scan.compose_lint(path))) == []
    assert list(map(str, scan.dclint(path))) == []
    assert list(map(str, scan.yamllint(path.parent))) == []
    assert list(map(str, scan.detect_secrets(path.parent))) == []


# ------------------------------------------------------------------------------------- programs, confined


def test_keycloak_starts_confined_and_knows_the_realm(place: Path) -> None:
    """
    With a read-only root, as a user that is not the image's, without a capability, from secrets of mode 0600.

    The database is a file instead of PostgreSQL, for which there is no server here; the first start builds
    Keycloak anew all the same, as it does in the image.
    """
    running = start(example("research-platform.yaml"), place)
    # Hard links, because the image has a folder `data` and the distribution has none.
    image = place / "keycloak"
    shutil.copytree(parts.keycloak(), image, copy_function=os.link, symlinks=True)
    (image / "data").mkdir(exist_ok=True)
    _fill_like_a_new_volume(_build_volume(running), image / "lib" / "quarkus")
    line = running.line(
        naming.KEYCLOAK,
        Path("/"),
        mounts={"/opt/keycloak": image},
        environment={"KC_DB": "dev-file", "KC_DB_URL_HOST": "", "KC_DB_URL_DATABASE": ""},
    )

    with Program(line, log=place / "keycloak.log") as keycloak:
        keycloak.wait_until(lambda: _is_healthy(running), seconds=900, what="Keycloak")
        realm = _json("http://127.0.0.1:8080/realms/platform")
        token = _token("canary-keycloak-admin-password")

        assert "public_key" in realm
        assert token["token_type"] == "Bearer"
        assert "canary" not in keycloak.text()


def _is_healthy(running: Running) -> bool:
    # As seldom as an engine asks: the server needs the processor for itself.
    time.sleep(3)
    return _succeeds(running.health(naming.KEYCLOAK))


def _build_volume(running: Running) -> Path:
    mounts = running.service(naming.KEYCLOAK).mounts
    mount = mounts["/opt/keycloak/lib/quarkus"]
    assert isinstance(mount, Mount)
    return mount.source


def _fill_like_a_new_volume(volume: Path, content: Path) -> None:
    """As an engine does: the image's files with their owner (1000) and group (0), which may write."""
    shutil.copytree(content, volume, dirs_exist_ok=True)
    run("chown", "-R", "1000:0", volume)
    run("chmod", "-R", "g+rwX", volume)


def _token(password: str) -> dict[str, Any]:
    """Sign in as Keycloak's first administrator."""
    fields = {"grant_type": "password", "client_id": "admin-cli", "username": naming.KEYCLOAK_ADMIN}
    body = urllib.parse.urlencode({**fields, "password": password}).encode()
    # As through nginx, which says that the browser came by https.
    request = urllib.request.Request(
        "http://127.0.0.1:8080/realms/master/protocol/openid-connect/token",
        body,
        {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "data.neuro.example",
            "X-Forwarded-For": "127.0.0.1",
        },
    )
    return _json(request)


def _json(request: str | urllib.request.Request) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


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
    argv = [_PYTHON, *running.command(naming.AUTH_SERVICE)[1:]]
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


# A stand-in for certbot: leaves a certificate as the real one does, readable for root alone.
_CERTBOT = """#!/bin/sh
echo "$@"
umask 077
for name in fullchain privkey; do
  mkdir -p "/etc/letsencrypt/archive/$HOST" "/etc/letsencrypt/live/$HOST"
  echo pem > "/etc/letsencrypt/archive/$HOST/${name}1.pem"
  ln -sf "../../archive/$HOST/${name}1.pem" "/etc/letsencrypt/live/$HOST/$name.pem"
done
"""


@pytest.fixture
def companion(place: Path) -> Iterator[tuple[Running, Program]]:
    """The companion of an example, running with the stand-in for certbot."""
    running = start(example("paradim.production.yaml"), place)
    certbot = place / "certbot"
    certbot.write_text(_CERTBOT)
    certbot.chmod(0o755)
    line = running.line(naming.CERTBOT, Path("/"), mounts={"/usr/bin/certbot": certbot})
    with Program(line, log=place / "certbot.log") as program:
        yield running, program


def test_certificates_are_handed_to_nginx_and_to_nobody_else(companion: tuple[Running, Program]) -> None:
    """With one capability left, root gives the key to the group that nginx runs in; the world reads nothing."""
    running, program = companion
    archive = running.volumes / "letsencrypt" / "archive"
    key = archive / "orthanc.example.org" / "privkey1.pem"
    program.wait_until(lambda: key.exists() and key.stat().st_gid == 999, seconds=20, what="the companion")
    program.wait_until(lambda: key.stat().st_mode & 0o777 == 0o640, seconds=20, what="the companion")

    assert key.stat().st_uid == 0
    assert archive.stat().st_mode & 0o777 == 0o750
    assert "--domain orthanc.example.org --cert-name orthanc.example.org" in program.text()
    assert "--email pacs@example.org" in program.text()


def test_the_companion_ends_when_it_is_asked_to(companion: tuple[Running, Program]) -> None:
    """It sleeps for hours between two looks at the certificate, and `docker compose stop` does not wait that long."""
    _, program = companion
    program.wait_until(lambda: "--keep-until-expiring" in program.text(), seconds=20, what="the companion")

    assert program.stop(politely=10) == 0


@pytest.mark.parametrize(("release", "base"), [("25.8", "/"), ("26.8", "/ohif/")])
def test_ohif_s_files_are_served(nginx: Nginx, place: Path, release: str, base: str) -> None:
    """Deep links open the application, scripts arrive readable, and the configuration is this deployment's."""
    deployment = make_deployment(
        release=release, viewers="{ohif: {}}", deployment="{tls: {terminated-by: proxy}}"
    )
    running = start(deployment, place)
    service = running.service(naming.OHIF)
    site = place / "site"
    _make_site(site, base, compressed=base != "/")
    mounts = {
        target: mount for target, mount in service.mounts.items() if not target.startswith("/usr/share")
    }
    configuration = (running.folder / "ohif" / "app-config.js").read_text()
    (site / base.strip("/") / "app-config.js").write_text(configuration)

    served = nginx.start({**mounts, "/usr/share/nginx/html": site}, service.confinement)

    page, headers = _get(served.address, f"{base}viewer?StudyInstanceUIDs=1.2.3")
    assert page == "the application"
    assert headers["Cache-Control"] == "no-cache"
    assert _get(served.address, f"{base}app-config.js")[0] == configuration
    assert _get(served.address, f"{base}app-config.js")[1]["Cache-Control"] == "no-cache"
    assert _get(served.address, f"{base}app.bundle.js")[0] == "the script"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        _get(served.address, f"{base}gone.js")


def _make_site(site: Path, base: str, *, compressed: bool) -> None:
    folder = site / base.strip("/")
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("the application")
    script = folder / "app.bundle.js"
    script.write_text("" if compressed else "the script")
    if compressed:
        # As the image has them since 26.4; the stale configuration is there, too.
        (folder / "app.bundle.js.gz").write_bytes(gzip.compress(b"the script"))
        (folder / "app-config.js.gz").write_bytes(gzip.compress(b"of somebody else"))
    for path in (site, *site.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _get(address: str, path: str) -> tuple[str, dict[str, str]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{address}{path}", timeout=10) as answer:
        return answer.read().decode(), dict(answer.headers)


def test_plugins_can_be_loaded_from_their_volume_in_memory(place: Path) -> None:
    """The volume's mount options are the kernel's own words: sized, not for root, and programs run from it."""
    volumes = start(example("paradim.yaml"), place).resolved["volumes"]
    options = volumes["orthanc-plugins"]["driver_opts"]
    target = place / "plugins"
    target.mkdir()
    run("mount", "-t", options["type"], "-o", options["o"], options["device"], target)
    (target / "plugin").write_text("#!/bin/sh\necho loaded\n")
    (target / "plugin").chmod(0o755)

    try:
        assert run(target / "plugin") == "loaded\n"
        assert (target.stat().st_uid, target.stat().st_mode & 0o777) == (999, 0o755)
    finally:
        run("umount", target)


@pytest.mark.parametrize(("name", "port"), [(naming.ORTHANC, 8042), (naming.AUTH_SERVICE, 8000)])
def test_a_health_check_tells_health_from_sickness(place: Path, name: str, port: int) -> None:
    """Nobody answers: sick. Somebody answers 200: healthy. Somebody refuses: sick."""
    running = start(example("minimal.yaml"), place)
    check = [_PYTHON, *running.health(name)[1:]]
    answers = [Answer(200), Answer(403)]

    assert not _succeeds(check)
    stand_in = StandIn(name, "127.0.0.1", port, answer=lambda _: answers.pop(0))
    try:
        assert _succeeds(check)
        assert not _succeeds(check)
    finally:
        stand_in.close()


@ALL
def test_every_service_but_the_companion_can_do_without_root(name: str, tmp_path: Path) -> None:
    """Read by Docker Compose: a user that is not root, no capability, a root that is read-only."""
    resolved = compose.config(write(example(name), tmp_path))

    for service in set(resolved["services"]) - {naming.CERTBOT}:
        confinement = compose.service(resolved, service, tmp_path / "volumes").confinement

        assert confinement.capabilities == ()
        assert confinement.read_only
        assert confinement.user is not None
        assert not confinement.user.startswith("0")
        assert isinstance(confinement, Confinement)
