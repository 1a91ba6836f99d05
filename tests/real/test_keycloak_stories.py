"""Provisioning on a real Keycloak: every story, every example, counted by a proxy in between."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from orthgen.changes.diff import same
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds import KIND_NAMED
from orthgen.realm.realm_field_decisions import REALM_FIELDS
from tests.real.test_keycloak_fields import fields_of
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.provisioning import in_realm, labels, plan, provision, reached_at
from tests.support.real import parts, scan, web
from tests.support.real.keycloak import Keycloak, RunningKeycloak
from tests.support.stories import STORIES, by_hand, tell

# Sign-in, the realm, one list for each kind that a profile uses, one for each language and each of our flows.
MAX_REQUESTS = 21


@pytest.fixture
def proxy(keycloak: RunningKeycloak) -> Iterator[FaultProxy]:
    """A proxy in front of the shared Keycloak."""
    with fault_proxy(keycloak.url) as running:
        yield running


def name_of(text: str) -> str:
    """A realm's name from a file's or a story's."""
    return text.removesuffix(".yaml").replace(".", "-").replace("_", "-")


@pytest.mark.parametrize("story", STORIES)
def test_a_story_goes_as_written(keycloak: RunningKeycloak, story: str) -> None:
    """Each step of the story has, on a real server too, the plan that is written down for it."""
    realm = f"story-{name_of(story)}"
    tell(story, keycloak.admin_client(), realm)
    keycloak.delete_realm(realm)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_provisioned_and_the_second_run_does_nothing(
    keycloak: RunningKeycloak, proxy: FaultProxy, tmp_path: Path, name: str
) -> None:
    """An empty realm is brought to each example; the next run writes nothing, with few requests, and auditors agree."""
    deployment = in_realm(example(name), f"example-{name_of(name)}")
    realm = deployment.profile.identity.realm
    keycloak.admin("POST", "", {"realm": realm, "enabled": True})

    provision(deployment, keycloak.admin_client(proxy.url))
    proxy.reset()
    again = provision(deployment, keycloak.admin_client(proxy.url))

    assert again.is_empty, labels(again)
    assert proxy.writes == []
    # Keycloak has no list of the settings of steps; there is one for each role in each of two flows, and a few more.
    settings = [path for path in proxy.log if "/authentication/config/" in str(path)]
    assert len(settings) <= 2 * len(deployment.roles) + 6, settings
    assert len(proxy.log) - len(settings) <= MAX_REQUESTS, proxy.log
    if deployment.has_own_keycloak:
        same_as_imported(keycloak, realm, name, tmp_path)
    keycloak.delete_realm(realm)


def same_as_imported(keycloak: RunningKeycloak, realm: str, name: str, folder: Path) -> None:
    """What was provisioned step by step, and what is made in one piece, look the same to an auditor."""
    other = in_realm(example(name), f"whole-{name_of(name)}")
    assert provision(other, keycloak.admin_client()).creates_realm
    found = []
    for exported in (realm, other.profile.identity.realm):
        path = folder / f"{exported}.json"
        path.write_text(json.dumps(keycloak.export(exported)))
        found.append(
            sorted((item.rule, item.place.replace(exported, "REALM")) for item in scan.kcwarden(path))
        )
    keycloak.delete_realm(other.profile.identity.realm)
    assert found[0] == found[1]


def test_an_upgrade_of_the_server_asks_for_nothing(own_keycloak: Keycloak, tmp_path: Path) -> None:
    """Realms made on an older Keycloak are in sync on each newer one that takes its database over."""
    # From before 26.3, Keycloak cannot migrate to 26.7 at once (keycloak issue 51304): docs/keycloak.md says how.
    versions = (parts.keycloak_versions()[-1], parts.KEYCLOAK_BETWEEN, parts.keycloak_versions()[0])
    deployments = [
        in_realm(example(name), name_of(name)) for name in ("paradim.yaml", "teaching-hospital.yaml")
    ]
    password = "for-an-upgrade-only"
    for number, version in enumerate(versions):
        running = own_keycloak.start(
            version=version,
            name=f"keycloak-{number}",
            options=[f"--db-url=jdbc:h2:file:{tmp_path}/database;NON_KEYWORDS=VALUE"],
            environment={"KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": password},
        )
        running.admin_password = password
        assert f"Keycloak {version} " in running.log
        for deployment in deployments:
            if number == 0:
                provision(deployment, running.admin_client())
            assert labels(plan(deployment, running.admin_client())) == [], version
        running.stop(politely=30)


