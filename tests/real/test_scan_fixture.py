"""The scanners: each finds the fault that it is there for, and nothing in what is in order.

A scanner that finds nothing in anything would prove nothing about a deployment. (kcwarden is tried on an export of a
real realm, in test_keycloak_fixture.py.)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.real import scan
from tests.support.real.scan import Finding, ScannerError

GOOD_NGINX = """
worker_processes 4;
events { }
http {
    server_tokens off;
    include conf.d/site.conf;
}
"""
GOOD_SITE = """
server {
    listen 80 default_server;
    server_name _;
    location /files/ {
        alias /data/;
    }
}
"""
GOOD_COMPOSE = """
name: test
services:
  web:
    image: nginx:1.29.8@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    user: "101"
    read_only: true
    cap_drop: [ALL]
    pids_limit: 100
    mem_limit: 64m
    cpus: 1
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
    healthcheck: {test: ["CMD", "true"]}
    logging: {driver: json-file, options: {max-size: 1m, max-file: "2"}}
    networks: [inside]
networks: {inside: {internal: true}}
"""


def _rules(found: list[Finding]) -> set[str]:
    return {one.rule for one in found}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An nginx configuration in order, of two files; returns the main one."""
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "site.conf").write_text(GOOD_SITE)
    (tmp_path / "nginx.conf").write_text(GOOD_NGINX)
    return tmp_path / "nginx.conf"


@pytest.fixture
def compose(tmp_path: Path) -> Path:
    """A Compose file in order."""
    path = tmp_path / "docker-compose.yml"
    path.write_text(GOOD_COMPOSE)
    return path


BOTH = pytest.mark.parametrize("gixy", [scan.gixy_ng, scan.gixy_next])


@BOTH
def test_gixy_finds_a_fault_in_an_included_file(gixy: Callable[[Path], list[Finding]], site: Path) -> None:
    """Both successors of gixy find a path traversal in an included file, and nothing when it is repaired."""
    before = gixy(site)
    included = site.parent / "conf.d" / "site.conf"
    included.write_text(GOOD_SITE.replace("location /files/", "location /files"))

    after = gixy(site)

    assert before == []
    assert _rules(after) == {"alias_traversal"}
    assert after[0].place.endswith("conf.d/site.conf:6")


@BOTH
@pytest.mark.parametrize("broken", ["nginx.conf", "conf.d/site.conf"])
def test_gixy_that_cannot_read_is_an_error(
    gixy: Callable[[Path], list[Finding]], site: Path, broken: str
) -> None:
    """A configuration that the analyser cannot parse is not taken for one without findings."""
    (site.parent / broken).write_text("server { listen")

    with pytest.raises(ScannerError):
        gixy(site)


def test_compose_lint_finds_a_privileged_service(compose: Path) -> None:
    """compose-lint finds a privileged container, and nothing when the file is in order."""
    before = scan.compose_lint(compose)
    compose.write_text(GOOD_COMPOSE.replace("read_only: true", "privileged: true"))

    after = scan.compose_lint(compose)

    assert before == []
    assert any("privileged" in one.message for one in after)
    assert {one.severity for one in after} & {"high", "critical"}


def test_compose_lint_that_cannot_read_is_an_error(compose: Path) -> None:
    """A file that is no YAML is an error."""
    compose.write_text("services: {")

    with pytest.raises(ScannerError):
        scan.compose_lint(compose)


def test_dclint_finds_a_port_on_all_interfaces(compose: Path) -> None:
    """Dclint calls a port without an interface an error, and has none for a file in order."""
    before = scan.dclint(compose)
    compose.write_text(GOOD_COMPOSE.replace("    cpus: 1\n", '    cpus: 1\n    ports: ["80:80"]\n'))

    after = scan.dclint(compose)

    assert [one for one in before if one.severity == "error"] == []
    assert "no-unbound-port-interfaces" in {one.rule for one in after if one.severity == "error"}


def test_detect_secrets_finds_a_password(tmp_path: Path) -> None:
    """detect-secrets finds a password in a file of a folder, and nothing where there is none."""
    (tmp_path / "sub").mkdir()
    path = tmp_path / "sub" / "settings.yml"
    path.write_text("password: ${PASSWORD}\n")
    before = scan.detect_secrets(tmp_path)
    path.write_text("password: hunter2-hunter3-Zq9\n")

    after = scan.detect_secrets(tmp_path)

    assert before == []
    assert [(one.rule, one.place) for one in after] == [("Secret Keyword", "sub/settings.yml:1")]


def test_yamllint_finds_a_key_given_twice(tmp_path: Path) -> None:
    """Yamllint finds a key given twice, and nothing in a file in order."""
    path = tmp_path / "file.yml"
    path.write_text("---\na: 1\nb: 2\n")
    before = scan.yamllint(tmp_path)
    path.write_text("---\na: 1\na: 2\n")

    after = scan.yamllint(tmp_path)

    assert before == []
    assert [(one.rule, one.severity, one.place) for one in after] == [
        ("key-duplicates", "error", "file.yml:3")
    ]
