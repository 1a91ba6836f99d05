"""The fixture `nginx`: a real nginx in front of stand-ins, confined as a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.real import parts, web
from tests.support.real.container import Confinement, Mount
from tests.support.real.network import GATEWAY
from tests.support.real.nginx import Nginx, listens

CONFIGURATION = """
load_module modules/ngx_http_js_module.so;
user nginx;
pid /tmp/nginx.pid;
error_log stderr warn;
events { }
http {
    access_log /dev/stdout;
    js_import main from /etc/nginx/njs/main.js;
    resolver 127.0.0.11 valid=1s;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    scgi_temp_path /tmp/scgi;
    uwsgi_temp_path /tmp/uwsgi;
    server {
        listen 80;
        location / { proxy_pass http://ohif:80; proxy_request_buffering off; client_max_body_size 0; }
        location /script { js_content main.hello; }
        location /resolved { set $name orthanc; proxy_pass http://$name:8042; }
    }
}
"""
SCRIPT = 'function hello(r) { r.return(200, "from njs " + njs.version); }\nexport default {hello};\n'


@pytest.fixture(params=parts.suites())
def either(nginx: Nginx, request: pytest.FixtureRequest) -> Nginx:
    """The fixture on each Debian that is installed."""
    nginx.suite = request.param
    return nginx


@pytest.fixture
def mounts(tmp_path: Path) -> dict[str, Path | Mount]:
    """A small configuration with a script, mounted as a Compose file would."""
    (tmp_path / "nginx.conf").write_text(CONFIGURATION)
    (tmp_path / "njs").mkdir()
    (tmp_path / "njs" / "main.js").write_text(SCRIPT)
    return {"/etc/nginx/nginx.conf": tmp_path / "nginx.conf", "/etc/nginx/njs": tmp_path / "njs"}


CONFINED = Confinement(
    read_only=True,
    tmpfs=("/tmp:size=64m",),  # noqa: S108 - a path in the container
    capabilities=("net_bind_service", "setuid", "setgid", "chown"),
)


def test_a_request_passes_through_nginx_as_it_was_sent(
    either: Nginx, mounts: dict[str, Path | Mount]
) -> None:
    """The stand-in sees method, raw path and headers of what the client sent through a confined nginx."""
    ohif, orthanc = either.service("ohif", 80), either.service("orthanc", 8042)
    running = either.start(mounts, CONFINED)

    answer = web.request("PUT", f"http://{GATEWAY}/a%2Fb/?q=1", headers={"X-Test": "yes"}, body=b"12345")
    scripted = web.get(f"http://{GATEWAY}/script")
    resolved = web.get(f"http://{GATEWAY}/resolved")

    assert answer.json() == {"service": "ohif", "method": "PUT", "target": "/a%2Fb/?q=1", "body": 5}
    assert (ohif.last.headers["x-test"], ohif.last.body_start) == ("yes", b"12345")
    assert scripted.text.startswith("from njs ")
    assert resolved.json()["service"] == "orthanc"
    assert orthanc.last.path == "/resolved"
    assert "PUT /a%2Fb/?q=1" in running.log


def test_a_large_body_streams_and_the_memory_is_seen(nginx: Nginx, mounts: dict[str, Path | Mount]) -> None:
    """A quarter of a gigabyte is counted by the stand-in while nginx stays small."""
    size = 256 << 20
    ohif = nginx.service("ohif", 80)
    nginx.service("orthanc", 8042)
    running = nginx.start(mounts, CONFINED)

    web.request("POST", f"http://{GATEWAY}/x", headers={"Content-Length": str(size)}, body=web.zeros(size))

    assert ohif.last.body_size == size
    assert 0 < running.memory() < 64 << 20


def test_nginx_says_what_is_wrong_with_a_configuration(
    either: Nginx, mounts: dict[str, Path | Mount]
) -> None:
    """`nginx -t` accepts a good configuration without a word and refuses a bad one with its reason."""
    either.service("ohif", 80)
    good = either.test(mounts)
    path = mounts["/etc/nginx/nginx.conf"]
    assert isinstance(path, Path)
    path.write_text(CONFIGURATION.replace("events", "evnts"))

    bad = either.test(mounts)

    assert (good.is_valid, good.complaints) == (True, ())
    assert not bad.is_valid
    assert 'unknown directive "evnts"' in bad.complaints[0]


def test_a_read_only_root_is_read_only(nginx: Nginx, mounts: dict[str, Path | Mount]) -> None:
    """What the confinement forbids fails as it would in a container."""
    nginx.service("ohif", 80)

    refused = nginx.test(mounts, Confinement(read_only=True))

    assert not refused.is_valid
    assert "Read-only file system" in refused.output


def test_nginx_is_reloaded(nginx: Nginx, mounts: dict[str, Path | Mount]) -> None:
    """A reload takes the changed configuration into use."""
    nginx.service("ohif", 80)
    running = nginx.start(mounts)
    path = mounts["/etc/nginx/nginx.conf"]
    assert isinstance(path, Path)
    path.write_text(CONFIGURATION.replace("listen 80;", "listen 80; listen 81;"))

    running.reload()

    running.program.wait_until(lambda: listens(81), seconds=10, what="the new port")


def test_nothing_is_left_of_a_stopped_nginx(nginx: Nginx, mounts: dict[str, Path | Mount]) -> None:
    """After a stop the port is free, and the Debian folder is as it was installed."""
    nginx.service("ohif", 80)
    running = nginx.start(mounts)
    running.stop()

    assert not running.program.is_running()
    with pytest.raises(ConnectionRefusedError):
        web.get(f"http://{GATEWAY}/")
    assert not (parts.debian() / "etc/nginx/njs").exists()
