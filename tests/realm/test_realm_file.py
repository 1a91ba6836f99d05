"""realm.json in memory: no secret in it, nothing that the import would replace by mistake, the same bytes twice."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from orthgen.deployment import naming
from orthgen.realm.import_secrets import import_variables, vault_files
from orthgen.realm.kinds import KINDS
from orthgen.realm.ownership import owned_text, read_owned
from orthgen.realm.realm_file import desired, realm_file
from orthgen.viewers.ohif import OHIF_CLIENT
from tests.support.builders import EXAMPLES, example, make_deployment


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_placeholder_stands_only_where_a_variable_is_announced(name: str) -> None:
    """The import replaces `${…}` in the text; none is there but those that the container gets values for."""
    deployment = example(name)
    text = realm_file(deployment).text

    assert set(re.findall(r"\$\{([^}]*)", text)) == {item.variable for item in import_variables(deployment)}
    assert text == realm_file(deployment).text


def test_a_person_reads_the_realm_from_its_name_to_its_flows() -> None:
    """The name comes first, then the settings, then the objects: roles before the clients that use them, flows last."""
    keys = list(json.loads(realm_file(example("teaching-hospital.yaml")).text))

    assert keys[:3] == ["realm", "displayName", "enabled"]
    read = ["sslRequired", "passwordPolicy", "accessTokenLifespan", "roles", "groups", "clients"]
    read += ["identityProviders", "components", "authenticationFlows", "keycloakVersion"]
    assert [key for key in keys if key in read] == read


def test_words_of_the_profile_are_no_expressions() -> None:
    """A title that looks like an expression comes out as it was written."""
    deployment = make_deployment(institution="{name: 'A ${HOME} B', url: 'https://pacs.example.org'}")
    text = realm_file(deployment).text

    assert "${HOME}" not in text
    assert json.loads(text)["displayName"] == "A ${HOME} B"


def test_the_vault_is_told_by_realm_and_secret() -> None:
    """Secrets of providers, directories and mail servers are references into the vault of the realm."""
    files = [
        item.file
        for name in ("paradim.yaml", "teaching-hospital.yaml")
        for item in vault_files(example(name))
    ]

    assert files == ["orthanc_entra-client-secret", "imaging_ldap-bind-password"]


def test_a_keycloak_of_somebody_elses_has_no_vault_of_ours() -> None:
    """On a corporate server the values are written, and only clients, roles and groups are managed."""
    deployment = example("clinic.yaml")

    assert vault_files(deployment) == ()
    assert {resource.kind for resource in desired(deployment) if not resource.foreign} == {
        "realm role",
        "client",
        "protocol mapper",
        "scope mapping",
        "group",
    }


def test_explorer_comes_back_to_its_own_pages_only() -> None:
    """Redirect addresses follow the origin and the paths; the web origin is the one origin."""
    deployment = make_deployment(
        institution="{name: X, url: 'https://h.example.org:8443', paths: {orthanc: /o/, ohif: /v/, keycloak: /k/}}",
        viewers="{ohif: {reports: signed-in}}",
    )
    clients = {item.key: item.fields for item in desired(deployment) if item.kind == "client"}

    explorer, ohif = clients[naming.ORTHANC_CLIENT], clients[OHIF_CLIENT]
    assert explorer["redirectUris"] == ["https://h.example.org:8443/o/ui/app/*"]
    assert ohif["redirectUris"] == ["https://h.example.org:8443/v/callback"]
    for client in (explorer, ohif):
        assert client["webOrigins"] == ["https://h.example.org:8443"]
        assert client["attributes"]["pkce.code.challenge.method"] == "S256"
        assert not client["directAccessGrantsEnabled"]
        assert not client["implicitFlowEnabled"]
        assert not client["fullScopeAllowed"]


def test_two_values_that_grant_one_role_are_one_mapper() -> None:
    """With FORCE two mappers would take the role away from each other; one with both values does not."""
    provider = "{sign-in: [{oidc: {issuer: 'https://i.example.org/realms/x', client-id: a, client-secret: {secret: s}}}]}"
    one = make_deployment(
        identity=provider, roles="{r: {can: [view], collections: all, granted-by: [{oidc: a.b}]}}"
    )
    two = make_deployment(
        identity=provider, roles="{r: {can: [view], collections: all, granted-by: [{oidc: a.b}, {oidc: c}]}}"
    )

    def mapper(deployment: object) -> dict[str, object]:
        found = [item for item in desired(deployment) if item.key == "role r"]  # type: ignore[arg-type]
        assert len(found) == 1
        return dict(found[0].fields)

    assert mapper(one)["identityProviderMapper"] == "oidc-role-idp-mapper"
    advanced = mapper(two)
    assert advanced["identityProviderMapper"] == "oidc-advanced-role-idp-mapper"
    claims = json.loads(advanced["config"]["claims"])  # type: ignore[index]
    assert claims == [{"key": "groups", "value": r"a\.b|c"}]


@pytest.mark.parametrize(
    ("claim", "path"),
    [
        ("groups", "groups"),
        ("realm_access.roles", "realm_access.roles"),
        ("https://lakeside.example/roles", r"https://lakeside\.example/roles"),
        (r"https://lakeside\.example/roles", r"https://lakeside\.example/roles"),
    ],
)
@pytest.mark.parametrize("values", ["{oidc: a}", "{oidc: a}, {oidc: b}"])
def test_a_dot_of_a_web_address_is_no_path(claim: str, path: str, values: str) -> None:
    """A claim of Auth0 is a web address; other dots lead into a claim, and nobody escapes a dot twice."""
    provider = f"{{oidc: {{issuer: 'https://i.example.org/realms/x', client-id: a, client-secret: {{secret: s}}, claim: '{claim}'}}}}"
    deployment = make_deployment(
        identity=f"{{sign-in: [{provider}]}}",
        roles=f"{{r: {{can: [view], collections: all, granted-by: [{values}]}}}}",
    )

    (mapper,) = (item for item in desired(deployment) if item.key == "role r")
    config = dict(mapper.fields["config"])

    assert (json.loads(config["claims"])[0]["key"] if "claims" in config else config["claim"]) == path


def test_google_and_github_are_keycloaks_own_providers() -> None:
    """User names are made of what never passes to somebody else; a domain's people hold the role, GitHub's hold none."""
    social = "{client-id: a, client-secret: {secret: s}}"
    clinic = "{client-id: a, client-secret: {secret: s}, hosted-domain: clinic.example}"
    deployment = make_deployment(
        identity=f"{{sign-in: [google: {clinic}, github: {social}]}}",
        roles="{r: {can: [view], collections: all, granted-by: [{google: clinic.example}]}}",
    )
    objects = {(item.kind, item.parent, item.key): item.fields for item in desired(deployment)}

    def mapper(provider: str, name: str) -> dict[str, Any]:
        return dict(objects["identity provider mapper", provider, name])

    google = objects["identity provider", "", "google"]
    assert google["providerId"] == "google"
    assert google["config"]["hostedDomain"] == "clinic.example"
    assert google["config"]["validateSignature"] == "true"
    assert objects["identity provider", "", "github"]["providerId"] == "github"
    assert mapper("google", "user name")["config"]["template"] == "${ALIAS}.${CLAIM.sub}"
    assert mapper("github", "user name")["config"]["template"] == "${ALIAS}.${CLAIM.id}"
    assert mapper("google", "role r")["identityProviderMapper"] == "oidc-hardcoded-role-idp-mapper"
    assert mapper("google", "role r")["config"]["role"] == "r"
    assert ("identity provider mapper", "github", "role r") not in objects


def test_the_record_of_what_is_ours_survives_what_others_write_into_it() -> None:
    """What was written comes back; something else in the attribute records nothing."""
    addresses = {("realm role", "", "a/b"), ("protocol mapper", "orthanc", "groups")}

    assert read_owned(owned_text(addresses)) == addresses
    for text in ("", "[]", "{", '"x"', '{"a": 3}', '{"a": [[]]}', "null"):
        assert read_owned(text) == frozenset()


def test_every_kind_has_a_name_of_its_own() -> None:
    """Addresses begin with the kind's name, so that no two may share one."""
    names = [kind.name for kind in KINDS]

    assert len(set(names)) == len(names)
