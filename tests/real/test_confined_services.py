"""What services do with the user, root, memory and capabilities of the compose file: Keycloak, certbot, OHIF, health checks."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orthgen.deployment import naming
from tests.support.builders import example, make_deployment
from tests.support.real import parts
from tests.support.real.confined_services import PYTHON, Running, start, succeeds
from tests.support.real.container import Mount
from tests.support.real.network import run
from tests.support.real.nginx import Nginx
from tests.support.real.process import Program
from tests.support.real.standin import Answer, StandIn


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
    return succeeds(running.health(naming.KEYCLOAK))


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
    check = [PYTHON, *running.health(name)[1:]]
    answers = [Answer(200), Answer(403)]

    assert not succeeds(check)
    stand_in = StandIn(name, "127.0.0.1", port, answer=lambda _: answers.pop(0))
    try:
        assert succeeds(check)
        assert not succeeds(check)
    finally:
        stand_in.close()
