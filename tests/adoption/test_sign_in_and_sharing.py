"""What `orthgen adopt` states of people who sign in, and of the links that they make."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.adoption.support import SAMPLES, adopted
from tests.support.builders import texts_of

SAMPLE = texts_of(SAMPLES / "keycloak")
REALM: dict[str, Any] = json.loads(SAMPLE["realm-export.json"])


def adopted_with(realm: dict[str, Any], texts: dict[str, str] | None = None) -> str:
    """The profile of the sample with other fields of the realm; the compose file has other texts for the keys of `texts`."""
    compose = SAMPLE["docker-compose.yml"]
    for old, new in (texts or {}).items():
        assert old in compose
        compose = compose.replace(old, new)
    return adopted(
        **{
            "docker-compose.yml": compose,
            "permissions.jsonc": SAMPLE["permissions.jsonc"],
            "realm-export.json": json.dumps(REALM | realm, indent=1),
        }
    ).text


@pytest.mark.parametrize("allowed", [True, False])
def test_people_register_themselves_where_the_realm_lets_them(allowed: bool) -> None:  # noqa: FBT001
    """The key is stated only where it is not the default."""
    text = adopted_with({"registrationAllowed": allowed, "identityProviders": []})

    assert ("self-registration: true" in text) is allowed
    assert "self-registration: false" not in text


def test_a_mapper_without_provider_or_settings_is_passed_over() -> None:
    """A mapper of a provider that is not there, and one without settings, grant nothing and stop nothing."""
    mappers = [
        {"name": "a", "identityProviderAlias": "gone", "identityProviderMapper": "oidc-role-idp-mapper", "config": {}},
        {"name": "b", "identityProviderAlias": "azure", "identityProviderMapper": "oidc-role-idp-mapper"},
    ]  # fmt: skip

    assert "entra-id:" not in adopted_with({"identityProviderMappers": mappers}).partition("roles:")[2]


def test_lives_of_links_are_in_days() -> None:
    """Older releases of Explorer 2 let people choose: each choice is stated."""
    text = adopted_with(
        {},
        {
            "orthanc:26.4.2": "orthanc:25.8.2",
            '"ShareDuration": 30': '"ShareDurations": [0, 7, 30], "DefaultShareDuration": 7',
        },
    )

    assert "choices: [never, '7d', '30d']" in text


def test_languages_that_are_no_texts_are_passed_over() -> None:
    """A list in a list of languages, as a slip of brackets leaves it, stops nothing."""
    locales = {"internationalizationEnabled": True, "supportedLocales": [["en"], "fr", {"de": 1}]}

    assert "languages: [fr]" in adopted_with(locales)


def test_a_switch_about_passwords_is_no_secret() -> None:
    """`EnableChangePassword: false` beside accounts becomes a raw setting of the interface."""
    adoption = adopted(
        orthanc_json='{"OrthancExplorer2": {"UiOptions": {"EnableChangePassword": false}, "Keycloak": {"Enable": true, '
        '"Url": "https://pacs.example.org/keycloak/", "Realm": "orthanc", "ClientId": "orthanc"}}}',
        realm_json='{"realm": "orthanc", "users": [{"username": "anna"}], "clients": [{"clientId": "orthanc"}]}',
    )

    assert "EnableChangePassword: false" in adoption.text
    assert not any("EnableChangePassword" in note.message for note in adoption.notes)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("WebServiceTokenCreationBaseUrl", "Orthanc itself asks nobody to sign in"),
        ("WebServiceRootUrl", "the authorization plugin gives more rights than permissions.json names"),
    ],
)
def test_rights_beyond_those_of_the_files_are_told(address: str, message: str) -> None:
    """Whether the plugin asks for rights at all, and what it gives beyond them: each is a note, and the other one is not."""
    section = f'{{"{address}": "http://auth:8000/", "CheckedLevel": "studies"}}'
    adoption = adopted(
        orthanc_json=f'{{"AuthenticationEnabled": false, "Authorization": {section}}}',
        realm_json='{"realm": "orthanc", "clients": [{"clientId": "orthanc"}]}',
    )

    told = [note.message for note in adoption.notes]
    assert [text.startswith(message) for text in told].count(True) == 1
    assert sum(text.startswith(("Orthanc itself", "the authorization plugin gives")) for text in told) == 1
