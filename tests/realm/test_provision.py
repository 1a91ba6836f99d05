"""Provisioning in memory: every example, made in one piece or step by step, ends in the same realm and stays there."""

from __future__ import annotations

import threading

import pytest

from orthgen.deployment import naming
from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, OrthgenError
from orthgen.realm.admin.api import OutcomeUnknown
from orthgen.realm.executor import Executor
from orthgen.realm.kinds.directory import STORAGE
from orthgen.realm.provision import carry_out, make_plan
from orthgen.realm.realm_file import desired
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.provisioning import QUICK, SERVER, labels, plan, provision, secret

OWN = [name for name in EXAMPLES if example(name).has_own_keycloak]


@pytest.mark.parametrize("name", OWN)
def test_a_new_realm_is_made_by_one_request_and_is_in_sync(name: str) -> None:
    """A realm that is not there is made in one piece, and the next plan has nothing to do."""
    fake, deployment = FakeKeycloak(), example(name)

    made = provision(deployment, fake)

    assert made.creates_realm
    assert len(made.changes) == len(desired(deployment))
    assert len(fake.writes) == 1
    assert plan(deployment, fake).is_empty


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_empty_realm_is_filled_step_by_step_to_the_same_end(name: str) -> None:
    """A realm that is there is brought to the profile, and a second run reads little and writes nothing."""
    fake, deployment = FakeKeycloak(), example(name)
    empty_realm(fake, deployment.profile.identity.realm)

    provision(deployment, fake)
    fake.log.clear()
    again = provision(deployment, fake)

    assert again.is_empty
    assert fake.writes == []
    settings = [path for _, path in fake.log if "/authentication/config/" in path]
    assert len(fake.log) - len(settings) <= 20
    # Each step's settings are read: the roles of the profile, in the two flows that ask for them, and a few more.
    assert len(settings) <= 2 * len(deployment.roles) + 6


@pytest.mark.parametrize("name", OWN)
def test_both_ways_record_the_same_as_ours(name: str) -> None:
    """What was made in one piece and what was made step by step can be taken away alike."""
    whole, steps, deployment = FakeKeycloak(), FakeKeycloak(), example(name)
    realm = deployment.profile.identity.realm
    provision(deployment, whole)
    empty_realm(steps, realm)
    provision(deployment, steps)

    owned = [fake.realms[realm].settings["attributes"]["orthgen.owned"] for fake in (whole, steps)]

    assert owned[0] == owned[1]


def test_a_thousand_roles_need_few_requests() -> None:
    """A thousand roles are made in pieces, and comparing them costs one list."""
    roles = {f"role-{number}": {"can": ["view"], "collections": "all"} for number in range(1000)}
    fake, deployment = FakeKeycloak(), make_deployment(roles=roles)
    empty_realm(fake, "orthanc")

    provision(deployment, fake)
    assert len(fake.log) < 60
    fake.log.clear()

    assert plan(deployment, fake).is_empty
    assert len(fake.log) < 15


def test_two_runs_do_not_undo_each_other() -> None:
    """A plan that another run has overtaken is refused before it writes anything."""
    fake, first = FakeKeycloak(), make_deployment()
    provision(first, fake)
    second = make_deployment(
        roles="{reader: {can: [view], collections: [cardio]}, other: {can: [view], collections: all}}"
    )
    late = make_plan(second, fake, SERVER)
    Executor(fake, "orthanc", make_plan(second, fake, SERVER), secret, mark="faster").apply()
    fake.log.clear()

    with pytest.raises(KeycloakConflict, match="another run"):
        Executor(fake, "orthanc", late, secret, mark="slower").apply()

    assert fake.writes == []


def test_nothing_is_taken_away_once_another_run_has_left_its_mark() -> None:
    """A run that begins while this one changes objects may count on those that this one would delete."""
    fake = FakeKeycloak()
    provision(make_deployment(), fake)
    fake.log.clear()
    realm = fake.realms["orthanc"]

    def leave_a_mark(_number: int, verb: str, path: str, after: bool) -> None:  # noqa: FBT001
        if after and (verb, path) == ("PUT", "admin/realms/orthanc"):
            realm.settings["attributes"][naming.REVISION_ATTRIBUTE] = "another run"

    fake.hook = leave_a_mark
    with pytest.raises(KeycloakConflict, match="another run"):
        provision(make_deployment(roles="{boss: {can: [everything], collections: all}}"), fake, prune=True)

    assert {"reader", "admin", "boss"} <= {role["name"] for role in realm.roles.values()}


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (498, 1), (499, 2), (1100, 3)])
def test_many_groups_are_read_in_pages(count: int, requests: int) -> None:
    """One list of 5,000 groups takes Keycloak minutes; at the top and below a group, no group is missed."""
    fake = FakeKeycloak()
    deployment = make_deployment(
        roles="{reader: {can: [view], collections: all, granted-by: [{group: /staff/readers}]}}"
    )
    provision(deployment, fake)
    staff = next(key for key, group in fake.realms["orthanc"].groups.items() if group["path"] == "/staff")
    for path in ("groups", f"groups/{staff}/children"):
        for number in range(count):
            fake.post(f"admin/realms/orthanc/{path}", {"name": f"g{number}"})
    fake.log.clear()

    planned = plan(deployment, fake)

    assert planned.is_empty
    assert len([address for address in planned.foreign if address[0] == "group"]) == 2 * count
    for path in ("groups", f"groups/{staff}/children"):
        assert fake.log.count(("GET", f"admin/realms/orthanc/{path}")) == requests


