"""No object that has a secret shows it where Python shows the object: in an error, a log, a debugger."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.doctor.signature import AccessKey
from orthgen.probe.model import Tokens
from orthgen.realm.admin.session import Administrator
from orthgen.realm.token_check import ParsedToken
from orthgen.registry.credentials import Credentials
from orthgen.rendering.image_digests import RegistryDigests
from orthgen.secret_source import SecretSource

SECRET = "correct horse"


def source_that_was_asked() -> SecretSource:
    """A source that has read a secret."""
    source = SecretSource(Path("nowhere"), {"name": "prompt"}, ask=lambda _: SECRET)
    assert source("name") == SECRET
    return source


@pytest.mark.parametrize(
    "holder",
    [
        Administrator(user="admin", password=SECRET),
        Administrator(user="admin", otp=SECRET),
        Administrator(client="orthgen", secret=SECRET),
        Administrator(client="orthgen", private_key=SECRET),
        AccessKey("id", SECRET, "eu-west-1"),
        Credentials("reader", SECRET),
        Credentials(refresh_token=SECRET),
        RegistryDigests(token=SECRET),
        ParsedToken(SECRET, {}, {"sub": SECRET}),
        Tokens(user=SECRET),
        Tokens(link=SECRET),
        source_that_was_asked(),
    ],
    ids=lambda holder: type(holder).__name__,
)
def test_a_representation_shows_no_secret(holder: object) -> None:
    """Neither `repr` nor `str`."""
    assert SECRET not in f"{holder!r} {holder}"
