"""Whatever a server answers, the command ends with a message, and shows neither the answer nor a secret."""

from __future__ import annotations

from pathlib import Path

from tests.support.garbled_talks import talks


def test_no_answer_ends_in_a_traceback_or_shows_a_secret(tmp_path: Path) -> None:
    """Eight conversations, each garbled at another request; tests/real/test_keycloak_garbled.py has hundreds."""
    with talks(tmp_path) as server:
        garbled = 0
        for number in range(8):
            server.hold(number)
            garbled += server.keycloak.garbled > 0

    assert garbled > 4
