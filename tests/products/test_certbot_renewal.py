"""What certbot's container says while there is no certificate, and when it asks again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from orthgen.products.certbot import certbot_files
from orthgen.targets.services.composition import compose
from tests.support.builders import make_deployment
from tests.support.certificate import make_certificate

DEPLOYMENT = make_deployment(deployment="{tls: {letsencrypt: {email: a@b.org}}}")
HOST = DEPLOYMENT.origin.host

# As certbot 5.8.0 says it, tried against an address where nobody listens and one that nobody has.
REFUSED = """An unexpected error occurred:
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='acme', port=443): Max retries exceeded with url: /directory"""
# certbot 5.8.0, certbot/_internal/auth_handler.py.
CHALLENGE = """Certbot failed to authenticate some domains (authenticator: webroot).
  Detail: 192.0.2.7: Fetching http://pacs.example.org/.well-known/acme-challenge/x: Timeout during connect
Some challenges have failed."""


def _script(folder: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script as the container does, in folders of the test."""
    (artifact,) = certbot_files(DEPLOYMENT)
    text = artifact.text.replace("/tmp/", f"{folder}/")  # noqa: S108 - not this machine's
    text = text.replace("/etc/letsencrypt/", f"{folder}/")
    environment = {"PATH": f"{path}:{os.environ['PATH']}", "HOST": HOST, "SERVER": "https://acme/directory"}
    environment |= {"EMAIL": "a@b.org", "WEBROOT": "/w", "READERS": "999"}
    line = ["sh", "-c", text, "renew.sh", *arguments]
    return subprocess.run(line, env=environment, check=False, capture_output=True, text=True, timeout=20)


def _turn(folder: Path, output: str, status: int) -> str:
    """The pause after one turn of the script, in which certbot says `output` and ends with `status`; it notes what it found."""
    programs = folder / "bin"
    programs.mkdir()
    (folder / "output-of-certbot").write_text(output)
    for name, line in {
        "certbot": f"ls {folder}/live >>{folder}/found; echo . >>{folder}/found; "
        f"cat {folder}/output-of-certbot; exit {status}",
        "sleep": f'echo "$1" >{folder}/pause; kill "$PPID"',
        "chown": "",
        "chmod": "",
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    assert _script(folder, path=str(programs)).returncode == 0
    return (folder / "pause").read_text().strip()


def _health(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the container's health check says."""
    (certbot,) = (service for service in compose(DEPLOYMENT, []).services if service.name == "certbot")
    assert certbot.health.test[:3] == ("CMD", "sh", "/opt/orthgen/renew.sh")
    return _script(folder, *certbot.health.test[3:])


@pytest.mark.parametrize(
    ("output", "words", "pause"),
    [
        (
            REFUSED,
            "https://acme/directory cannot be reached from this container: name, network or firewall",
            "60",
        ),
        (CHALLENGE, f"the authority cannot read http://{HOST}/.well-known/acme-challenge/: port 80", "1800"),
        ("rate limited", f"certbot gets no certificate for {HOST}", "1800"),
    ],
)
def test_the_health_check_says_why_there_is_no_certificate(
    tmp_path: Path, output: str, words: str, pause: str
) -> None:
    """The reason first, then certbot's own words; who was not reached is asked again soon, and does not count it."""
    assert _turn(tmp_path, output, 1) == pause

    done = _health(tmp_path)

    assert done.returncode == 1
    assert done.stdout.startswith(words)
    assert done.stdout.rstrip().endswith(output)


def test_a_failed_renewal_is_told_while_the_certificate_lasts(tmp_path: Path) -> None:
    """Nginx goes on with it, so the container is healthy."""
    _turn(tmp_path, REFUSED, 1)
    certificate = tmp_path / "live" / HOST / "fullchain.pem"
    certificate.parent.mkdir(parents=True)
    certificate.write_text("pem")

    done = _health(tmp_path)

    assert done.returncode == 0
    assert "cannot be reached" in done.stdout


def test_a_certificate_leaves_no_reason(tmp_path: Path) -> None:
    """What was said before is over."""
    (tmp_path / "reason").write_text("of yesterday")

    assert _turn(tmp_path, "Certificate not yet due for renewal", 0) == "43200"

    assert _health(tmp_path).stdout == ""


# ------------------------------------------------------------------------------------------- interrupted certbots


def _certificate(folder: Path, settings: str = "of certbot", chain: str | None = None) -> None:
    """Write a certificate as certbot keeps it, `chain` in place of its whole chain."""
    live = folder / "live" / HOST
    live.mkdir(parents=True)
    make_certificate(live / "fullchain.pem", live / "privkey.pem", HOST)
    if chain is not None:
        (live / "fullchain.pem").write_text(chain)
    for name, text in {"archive": "", "renewal": settings}.items():
        (folder / name).mkdir()
        (folder / name / (HOST if name == "archive" else f"{HOST}.conf")).write_text(text)


def _found(folder: Path) -> list[str]:
    """The certificates that certbot found, at each time that it was asked."""
    return [line.strip() for line in (folder / "found").read_text().split(".\n")[:-1]]


def test_a_certificate_without_settings_is_asked_for_again(tmp_path: Path) -> None:
    """Certbot was interrupted: it would keep what is there, and call the new certificate HOST-0001 (certbot 4.0.0)."""
    _certificate(tmp_path, settings="")

    assert _turn(tmp_path, "received", 0) == "43200"

    assert _found(tmp_path) == [""]
    assert list(tmp_path.glob(f"*/{HOST}*")) == []


@pytest.mark.parametrize("status", [0, 1])
def test_a_certificate_with_an_empty_file_is_asked_for_again(tmp_path: Path, status: int) -> None:
    """After a loss of power; certbot does not notice (0), or cannot read its own certificate (1)."""
    _certificate(tmp_path, chain="")

    _turn(tmp_path, "not due", status)

    assert _found(tmp_path) == [HOST, ""]


def test_a_good_certificate_outlives_a_failed_renewal(tmp_path: Path) -> None:
    """Nothing is removed that nginx can use."""
    _certificate(tmp_path)

    assert _turn(tmp_path, REFUSED, 1) == "60"

    assert _found(tmp_path) == [HOST]
    assert (tmp_path / "live" / HOST / "fullchain.pem").stat().st_size > 0
