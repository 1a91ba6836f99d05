"""API keys: Keycloak accepts the keys that nginx lets through, and no others."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orthgen.products.nginx import nginx_files
from orthgen.realm.realm_file import desired
from tests.support.builders import make_deployment


def _validations() -> dict[str, Any]:
    deployment = make_deployment(identity="{sign-in: [accounts], api-keys: true}")
    (attribute,) = (item for item in desired(deployment) if item.address == ("user attribute", "", "api-key"))
    return dict(attribute.fields["validations"])


def _passes_nginx(key: str) -> bool:
    deployment = make_deployment(identity="{sign-in: [accounts], api-keys: true}")
    text = "\n".join(artifact.text for artifact in nginx_files(deployment))
    rows = text.partition("map $http_api_key $is_odd_key {")[2].partition("}")[0]
    (pattern,) = re.findall(r'"~(\^.+)" 0;', rows)
    # The guard takes a key with a dot for a token of Keycloak's (njs/tokens.js).
    return re.match(pattern, key) is not None and "." not in key


def test_keycloak_and_nginx_agree_on_every_character() -> None:
    """A key that an administrator can save also works, and one that would not work cannot be saved."""
    pattern = _validations()["pattern"]["pattern"]
    keys = ["k" * 20 + chr(code) + "k" * 20 for code in range(0x180)]

    assert [key for key in keys if re.fullmatch(pattern, key)] == [key for key in keys if _passes_nginx(key)]


@pytest.mark.parametrize("key", ["+/0aZ-_=" * 4, "0f" * 32])
def test_a_random_key_is_accepted(key: str) -> None:
    """What `openssl rand` writes, in base64 and in hexadecimal."""
    validations = _validations()

    assert re.fullmatch(validations["pattern"]["pattern"], key)
    assert validations["length"]["min"] <= len(key) <= validations["length"]["max"]
