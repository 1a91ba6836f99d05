"""`orthgen doctor` on certificates: that of nginx, and the authorities of the institution."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from orthgen.doctor.certificate import authorities, certificate
from orthgen.doctor.model import CheckStatus, ExaminedSystem, Fact
from orthgen.rendering.pipeline import resolve_profile
from tests.support.certificate import make_authority, make_certificate
from tests.support.examined_system import HOST, issued, only, site


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A certificate for the host, and its key."""
    place = tmp_path_factory.mktemp("certificate")
    make_certificate(place / "crt", place / "key", HOST)
    return (place / "crt").read_bytes(), (place / "key").read_bytes()


ELSEWHERE = "identity: {keycloak: {server: 'https://sso.example.org'}, trust: [%s]}"

HERE = "identity: {sign-in: [accounts: {}], trust: [%s]}"


@pytest.mark.parametrize(
    ("identity", "kind", "status", "text"),
    [
        (ELSEWHERE, "authority", CheckStatus.OK, "1 of `identity.trust`"),
        (ELSEWHERE, "without key usage", CheckStatus.ERROR, "has no key usage"),
        (HERE, "without key usage", CheckStatus.WARNING, "ends on"),
        (HERE, "text", CheckStatus.ERROR, "no certificate in PEM form"),
    ],
)
def test_the_institutions_authorities_are_certificates_that_their_readers_take(
    identity: str, kind: str, status: CheckStatus, text: str, tmp_path: Path
) -> None:
    """Keycloak's Java trusts an authority without a key usage, the Python of the auth-service does not."""
    file = tmp_path / "authority.pem"
    if kind == "text":
        file.write_text("no certificate")
    elif kind == "authority":
        make_authority(file, tmp_path / "key")
    else:
        make_certificate(file, tmp_path / "key", HOST)
    system = site(tmp_path)
    profile = Path(system.profile)
    profile.write_text(profile.read_text().replace("identity: {sign-in: [accounts: {}]}", identity % file))
    deployment, _ = resolve_profile(system.profile, folder=system.folder)
    found = {fact.status: fact.message for fact in authorities(replace(system, deployment=deployment))}

    assert text in found[status]
    assert (CheckStatus.ERROR in found) == (status is CheckStatus.ERROR)


def certified(system: ExaminedSystem, crt: bytes | None, key: bytes | None) -> list[Fact]:
    """The facts about a certificate and a key in the files that the profile names."""
    system.folder.mkdir(parents=True, exist_ok=True)
    for name, content in (("tls.crt", crt), ("tls.key", key)):
        if content is not None:
            (system.folder / name).write_bytes(content)
    return list(certificate(system))


def test_a_certificate_fits_host_key_and_time(tmp_path: Path, pair: tuple[bytes, bytes]) -> None:
    """Files of openssl: good, ending soon, ended, of another host, with the key of another, a passphrase, no file, no PEM."""
    system = site(tmp_path)
    crt, key = pair
    good = issued(tmp_path)
    other = issued(tmp_path, "90", "other.example.org")
    wild = issued(tmp_path, "90", "*.example.org")
    protected = issued(tmp_path, "90", HOST, "-passout", "pass:secret")
    cases: dict[str, tuple[bytes | None, bytes | None, CheckStatus, str]] = {
        "good": (*good, CheckStatus.OK, "names the host"),
        "wildcard": (*wild, CheckStatus.OK, "names the host"),
        "soon": (crt, key, CheckStatus.WARNING, "ends on"),
        "another host": (*other, CheckStatus.ERROR, f"does not name `{HOST}`"),
        "another key": (good[0], key, CheckStatus.ERROR, "does not belong to the certificate"),
        "passphrase": (*protected, CheckStatus.ERROR, "has a passphrase"),
        "no PEM": (b"nothing", key, CheckStatus.ERROR, "no certificate in PEM form"),
        "no key": (good[0], b"nothing", CheckStatus.ERROR, "not a private key"),
        "wrong order": (good[0] + other[0], good[1], CheckStatus.ERROR, "did not sign"),
    }
    absent = only(certified(system, None, None))
    for name, (first, second, status, text) in cases.items():
        fact = only(certified(system, first, second))
        assert (fact.status, text in fact.message) == (status, True), (name, fact)
    assert (absent.status, "is missing" in absent.message) == (CheckStatus.ERROR, True)
