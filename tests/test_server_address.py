"""Addresses of servers: what is taken, what is refused without being repeated, and which are this machine's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.errors import OrthgenError
from orthgen.probe.client import parse_address
from orthgen.realm.admin.server import parse_keycloak_address, refuse_clear_text
from orthgen.server_address import is_this_machine, tls_context

CANARY = "canary-Zt5"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://pacs.example.org", "https://pacs.example.org/"),
        ("https://pacs.example.org:443/keycloak/", "https://pacs.example.org/keycloak/"),
        ("http://[::1]:8081/a/b", "http://[::1]:8081/a/b/"),
    ],
)
def test_an_address_is_spelled_in_one_way(text: str, url: str) -> None:
    """A usual port and a missing slash make no difference."""
    assert parse_keycloak_address(text).url == url
    assert parse_address(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        f"http://admin:{CANARY}@pacs.example.org",
        f"https://{CANARY}@pacs.example.org",
        f"https://pacs.example.org/?token={CANARY}",
        f"https://pacs.example.org/#{CANARY}",
        f"ldap://{CANARY}",
        f"{CANARY}",
        f"https://{CANARY}:99999/",
        f"https://{CANARY}:0/",
        f"https://[{CANARY}/",
        f"https://pacs.example.org/\x1b{CANARY}",
        f"https://pacs.example.org/ {CANARY}",
        "",
    ],
)
def test_what_is_refused_is_not_repeated(text: str) -> None:
    """An address with a password, a token or anything that is none is refused, and stands in no message."""
    for parse in (parse_keycloak_address, parse_address):
        with pytest.raises(OrthgenError) as caught:
            parse(text)
        assert CANARY not in caught.value.message + caught.value.hint
        assert caught.value.hint


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("192.0.2.7", False),
        ("a..b", False),
        ("0.0.0.0", False),  # noqa: S104 - nothing is bound to
    ],
)
def test_this_machine_is_told_from_others(host: str, ours: bool) -> None:  # noqa: FBT001 - a table
    """Only an address of the machine itself is one from which nothing crosses a network."""
    assert is_this_machine(host) is ours


def test_secrets_do_not_cross_a_network_in_the_clear() -> None:
    """Plain http is for this machine; the message says why, and names the ways out."""
    refuse_clear_text(parse_keycloak_address("http://localhost:8081"))
    refuse_clear_text(parse_keycloak_address("https://192.0.2.7"))
    with pytest.raises(OrthgenError, match="could be read on the network path") as caught:
        refuse_clear_text(parse_keycloak_address("http://192.0.2.7:8080"))
    assert "--allow-plain-http" in caught.value.hint


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and one without a certificate have each a reason."""
    (tmp_path / "no.pem").write_text("nothing")
    for name, reason in (("missing.pem", "no such file"), ("no.pem", "not a certificate")):
        with pytest.raises(OrthgenError, match=reason):
            tls_context(tmp_path / name)
