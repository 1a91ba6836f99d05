"""Hundreds of conversations with a Keycloak that goes wrong: none ends in a traceback, none shows a token or a secret."""

from __future__ import annotations

from pathlib import Path

from tests.support.garbled_talks import talks

COUNT = 500


def test_hundreds_of_garbled_conversations_end_in_words(tmp_path: Path) -> None:
    """Pages, broken JSON, wrong types, floods, wrong encodings, lost connections, redirects, cookies, echoes."""
    with talks(tmp_path) as server:
        garbled = 0
        for number in range(COUNT):
            server.hold(number)
            garbled += server.keycloak.garbled > 0

    # The others were over before their turn came.
    assert garbled > COUNT // 2
