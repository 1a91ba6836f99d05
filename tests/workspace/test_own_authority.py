"""`tls: {own-authority: {}}`: an authority that can certify one host, and a certificate that is renewed in time."""

from __future__ import annotations

import os
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from orthgen.errors import OrthgenError
from orthgen.workspace.own_authority import CertificateOutcome, make_certificate

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOSTS = pytest.mark.parametrize("host", ["pacs.clinic.lan", "192.168.1.20", "fd00::20"])


def made(folder: Path, *, host: str = "pacs.clinic.lan", days: float = 0) -> CertificateOutcome:
    """What `orthgen secrets` does with the certificate, some days after NOW."""
    folder.mkdir(exist_ok=True)
    return make_certificate(folder, host, "Clinic", NOW + timedelta(days=days))


def openssl(folder: Path, *arguments: str) -> str:
    """What `openssl verify` says of the certificate at NOW."""
    at = str(int(NOW.timestamp()))
    command = [
        "openssl",
        "verify",
        "-attime",
        at,
        "-CAfile",
        "tls-authority.crt",
        *arguments,
        "tls-certificate",
    ]
    done = subprocess.run(command, cwd=folder / "secrets", capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@HOSTS
def test_openssl_takes_the_certificate_for_its_host(tmp_path: Path, host: str) -> None:
    """Chain, name constraint, purpose and name are right, for names and for addresses."""
    made(tmp_path, host=host)

    name = "-verify_hostname" if "clinic" in host else "-verify_ip"
    assert openssl(tmp_path, "-x509_strict", "-purpose", "sslserver", name, host) == "tls-certificate: OK\n"


def test_the_authority_signs_certificates_and_nothing_else(tmp_path: Path) -> None:
    """Its key is for certificates and revocation lists, one level deep, of one host; the certificate is no authority."""
    made(tmp_path)
    authority, certificate = (
        x509.load_pem_x509_certificate((tmp_path / "secrets" / name).read_bytes())
        for name in ("tls-authority.crt", "tls-certificate")
    )

    usage = authority.extensions.get_extension_for_class(x509.KeyUsage)
    limits = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert usage.critical
    assert usage.value == x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    assert limits.critical
    assert limits.value == x509.BasicConstraints(ca=True, path_length=0)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_nginx_gets_a_key_that_fits(tmp_path: Path) -> None:
    """Certificate and key load together, and every file is for its owner only."""
    made(tmp_path)

    place = tmp_path / "secrets"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(place / "tls-certificate", place / "tls-key")
    assert {path.name for path in place.iterdir()} == {
        "tls-authority.crt",
        "tls-authority.key",
        "tls-certificate",
        "tls-key",
    }
    assert {path.stat().st_mode & 0o777 for path in place.iterdir()} == {0o600}


def test_no_container_reads_the_authority_s_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes it, the key stays its maker's alone; the key of nginx is the containers' to read."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    made(tmp_path)

    modes = {
        name: (tmp_path / "secrets" / name).stat().st_mode & 0o777
        for name in ("tls-authority.key", "tls-key")
    }
    assert modes == {"tls-authority.key": 0o600, "tls-key": 0o644}


@HOSTS
def test_the_authority_can_certify_its_host_alone(tmp_path: Path, host: str) -> None:
    """A browser that trusts it takes no certificate of it for any other site."""
    made(tmp_path, host=host)
    made(tmp_path / "other", host="bank.example.org")
    text = (tmp_path / "secrets/tls-authority.crt").read_bytes()
    constraints = x509.load_pem_x509_certificate(text).extensions.get_extension_for_class(
        x509.NameConstraints
    )

    assert constraints.critical
    assert [str(name.value).partition("/")[0] for name in constraints.value.permitted_subtrees or ()] == [
        host
    ]


@pytest.mark.parametrize(
    ("days", "becomes"), [(0, "kept"), (264, "kept"), (266, "renewed"), (500, "renewed")]
)
def test_the_certificate_is_renewed_in_its_last_third(tmp_path: Path, days: float, becomes: str) -> None:
    """A second run changes nothing; near the end the same authority signs a new one."""
    first = made(tmp_path)
    again = made(tmp_path, days=days)

    assert (first.authority, first.certificate) == ("made", "made")
    assert (again.authority, again.certificate) == ("kept", becomes)
    assert again.fingerprint == first.fingerprint


def test_an_authority_that_ends_before_its_certificate_is_made_anew(tmp_path: Path) -> None:
    """It has to outlive what it signs; browsers have to trust the new one."""
    first = made(tmp_path)
    later = made(tmp_path, days=3650 - 396)

    assert (later.authority, later.certificate) == ("made", "renewed")
    assert later.fingerprint != first.fingerprint


def test_another_host_needs_another_authority(tmp_path: Path) -> None:
    """The old one is not allowed to certify the new host."""
    made(tmp_path)

    assert made(tmp_path, host="archive.clinic.lan").authority == "made"


def test_a_key_that_does_not_fit_is_replaced(tmp_path: Path) -> None:
    """A run that was cut short between key and certificate is completed by the next."""
    made(tmp_path)
    (tmp_path / "secrets/tls-key").write_text("cut short")

    assert made(tmp_path).certificate == "renewed"
    place = tmp_path / "secrets"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(place / "tls-certificate", place / "tls-key")


def test_a_lost_authority_key_is_not_replaced_silently(tmp_path: Path) -> None:
    """Every browser would have to be told: a person decides."""
    made(tmp_path)
    (tmp_path / "secrets/tls-authority.key").unlink()

    with pytest.raises(OrthgenError, match=r"the authority's key .* is missing"):
        made(tmp_path)