def test_a_realm_without_accounts_is_known_by_a_count() -> None:
    """The first account is made in a realm of nobody's; no list is asked for, which Keycloak 26.2 takes from directories."""
    fake, deployment = FakeKeycloak(), make_deployment(identity="{sign-in: [accounts: {otp: optional}]}")
    realm = empty_realm(fake, deployment.profile.identity.realm)

    alone = labels(plan(deployment, fake))
    realm.users["u"] = {"id": "u", "username": "ada"}
    beside_ada = labels(plan(deployment, fake))

    assert ("+ user admin" in alone, "+ user admin" in beside_ada) == (True, False)
    assert ("GET", f"admin/realms/{deployment.profile.identity.realm}/users") not in fake.log


def test_settings_of_a_realm_are_written_one_after_the_other() -> None:
    """Keycloak writes all of a realm's settings at once: of two requests side by side, one would undo the other."""
    fake, deployment = FakeKeycloak(), example("research-platform.yaml")
    realm = deployment.profile.identity.realm
    empty_realm(fake, realm)
    writers = set()

    def writing(_: int, verb: str, path: str, __: bool) -> None:  # noqa: FBT001
        if (verb, path) == ("PUT", f"admin/realms/{realm}"):
            writers.add(threading.get_ident())

    fake.hook = writing
    provision(deployment, fake)

    assert writers == {threading.get_ident()}


def test_required_actions_of_keycloaks_own_are_not_told_as_others() -> None:
    """Keycloak brings actions that only some of its versions have; what an extension brings, or somebody asks of all, is told."""
    fake, deployment = FakeKeycloak(), make_deployment()
    provision(deployment, fake)
    actions = fake.realms[deployment.profile.identity.realm].actions
    for alias, asked in (("UPDATE_EMAIL", False), ("idp_link", True), ("an-extension", False)):
        actions[alias] = {"alias": alias, "enabled": True, "defaultAction": asked}

    assert {key for kind, _, key in plan(deployment, fake).foreign if kind == "required action"} == {
        "idp_link",
        "an-extension",
    }


def test_only_what_we_made_is_pruned() -> None:
    """A role of the profile is taken away with `prune` where we made it, and stays where it was there before."""
    fake = FakeKeycloak()
    empty_realm(fake, "orthanc").add_role({"name": "reader"})
    both = make_deployment()
    provision(both, fake)
    neither = make_deployment(roles="{boss: {can: [everything], collections: all}}")

    without = plan(neither, fake)
    pruned = provision(neither, fake, prune=True)

    assert [address[2] for address in without.leftover] == ["admin"]
    assert "- realm role admin" in labels(pruned)
    assert "- realm role reader" not in labels(pruned)
    assert {role["name"] for role in fake.realms["orthanc"].roles.values()} >= {"reader", "boss"}


