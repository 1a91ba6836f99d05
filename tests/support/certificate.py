"""Certificates for tests."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_COMMAND = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def make_certificate(
    certificate: Path, key: Path, *hosts: str, signed_by: tuple[Path, Path] | None = None
) -> None:
    """A certificate for `hosts`: self-signed, or signed by an authority whose certificate and key are given."""
    names = ",".join(f"DNS:{host}" for host in hosts)
    command = [*_COMMAND, "-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName={names}"]
    if signed_by:
        command += ["-CA", str(signed_by[0]), "-CAkey", str(signed_by[1])]
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)


def make_authority(certificate: Path, key: Path) -> None:
    """An authority's certificate."""
    # Python 3.13 and later trust no authority without a key usage.
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    command = [*_COMMAND, "-days", "3650", "-subj", "/CN=An authority for tests", *usage]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
