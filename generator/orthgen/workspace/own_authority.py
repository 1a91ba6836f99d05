"""
Certificate authority of one deployment, and nginx's certificate from it, without a public name.

All files are in `secrets/`: the authority's key never leaves it and is mounted nowhere. The authority can certify the
deployment's host and no other name (name constraints, RFC 5280, 4.2.1.10), so a browser that trusts it risks nothing
elsewhere. Lifetimes: the authority ten years; a certificate 397 days, below the maximum of browsers (Apple: 825 days
for an authority that a person added).
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from orthgen.deployment import naming
from orthgen.errors import OrthgenError
from orthgen.workspace.secret_files import locked_secrets, write_secret

if TYPE_CHECKING:
    from pathlib import Path

_AUTHORITY_LIFE = timedelta(days=3650)
_CERTIFICATE_LIFE = timedelta(days=397)
# A third of its life before the end: a yearly look at the deployment is enough.
_RENEW_BEFORE = timedelta(days=132)
# Clocks of clinics differ.
_BACKDATED = timedelta(hours=24)


class CertificateOutcome(Struct, frozen=True):
    """
    State of the authority and the certificate.

    `authority` is `made` where every browser has to trust a new one. `expires` is the certificate's end;
    `fingerprint` is the authority's (SHA-256, pairs of capital hexadecimal digits between colons).
    """

    authority: Literal["made", "kept"]
    certificate: Literal["made", "renewed", "kept"]
    expires: datetime
    fingerprint: str


def make_certificate(
    folder: Path, host: str, institution: str, now: datetime | None = None
) -> CertificateOutcome:
    """
    Make or renew the certificate of `host` (a name or an address, without brackets) below `folder`/secrets.

    A certificate is renewed in the last third of its life, or where it is for another host or from another authority.
    Raises OrthgenError where the files cannot be read or written, or the authority's key is missing.
    """
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    with locked_secrets(folder) as place:
        authority, key, is_new = _authority(place, host, institution, moment)
        before = _certificate_in(place / naming.TLS_CERTIFICATE)
        good = (
            before is not None
            and _fits(before, place / naming.TLS_KEY)
            and _serves(before, authority, host, moment)
        )
        certificate = before if good and before is not None else _issue(place, authority, key, host, moment)
    return CertificateOutcome(
        authority="made" if is_new else "kept",
        certificate="kept" if good else "made" if before is None else "renewed",
        expires=certificate.not_valid_after_utc,
        fingerprint=authority.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def _authority(
    place: Path, host: str, institution: str, now: datetime
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey, bool]:
    """The authority and its key, and whether they are new: missing, for another host, or about to end."""
    path, key_path = place / naming.TLS_AUTHORITY, place / naming.TLS_AUTHORITY_KEY
    certificate = _certificate_in(path)
    # It has to outlive what it signs.
    last = now + _CERTIFICATE_LIFE
    if (
        certificate
        and _constraint(host) in _permitted(certificate)
        and certificate.not_valid_after_utc > last
    ):
        return certificate, _key_in(key_path), False
    key = ec.generate_private_key(ec.SECP256R1())
    new_certificate = _signed_by_itself(key, host, institution, now)
    write_secret(key_path, _pem(key), for_containers=False)
    write_secret(path, _pem(new_certificate))
    return new_certificate, key, True


def _signed_by_itself(
    key: ec.EllipticCurvePrivateKey, host: str, institution: str, now: datetime
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{institution[:40]} ({host[:20]})")])
    usage = x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(name, name, key.public_key(), now, _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints([_constraint(host)], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _issue(
    place: Path, authority: x509.Certificate, key: ec.EllipticCurvePrivateKey, host: str, now: datetime
) -> x509.Certificate:
    server_key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    certificate = (
        _builder(name, authority.subject, server_key.public_key(), now, _CERTIFICATE_LIFE)
        .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    # The key first: a certificate without its key would stop nginx, an old certificate with a new key too, and the next
    # run makes both anew, because key and certificate no longer fit.
    write_secret(place / naming.TLS_KEY, _pem(server_key))
    write_secret(place / naming.TLS_CERTIFICATE, _pem(certificate) + _pem(authority))
    return certificate


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - _BACKDATED,
        not_valid_after=now + life,
    )


def _fits(certificate: x509.Certificate, path: Path) -> bool:
    """Whether the key in a file is the certificate's."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return key.public_key() == certificate.public_key()


def _serves(certificate: x509.Certificate, authority: x509.Certificate, host: str, now: datetime) -> bool:
    """Whether a certificate is the authority's, for the host, and not in the last third of its life."""
    try:
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return _general_name(host) in names and certificate.not_valid_after_utc - now > _RENEW_BEFORE


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _constraint(host: str) -> x509.GeneralName:
    """The names that the authority may certify: an address is a network of one."""
    try:
        return x509.IPAddress(ipaddress.ip_network(host))
    except ValueError:
        return x509.DNSName(host)


def _permitted(certificate: x509.Certificate) -> list[x509.GeneralName]:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return []
    return list(constraints.permitted_subtrees or [])


def _certificate_in(path: Path) -> x509.Certificate | None:
    if not path.is_file():
        return None
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError:
        raise OrthgenError(f"`{path}` is not a certificate", hint="move it away: a new one is made") from None


def _key_in(path: Path) -> ec.EllipticCurvePrivateKey:
    hint = "restore it from a backup; or move `tls-authority.crt` away too: a new authority is made, which browsers have to trust"
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise OrthgenError(f"the authority's key `{path}` is missing", hint=hint) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise OrthgenError(f"`{path}` is not a private key", hint=hint) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise OrthgenError(f"`{path}` is not a key that orthgen made", hint=hint)
    return key


def _pem(item: x509.Certificate | ec.EllipticCurvePrivateKey) -> str:
    if isinstance(item, x509.Certificate):
        return item.public_bytes(serialization.Encoding.PEM).decode()
    return item.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
