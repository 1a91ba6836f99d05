"""Whatever answers, `verify` ends with results or with words: HTML, numbers, nesting without end, half characters."""

from __future__ import annotations

import base64
import contextlib
import json
import random
from typing import TYPE_CHECKING

import pytest

from orthgen.errors import OrthgenError
from orthgen.probe.checks import CHECKS
from orthgen.probe.client import parse_address
from orthgen.probe.discovery import discover
from orthgen.probe.model import ProbeReply, Tokens
from orthgen.probe.run import run
from tests.support.deployed import GIVEN_STUDIES

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = parse_address("http://localhost:8042/")
NESTED = b"[" * 100_000

# What a member of an answer can hold that its reader does not expect.
VALUES = (
    "7",
    "null",
    '"*"',
    "[]",
    "[[]]",
    "{}",
    '{"a": [1]}',
    "true",
    '"\\ud800"',
    '"http://["',
    "1e400",
    '"*", "b": 2',
)
MEMBERS = (
    *("Keycloak", "ApiVersion", "permissions", "authorized-labels", "ParentPatient", "CountStudies"),
    *("CountInstances", "Token", "Changes", "OrthancStatus", "resources", "Url", "Realm"),
)


def answers(chance: random.Random) -> Iterator[ProbeReply]:
    """Answers without end: some as Orthanc gives them with one member garbled, some of another world."""
    while True:
        member, value = chance.choice(MEMBERS), chance.choice(VALUES)
        good = {
            "Keycloak": {"Url": "http://localhost:8042/keycloak", "Realm": "orthanc", "ClientId": "orthanc"},
            "ApiVersion": 30,
            "permissions": ["view"],
            "authorized-labels": ["a"],
            "ParentPatient": "-".join(["0a1b2c3d"] * 5),
            "CountStudies": 1,
        }
        garbled = json.dumps(good)[:-1] + f', "{member}": {value}}}'
        inside = json.dumps({"ApiVersion": 1, "Keycloak": {"Url": "http://localhost:8042/k"}})[:-2]
        body = chance.choice(
            [
                garbled.encode(),
                f'{inside}, "{member}": {value}}}}}'.encode(),
                value.encode(),
                b"<html>portal</html>",
                b"",
                b"\xff\xfe",
                NESTED,
            ]
        )
        header = chance.choice(["", "https://[", "https://localhost/x", "\ud800"])
        status = chance.choice([200, 200, 200, 204, 301, 401, 403, 404, 500])
        yield ProbeReply(status, {"location": header, "www-authenticate": header}, body)


class Garbler:
    """A client whose server answers anything."""

    def __init__(self, chance: random.Random) -> None:
        self.address = ADDRESS
        self._answers = answers(chance)

    def send(self, *_: object, **__: object) -> ProbeReply:
        """The next answer."""
        return next(self._answers)

    def reach(self) -> None:
        """Something answers."""

    def takes_old_tls(self) -> None:
        """Nobody knows."""


def link(chance: random.Random) -> str:
    """The token of a link whose payload holds one member that is something else."""
    payload = f'{{"resources": [{chance.choice(VALUES)}], "expiration_date": {chance.choice(VALUES)}}}'
    body = chance.choice([payload.encode(), NESTED, b"7", b"\xff"])
    return f"a.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.b"


@pytest.mark.parametrize("seed", range(4))
def test_a_garbled_conversation_ends_in_results_or_in_words(seed: int) -> None:
    """No answer of a server makes a traceback."""
    chance = random.Random(seed)
    ended = 0
    for _ in range(25):
        client, tokens = Garbler(chance), Tokens("user", link(chance))
        with contextlib.suppress(OrthgenError):
            discovery = discover(client, tokens, GIVEN_STUDIES)  # type: ignore[arg-type]
            assert len(run(client, discovery, tokens, with_writes=True)) == len(CHECKS)  # type: ignore[arg-type]
        ended += 1

    assert ended == 25