def test_every_story_goes_as_written_on_the_oldest_server(oldest_keycloak: RunningKeycloak) -> None:
    """The oldest Keycloak of our releases takes the same steps."""
    for story in STORIES:
        tell(story, oldest_keycloak.admin_client(), f"story-{name_of(story)}")


def test_a_sign_in_under_way_goes_on_by_the_new_version_of_its_flow(keycloak: RunningKeycloak) -> None:
    """Anybody who has the page open while its flow is replaced is shown it once more, and then gets on; nobody is thrown out."""
    made = in_realm(make_deployment(identity="{sign-in: [accounts: {otp: required}]}"), "under-way")
    deployment = reached_at(made, keycloak.url)
    api = keycloak.admin_client()
    provision(deployment, api)
    password = keycloak.add_user("under-way", "ada", roles=["reader"])
    question = {
        "response_type": "code",
        "client_id": "orthanc",
        "redirect_uri": "https://pacs.example.org/ui/app/",
        "scope": "openid",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    base = f"{keycloak.url}/realms/under-way/protocol/openid-connect"
    page = web.get(f"{base}/auth?{urlencode(question)}")
    cookies = "; ".join(cookie.partition(";")[0] for cookie in page.cookies)

    def submitted(text: str) -> web.Response:
        target = html.unescape(re.findall(r'action="([^"]+)"', text)[0])
        form = urlencode({"username": "ada", "password": password, "credentialId": ""})
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookies}
        answer = web.request("POST", target, body=form, headers=kind)
        if answer.status in {302, 303}:
            answer = web.get(answer.headers["location"], headers={"Cookie": cookies})
        return answer

    by_hand({"weaken-second-factor": "orthgen sign-in v1"}, deployment, api, "under-way")
    replaced = labels(provision(deployment, api, mark="replaced"))
    once_more = submitted(page.text)
    goes_on = submitted(once_more.text)

    keycloak.delete_realm("under-way")
    assert "- flow version orthgen sign-in v1" in replaced
    assert (once_more.status, 'name="password"' in once_more.text) == (200, True)
    assert (goes_on.status, "totp" in goes_on.text) == (200, True), goes_on.text[:3000]


def test_people_keep_a_role_that_gets_another_name(keycloak: RunningKeycloak) -> None:
    """Keycloak's role is renamed: anybody who was granted it by hand or by a group holds it, under its new name."""
    people = "granted-by: [{group: /readers}], can: [view], collections: all"
    identity = "{sign-in: [accounts: {otp: optional}]}"
    before = make_deployment(identity=identity, roles=f"{{reader: {{{people}}}}}")
    after = make_deployment(identity=identity, roles=f"{{radiologist: {{renamed-from: reader, {people}}}}}")
    api = keycloak.admin_client()
    provision(in_realm(before, "renamed"), api)
    keycloak.add_user("renamed", "ann", roles=["reader"])
    keycloak.add_user("renamed", "bob", groups=["/readers"])

    done = labels(provision(in_realm(after, "renamed"), api, mark="renamed"))
    held = {}
    for name in ("ann", "bob"):
        identifier = keycloak.admin("GET", f"/renamed/users?exact=true&username={name}").json()[0]["id"]
        roles = keycloak.admin("GET", f"/renamed/users/{identifier}/role-mappings/realm/composite").json()
        held[name] = {role["name"] for role in roles} & {"reader", "radiologist"}

    assert "~ realm role radiologist" in done
    assert labels(plan(in_realm(after, "renamed"), api)) == []
    assert held == {"ann": {"radiologist"}, "bob": {"radiologist"}}
    keycloak.delete_realm("renamed")


