"""
The real certbot with the rendered script, killed while it writes a certificate: the next start has a whole one.

Let's Encrypt is pebble. What certbot does on a container engine is in test_deployment_examples.py.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from orthgen.deployment import naming
from orthgen.products.certbot import certbot_environment, certbot_files
from tests.support.builders import make_deployment
from tests.support.real import authority, killed_certbot, parts
from tests.support.real.around import LETS_ENCRYPT, LetsEncrypt
from tests.support.real.container import Mount, command_line
from tests.support.real.network import Network
from tests.support.real.process import Program

DEPLOYMENT = make_deployment(deployment="{tls: {letsencrypt: {email: a@b.org}}}")
HOST = DEPLOYMENT.origin.host


@dataclass
class Certbot:
    """The container of certbot; what it keeps is in `volume`."""

    folder: Path
    runs: int = 0

    @property
    def volume(self) -> Path:
        """The folder with account and certificates."""
        return self.folder / "letsencrypt"

    @property
    def settings(self) -> Path:
        """The settings of the certificate."""
        return self.volume / f"renewal/{HOST}.conf"

    def file(self, name: str) -> Path:
        """A file of the certificate; the link to it may have the path that it has in the container."""
        link = self.volume / f"live/{HOST}/{name}.pem"
        return self.volume / f"archive/{HOST}" / link.readlink().name

    def content(self, name: str) -> bytes:
        """A file's content; nothing where there is no file."""
        try:
            return self.file(name).read_bytes()
        except OSError:
            return b""

    def run(self, *, changes: int) -> None:
        """Start it; it is killed after so many changes."""
        with self._started(
            {"/usr/local/bin/certbot": Mount(Path(killed_certbot.__file__))}, changes
        ) as program:
            program.wait(60)

    def run_until_renewed(self, before: bytes = b"") -> None:
        """Start it, and wait until nginx can read a certificate that is another one than `before`."""

        def is_done() -> bool:
            chain = self.content("fullchain")
            return chain not in (b"", before) and self.file("privkey").stat().st_gid == naming.CONTAINER_USER

        with self._started({}) as program:
            program.wait_until(is_done, seconds=60, what="certbot")

    def _started(self, more: dict[str, Mount], changes: int = 0) -> Program:
        (script,) = certbot_files(DEPLOYMENT)
        (self.folder / "renew.sh").write_text(script.text, encoding="utf-8")
        letsencrypt = DEPLOYMENT.letsencrypt
        assert letsencrypt is not None
        self.runs += 1
        line = command_line(
            parts.CACHE / "certbot",
            ("sh", "/opt/orthgen/renew.sh"),
            work=self.folder / f"work-{self.runs}",
            mounts={
                "/opt/orthgen/renew.sh": Mount(self.folder / "renew.sh"),
                "/etc/letsencrypt": Mount(self.volume, writable=True),
                "/opt/root.crt": Mount(authority.certificate()),
                **more,
            },
            environment={
                **certbot_environment(DEPLOYMENT, letsencrypt),
                "WEBROOT": "/tmp",  # noqa: S108 - in the container
                "REQUESTS_CA_BUNDLE": "/opt/root.crt",
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "CHANGES": str(changes),
            },
        )
        return Program(line, log=self.folder / "log")

    def is_whole(self) -> bool:
        """Whether the key belongs to the certificate."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                self.file("fullchain"), self.file("privkey")
            )
        except OSError:
            return False
        return True

    def renew_always(self) -> None:
        """Have certbot renew the certificate at every start."""
        text = self.settings.read_text()
        self.settings.write_text(f"renew_before_expiry = 100000 days\n{text}")


@pytest.fixture(scope="module")
def lets_encrypt(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LetsEncrypt]:
    """Let's Encrypt, which believes everybody."""
    folder = tmp_path_factory.mktemp("lets-encrypt")
    server = LetsEncrypt(network.service(LETS_ENCRYPT), folder, validates=False)
    yield server
    server.stop()


@pytest.fixture
def certbot(lets_encrypt: LetsEncrypt, tmp_path: Path) -> Certbot:  # noqa: ARG001 - it has to answer
    """Certbot without a certificate."""
    certbot = Certbot(tmp_path)
    certbot.volume.mkdir()
    return certbot


@pytest.mark.parametrize("changes", [1, 9, 15])
def test_the_first_certificate_is_there_after_a_kill(certbot: Certbot, changes: int) -> None:
    """Killed with nothing but an empty file of settings, with half of the files, and without the settings alone."""
    certbot.run(changes=changes)
    assert certbot.settings.read_bytes() == b""

    certbot.run_until_renewed()

    assert certbot.is_whole()
    assert [path.name for path in certbot.settings.parent.iterdir()] == [certbot.settings.name]


def test_a_renewal_goes_on_after_a_kill(certbot: Certbot) -> None:
    """Killed with the new certificate beside the old key: nginx refuses handshakes until the next start."""
    certbot.run_until_renewed()
    certbot.renew_always()
    before = certbot.content("fullchain")
    certbot.run(changes=20)
    assert not certbot.is_whole()

    certbot.run_until_renewed(before)

    assert certbot.is_whole()


def test_a_certificate_is_replaced_that_a_loss_of_power_has_emptied(certbot: Certbot) -> None:
    """Certbot itself would keep it until it expires."""
    certbot.run_until_renewed()
    certbot.file("fullchain").write_bytes(b"")

    certbot.run_until_renewed()

    assert certbot.is_whole()
