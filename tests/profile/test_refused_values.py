"""Values that a machine or a server would refuse later: hosts, files of a server, names of people, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.profile.test_load import GOOD, findings_of, load_text
from tests.support.validation_errors import text_of

if TYPE_CHECKING:
    from pathlib import Path


# --------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "host", ["mail.example:25", "x..y", "-x.org", "x-.org", "10.1.2.999", "a" * 64, "x_y", "1::2::3"]
)
def test_what_is_no_host_is_refused(tmp_path: Path, host: str) -> None:
    """A slip in the mail server's name would show when the first invitation is sent."""
    text = GOOD.replace("identity:\n", f'identity:\n  smtp: {{host: "{host}", sender: a@b.org}}\n')

    ((place, message, hint),) = findings_of(tmp_path, text)

    assert place == "profile.yaml:6:16"
    assert "is not a" in message
    assert hint


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("sender", "a@x..y"),
        ("sender", "a@b.org, c@d.org"),
        ("oidc", "https://x..y/realm"),
        ("oidc", "https://x.org:99999/"),
        ("oidc", "https://[::1/"),
        ("ldap", "ldaps://x..y"),
        ("ldap", "ldaps://x.org:99999"),
    ],
)
def test_every_address_names_a_host(tmp_path: Path, where: str, value: str) -> None:
    """The part between scheme and path is held against the same rules everywhere."""
    documents = {
        "sender": f'smtp: {{host: m, sender: "{value}"}}\n  sign-in:\n    - accounts: {{}}',
        "oidc": f'sign-in:\n    - accounts: {{}}\n    - oidc: {{issuer: "{value}", client-id: x, client-secret: {{secret: s}}}}',
        "ldap": f'sign-in:\n    - accounts: {{}}\n    - ldap: {{url: "{value}", bind-dn: x, users-dn: dc=x, bind-password: {{secret: s}}}}',
    }
    text = GOOD.replace("sign-in:\n    - accounts: {}", documents[where])

    ((_, message, hint),) = findings_of(tmp_path, text)

    assert value in message or "host" in message
    assert hint


@pytest.mark.parametrize(
    "host", ["mail", "mail.example.org", "10.1.2.3", "fd00::25", "xn--hpital-4xa.example"]
)
def test_a_host_is_taken_as_it_is(tmp_path: Path, host: str) -> None:
    """Names, addresses of both kinds, names in ASCII form."""
    text = GOOD.replace("identity:\n", f'identity:\n  smtp: {{host: "{host}", sender: a@b.org}}\n')

    smtp = load_text(tmp_path, text).profile.identity.smtp

    assert smtp is not None
    assert smtp.host == host


# ------------------------------------------------------------------------------------------------- many mistakes


def test_a_persons_own_folder_is_no_file_of_a_server() -> None:
    """`~` stands for another folder to each reader: the path has to be written out."""
    message_text = text_of(GOOD.partition("  tls:")[0] + "  tls: {certificate: /a.pem, key: ~/b.pem}\n")

    assert "`~/b.pem` is not a file's path" in message_text


@pytest.mark.parametrize(
    "path",
    ["/etc/my ssl/a.pem", "/etc/ssl/", "/", ".", "..", "/etc/ssl/..", "/a\\0b", "/a\\x07b", "/a\\u200bb"],
)
def test_what_is_no_file_is_refused(path: str) -> None:
    """A folder, a blank, a character that nobody sees: the container engine would refuse it, or mount a folder."""
    text = text_of(GOOD.partition("  tls:")[0] + f'  tls: {{certificate: /a.pem, key: "{path}"}}\n')

    assert "is not a file's path" in text
    assert "write the path of a file" in text


@pytest.mark.parametrize("path", ["./a.pem", "../ssl/a.pem", "/etc/ssl/.a", "/a/..b", "/a/b..", "a"])
def test_a_file_is_taken_as_it_is(tmp_path: Path, path: str) -> None:
    """Relative and absolute paths, and dots in names."""
    loaded = load_text(
        tmp_path, GOOD.partition("  tls:")[0] + f"  tls: {{certificate: /a.pem, key: {path}}}\n"
    )

    tls = loaded.profile.deployment.tls
    assert tls is not None
    assert tls.key == path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Test", "name: {}"),
        ("can: [view]", "title: {}\n    can: [view]"),
        (
            "accounts: {}",
            "accounts: {{people: {{ada: {{name: A, email: a@b.org, roles: [reader]}}}}}}\n    - saml: {{title: {}, entity-id: x, sign-on-url: 'https://a.org/s', metadata-url: 'https://a.org/m'}}",
        ),
        (
            "identity:\n",
            "identity:\n  smtp: {{host: m.org, sender: a@b.org, user: {}, password: {{secret: p}}}}\n",
        ),
        ("accounts: {}", "accounts: {{people: {{ada: {{name: {}, email: a@b.org, roles: [reader]}}}}}}"),
    ],
)
def test_a_text_for_keycloak_has_as_many_characters_as_its_database_takes(
    tmp_path: Path, old: str, new: str
) -> None:
    """With one more, Keycloak (26.2.5 to 26.7.3) imports no realm and ends at the first start."""
    assert old in GOOD

    assert "at most 255 characters" in text_of(GOOD.replace(old, new.format("x" * 256), 1))
    load_text(tmp_path, GOOD.replace(old, new.format("x" * 255), 1))


def test_people_are_below_a_distinguished_name() -> None:
    """With a word alone, nobody could sign in."""
    ldap = "ldap: {url: 'ldaps://d.org', bind-dn: x, bind-password: {secret: p}, users-dn: people}"

    text = text_of(GOOD.replace("accounts: {}", ldap))

    assert "`people` is not a distinguished name" in text
    assert "ou=people,dc=example,dc=org" in text


def test_memory_that_no_machine_has_is_refused() -> None:
    """The container engine counts bytes in 64 bits."""
    head, _, tail = GOOD.partition("  tls:")

    assert "is not an amount of memory" in text_of(
        f"{head}  compose: {{memory: {{orthanc: 99999999g}}}}\n  tls:{tail}"
    )


def _saml(certificate: str) -> str:
    """The messages about a SAML provider with this signing certificate."""
    provider = f"{{entity-id: x, sign-on-url: 'https://a.example.org/s', signing-certificate: {certificate}}}"
    return text_of(GOOD.replace("accounts: {}", f"saml: {provider}"))


def test_a_certificate_with_the_words_begin_and_end_is_refused() -> None:
    """Keycloak finds none in one line with them: the proposal leaves them out."""
    text = _saml('"-----BEGIN CERTIFICATE-----\\nMIIC\\nAbc+/w==\\n-----END CERTIFICATE-----\\n"')

    assert "is not a certificate in one line" in text
    assert "write `MIICAbc+/w==`" in text


@pytest.mark.parametrize("certificate", ["AB:CD:EF", "abc", "/etc/ssl/idp.pem", "MIIC*"])
def test_what_is_no_certificate_is_refused(certificate: str) -> None:
    """A fingerprint, a file's path, other characters."""
    assert "is not a certificate in one line" in _saml(certificate)


def test_certificates_are_taken() -> None:
    """One, or several for the time of a change of keys."""
    assert "certificate" not in _saml('"MIICAbc+/w==,MIIDAbc="')