def another(value: object) -> object:
    """Another value of the same type."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 7
    return [f"{value or 'x'}y"] if isinstance(value, list) else f"{value}9"


# What Keycloak takes only certain values of, or only together with something else.
OTHER_FLOW = "browser"
VALUES: dict[str, object] = {
    "adminUrl": "https://evil.example.org/",
    "baseUrl": "https://evil.example.org/",
    "rootUrl": "https://evil.example.org/",
    "bruteForceStrategy": "LINEAR",
    "cibaBackchannelTokenDeliveryMode": "poll",
    "clientAuthenticatorType": "client-jwt",
    "clientPolicies": None,
    "clientProfiles": None,
    "enabledEventTypes": ["LOGIN"],
    "organizationsEnabled": True,
    "requiredCredentials": None,
    "scimApiEnabled": None,
    "smtpServer": {"host": "mail.evil.example.org", "from": "a@evil.example.org"},
    "verifiableCredentialsEnabled": None,
    "webAuthnPolicyPasswordlessPasskeysEnabled": True,
}


def changed_by_hand(found: dict[str, Any], fields: UndeclaredFields, known: set[str]) -> dict[str, Any]:
    """The object with another value in each watched field that the server knows, and in an unknown key of each map."""
    result = dict(found)
    for name, value in fields.watched.items():
        if name not in known:
            continue
        if isinstance(value, dict) and name not in VALUES:
            others = {key: VALUES.get(key, another(item)) for key, item in value.items()}
            result[name] = {**found.get(name, {}), **others}
        elif name.endswith("Flow") and isinstance(value, str):
            result[name] = OTHER_FLOW
        elif name in VALUES or name in found:
            wished = VALUES.get(name, another(value))
            result[name] = found.get(name) if wished is None else wished
    for name in fields.closed - {"smtpServer", "authenticationFlowBindingOverrides"}:
        result[name] = {**result.get(name, {}), "somebodys.own": "1"}
    return result


@pytest.mark.parametrize(
    ("server", "version"),
    [
        pytest.param("keycloak", parts.keycloak_versions()[0], id="newest"),
        pytest.param("oldest_keycloak", parts.keycloak_versions()[-1], id="oldest"),
    ],
)
def test_every_watched_setting_of_realm_and_client_is_seen_and_put_back(
    request: pytest.FixtureRequest, server: str, version: str
) -> None:
    """Whatever somebody sets otherwise, the plan names it, one run puts it right, and the realm is what it was."""
    running: RunningKeycloak = request.getfixturevalue(server)
    deployment = in_realm(make_deployment(), "watched")
    api = running.admin_client()
    provision(deployment, api)
    realm = dict(running.admin("GET", "/watched").json())
    clients = running.admin("GET", "/watched/clients").json()
    client = next(item for item in clients if item["clientId"] == "orthanc")
    untouched = provision(deployment, api)

    running.admin("PUT", "/watched", changed_by_hand(realm, REALM_FIELDS, fields_of("realm", version)))
    changed = changed_by_hand(client, KIND_NAMED["client"].undeclared, fields_of("client", version))
    running.admin("PUT", f"/watched/clients/{client['id']}", changed)
    found = plan(deployment, api)
    provision(deployment, api, mark="put-back")

    assert untouched.is_empty
    seen = {item.path.partition(".")[0] for change in found.changes for item in change.fields}
    unseen = {name for name in REALM_FIELDS.watched if name in realm} - seen
    assert unseen == {name for name, value in VALUES.items() if value is None and name in realm}
    assert labels(plan(deployment, api)) == []
    now = dict(running.admin("GET", "/watched").json())
    left = {name for name, value in now.items() if not same(value, realm.get(name))}
    # Keycloak writes defaults into attributes; a client that came with a switch stays, and does nothing without it.
    assert left <= {"attributes", "adminPermissionsClient"}, {name: now[name] for name in left}
