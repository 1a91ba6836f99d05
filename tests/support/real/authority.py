"""
A certificate authority of the tests' own, for the servers around a deployment: Keycloak elsewhere, Let's Encrypt, a directory.

It is in the cache, because images that trust it in place of the public authorities are kept there too.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.certificate import make_authority, make_certificate
from tests.support.real import parts

FOLDER = parts.CACHE / "authority"


def certificate() -> Path:
    """The authority's own certificate, made at the first call."""
    made = FOLDER / "root.crt"
    if not made.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        make_authority(made, made.with_suffix(".key"))
    return made


def certify(host: str, folder: Path) -> tuple[Path, Path]:
    """A certificate for `host`, signed by the authority, and its key; both are made in `folder`."""
    signed, key = folder / f"{host}.crt", folder / f"{host}.key"
    authority = certificate()
    make_certificate(signed, key, host, signed_by=(authority, authority.with_suffix(".key")))
    return signed, key
