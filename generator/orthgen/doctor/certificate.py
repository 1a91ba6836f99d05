"""Checks of certificates: the file that nginx gets, its key, its chain, its end, and the institution's authorities."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization

from orthgen.deployment import naming
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.products.trusted_authorities import trusted_authorities
from orthgen.targets.services.web import certificate_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orthgen.deployment.model import Deployment

_SOON = timedelta(days=21)


def certificate(system: ExaminedSystem) -> Iterator[Fact]:
    """Nginx's certificate fits its key, names the host, has its chain, and is valid for some weeks."""
    deployment = system.deployment
    if deployment is None or deployment.origin.scheme == "http":
        return
    files = certificate_files(deployment, system.folder)
    if files is None:
        return
    path, key = files
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError:
        remedy = (
            f"run `orthgen secrets {system.profile}`"
            if deployment.has_own_authority
            else "put the file there"
        )
        yield Fact(CheckStatus.ERROR, f"the certificate `{path}` is missing: nginx does not start", remedy)
        return
    except PermissionError:
        yield Fact(
            CheckStatus.UNKNOWN,
            f"this user cannot read the certificate `{path}`",
            "run the command with sudo",
        )
        return
    except (ValueError, OSError):
        remedy = "write the certificate of the host in PEM form, then its intermediate certificates"
        yield Fact(CheckStatus.ERROR, f"`{path}` has no certificate in PEM form", remedy)
        return
    facts = [
        *_host(chain[0], deployment.origin.host.strip("[]")),
        *_end(chain[0]),
        *_key(chain[0], key),
        *_chain(chain),
    ]
    yield from facts or [
        Fact(
            CheckStatus.OK,
            f"`{path}` names the host, fits its key, and ends on {chain[0].not_valid_after_utc:%Y-%m-%d}",
        )
    ]


def authorities(system: ExaminedSystem) -> Iterator[Fact]:
    """The authorities of `identity.trust` are certificates, valid, and as the auth-service's Python wants them."""
    deployment = system.deployment
    facts: list[Fact] = []
    paths = [] if deployment is None else list(trusted_authorities(deployment).values())
    for path in paths:
        try:
            certificates = x509.load_pem_x509_certificates((system.folder / path).read_bytes())
        except OSError:
            continue  # the check of the secrets reports it
        except ValueError:
            remedy = "write the authority's certificate in PEM form"
            facts.append(Fact(CheckStatus.ERROR, f"`{path}` has no certificate in PEM form", remedy))
            continue
        for certificate in certificates:
            facts += _end(certificate, f"the certificate in `{path}`", "nothing that it certified is trusted")
            if deployment is not None and not deployment.has_own_keycloak:
                facts += _strict(certificate, path)
    if paths:
        yield from facts or [Fact(CheckStatus.OK, f"{len(paths)} of `identity.trust`, valid")]


def _strict(certificate: x509.Certificate, path: str) -> Iterator[Fact]:
    """Python 3.13 and later refuse an authority without a key usage (`ssl.VERIFY_X509_STRICT`); Java and curl do not."""
    extensions = certificate.extensions
    try:
        is_authority = extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        is_authority = False
    if is_authority and not any(isinstance(each.value, x509.KeyUsage) for each in extensions):
        message = f"the authority in `{path}` has no key usage: the auth-service refuses what it certified"
        remedy = "name the certificate of Keycloak's server in `identity.trust` instead, or have the authority issued again"
        yield Fact(CheckStatus.ERROR, message, remedy)


def certificate_files(deployment: Deployment, folder: Path) -> tuple[Path, Path] | None:
    """The certificate and the key on the host; None where another program has them."""
    paths = certificate_secrets(deployment)
    if not paths:
        return None
    return folder / paths[naming.TLS_CERTIFICATE], folder / paths[naming.TLS_KEY]


def names_host(certificate: x509.Certificate, host: str) -> bool:
    """Whether a certificate is for the host, by its alternative names as browsers read them."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    try:
        return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        pass
    parent = host.lower().partition(".")[2]
    return any(
        name.lower() in (host.lower(), f"*.{parent}") for name in names.get_values_for_type(x509.DNSName)
    )


def _host(certificate: x509.Certificate, host: str) -> Iterator[Fact]:
    if not names_host(certificate, host):
        message = f"the certificate does not name `{host}`: browsers refuse it"
        yield Fact(CheckStatus.ERROR, message, "get a certificate with this name among its alternative names")


def _end(
    certificate: x509.Certificate, name: str = "the certificate", consequence: str = "browsers refuse it"
) -> Iterator[Fact]:
    now, end = datetime.now(UTC), certificate.not_valid_after_utc
    if end <= now:
        yield Fact(CheckStatus.ERROR, f"{name} ended on {end:%Y-%m-%d}: {consequence}", "renew it")
    elif certificate.not_valid_before_utc > now:
        start = f"{certificate.not_valid_before_utc:%Y-%m-%d}"
        message = f"{name} is not valid before {start}"
        yield Fact(CheckStatus.ERROR, message, "correct the clock of this machine, or wait")
    elif end - now < _SOON:
        message = f"{name} ends on {end:%Y-%m-%d}"
        yield Fact(CheckStatus.WARNING, message, "renew it, and automate the renewal")


def _key(certificate: x509.Certificate, path: Path) -> Iterator[Fact]:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        yield Fact(
            CheckStatus.ERROR, f"the key `{path}` is missing: nginx does not start", "put the file there"
        )
    except PermissionError:
        yield Fact(
            CheckStatus.UNKNOWN, f"this user cannot read the key `{path}`", "run the command with sudo"
        )
    except TypeError:
        remedy = "store it without a passphrase, readable by the containers' user only"
        yield Fact(CheckStatus.ERROR, f"the key `{path}` has a passphrase: nginx cannot read it", remedy)
    except (ValueError, OSError, UnsupportedAlgorithm):
        yield Fact(
            CheckStatus.ERROR, f"`{path}` is not a private key in PEM form", "write the key in PEM form"
        )
    else:
        if key.public_key() != certificate.public_key():
            message = f"the key `{path}` does not belong to the certificate: nginx does not start"
            yield Fact(CheckStatus.ERROR, message, "use the key with which the certificate was requested")


def _chain(chain: list[x509.Certificate]) -> Iterator[Fact]:
    """The certificates after the first one each sign the one before."""
    for position, (certificate, issuer) in enumerate(pairwise(chain), start=1):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            message = f"certificate {position + 1} of the file did not sign certificate {position}"
            remedy = "order the file: the host's certificate, then each issuer; remove others"
            yield Fact(CheckStatus.ERROR, message, remedy)
            return
    if len(chain) == 1 and chain[0].issuer != chain[0].subject:
        message = "the file has no intermediate certificate: some programs do not trust it"
        remedy = "append the intermediate certificates, unless the institution's own authority signs directly"
        yield Fact(CheckStatus.WARNING, message, remedy)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 fingerprint of a certificate."""
    return certificate.fingerprint(hashes.SHA256()).hex()