@pytest.mark.parametrize(
    ("missing", "error", "words"),
    [
        pytest.param(["adminPermissionsEnabled"], OrthgenError, "older than 26.2", id="an-old-server"),
        pytest.param(
            ["adminPermissionsEnabled", "ssoSessionIdleTimeout"],
            KeycloakRefused,
            "does not show .* the settings",
            id="a-right-is-missing",
        ),
    ],
)
def test_a_realm_that_cannot_be_compared_is_refused_at_the_beginning(
    missing: list[str], error: type[OrthgenError], words: str
) -> None:
    """A server that is too old, or that shows its settings to others only, is told in words, and nothing is written."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    for name in missing:
        del realm.settings[name]

    with pytest.raises(error, match=words):
        plan(make_deployment(), fake)

    assert fake.writes == []


def test_an_old_server_gets_no_realm() -> None:
    """Its own realm `master` tells that it is too old, before a realm is made that it takes in part."""
    fake = FakeKeycloak()
    del empty_realm(fake, "master").settings["adminPermissionsEnabled"]

    with pytest.raises(OrthgenError, match=r"older than 26\.2"):
        provision(make_deployment(), fake)

    assert fake.writes == []


def test_what_the_server_did_not_take_is_told() -> None:
    """A server that answers 204 and changes nothing is not believed."""
    fake, deployment = FakeKeycloak(), make_deployment()
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    realm.client("orthanc")["redirectUris"] = ["*"]
    prepared = make_plan(deployment, fake, SERVER)
    client = realm.client("orthanc")

    def forget(number: int, verb: str, path: str, done: bool) -> None:  # noqa: ARG001, FBT001
        client["redirectUris"] = ["*"]

    fake.hook = forget

    with pytest.raises(KeycloakError, match=r"as before: client orthanc \(redirectUris\)"):
        carry_out(deployment, fake, prepared, secret, lambda _: None, QUICK)
    fake.hook = FakeKeycloak().hook
    carry_out(deployment, fake, make_plan(deployment, fake, SERVER), secret, lambda _: None, QUICK)


def test_another_run_at_the_same_time_is_named_as_the_cause() -> None:
    """The server ignored nothing: the other run has written its mark, and has not come to its end."""
    fake, deployment = FakeKeycloak(), make_deployment()
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    realm.client("orthanc")["redirectUris"] = ["*"]

    def overtake(_: object) -> None:
        realm.settings["attributes"][naming.REVISION_ATTRIBUTE] = "another run"
        realm.client("orthanc")["redirectUris"] = ["*"]

    with pytest.raises(KeycloakConflict, match="another run changed the realm `orthanc` at the same time"):
        carry_out(deployment, fake, make_plan(deployment, fake, SERVER), secret, overtake, QUICK)


def test_a_directory_of_others_that_is_off_stays() -> None:
    """Nobody signs in by it; only one that is on lets people in whom the profile does not name."""
    fake, deployment = FakeKeycloak(), make_deployment()
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    realm.components["d"] = {
        "id": "d",
        "name": "old",
        "providerId": "ldap",
        "providerType": STORAGE,
        "parentId": realm.settings["id"],
        "config": {"enabled": ["false"]},
    }
    assert plan(deployment, fake).reported == ()

    realm.components["d"]["config"]["enabled"] = ["true"]
    assert [change.label for change in plan(deployment, fake).reported] == ["directory old"]


def test_an_account_of_that_name_is_left_to_its_owner() -> None:
    """The profile names a first account that somebody made before: it keeps its password and gets no role."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    realm.users["u"] = {"id": "u", "username": "ada", "email": "ada@elsewhere.example"}
    people = "{people: {ada: {name: Ada L, email: ada@example.org, roles: [reader]}}}"
    deployment = make_deployment(identity=f"{{sign-in: [accounts: {people}]}}")

    done = provision(deployment, fake)

    assert "+ user ada" not in labels(done)
    assert realm.users == {"u": {"id": "u", "username": "ada", "email": "ada@elsewhere.example"}}
    assert realm.role_named("reader")["id"] not in realm.held.get("u", set())


@pytest.mark.parametrize(("hidden", "right"), [("clients", "view-clients"), ("groups", "view-users")])
def test_hidden_objects_are_no_missing_ones(hidden: str, right: str) -> None:
    """Keycloak answers an empty list to who may only ask: no plan that creates everything once more."""
    fake = FakeKeycloak()
    deployment = make_deployment(
        roles="{reader: {can: [view], collections: all, granted-by: [{group: /readers}]}}"
    )
    provision(deployment, fake)
    fake.realms["orthanc"].hidden = frozenset({hidden})

    with pytest.raises(KeycloakRefused, match=f"does not show .* the {hidden}") as refused:
        plan(deployment, fake)

    assert f"`{right}`" in refused.value.hint


def test_a_role_of_others_that_gets_another_name_says_who_holds_it() -> None:
    """It is counted by the name that it still has."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    role = realm.add_role({"name": "viewer"})
    realm.users["u"] = {"id": "u", "username": "ada"}
    realm.held["u"] = {role}
    roles = "{reader: {can: [view], collections: all, renamed-from: viewer}, admin: {can: [everything], collections: all}}"

    planned = plan(make_deployment(roles=roles), fake)

    (adopted,) = (change for change in planned.changes if change.address == ("realm role", "", "reader"))
    assert (adopted.people, "held by 1 person" in adopted.note) == (1, True)


@pytest.mark.parametrize(
    ("people", "request_to_directory", "answer"),
    [
        pytest.param(
            "{ada: {name: Ada, email: a@b.ch, roles: [reader]}}", "GET users", KeycloakError, id="look-up"
        ),
        pytest.param("{}", "POST partialImport", OutcomeUnknown, id="creation"),
    ],
)
def test_an_account_beside_a_directory_out_of_reach_has_a_remedy(
    people: str, request_to_directory: str, answer: type[KeycloakError]
) -> None:
    """Keycloak 26.2 asks the directory for every account; its own words name neither the directory nor a remedy."""
    fake = FakeKeycloak()
    empty_realm(fake, "orthanc")
    deployment = make_deployment(identity=f"{{sign-in: [accounts: {{people: {people}}}]}}")

    def fail(_: int, verb: str, path: str, done: bool) -> None:  # noqa: FBT001
        if f"{verb} {path.removeprefix('admin/realms/orthanc/')}" == request_to_directory and not done:
            raise answer("Querying of LDAP failed")

    fake.hook = fail

    with pytest.raises(KeycloakError, match="Querying of LDAP failed") as failed:
        provision(deployment, fake)

    assert "switch the directory off" in failed.value.hint
