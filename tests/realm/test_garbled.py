"""Whatever a server answers, the command ends with a message, and shows neither the answer nor a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

import pytest

from orthgen.realm.admin import representations
from orthgen.realm.admin.representations import Unreadable, checked
from orthgen.realm.kinds import KINDS
from tests.support.garbled_talks import talks

ANSWERS: dict[str, Any] = {
    "realm": representations.Realm,
    "user attribute": representations.UserAttribute,
    "client": representations.Client,
    "protocol mapper": representations.ProtocolMapper,
    "identity provider": representations.IdentityProvider,
    "identity provider mapper": representations.IdentityProviderMapper,
    "directory": representations.Component,
    "directory mapper": representations.Component,
}
"""The answers in which Keycloak sends the objects of a kind."""
MAPS = [
    (kind.name, name)
    for kind in KINDS
    for name in sorted(
        {field for field, value in kind.undeclared.watched.items() if isinstance(value, dict)}
        | kind.undeclared.closed
    )
]


def test_no_answer_ends_in_a_traceback_or_shows_a_secret(tmp_path: Path) -> None:
    """Eight conversations, each garbled at another request; tests/real/test_keycloak_garbled.py has hundreds."""
    with talks(tmp_path) as server:
        garbled = 0
        for number in range(8):
            server.hold(number)
            garbled += server.keycloak.garbled > 0

    assert garbled > 4


@pytest.mark.parametrize(("kind", "name"), MAPS)
def test_a_map_that_is_compared_key_by_key_is_a_map(kind: str, name: str) -> None:
    """Another form of it is an unusable answer, before anything is compared."""
    answer = ANSWERS[kind]
    other: dict[str, Any] = dict.fromkeys(
        (field for field, type_ in get_type_hints(answer).items() if type_ in {str, representations.Id}), "x"
    )

    assert checked(other | {name: {}}, answer)
    with pytest.raises(Unreadable, match=name):
        checked(other | {name: [["raw"]]}, answer)
