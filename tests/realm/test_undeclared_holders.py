"""Who has a role of the profile without a rule of it: found wherever Keycloak can give a role, and nobody else."""

from __future__ import annotations

import io

import pytest

from orthgen.changes.model import RoleHolder
from orthgen.deployment.model import Deployment
from orthgen.realm.provision import make_plan, with_undeclared_holders
from orthgen.report.json_text import json_text
from orthgen.report.plan import plan_form, plan_text
from orthgen.report.plan_markdown import plan_markdown
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.realm.fake_realm import Realm
from tests.support.builders import make_deployment
from tests.support.provisioning import SERVER, provision

IDENTITY = """
  sign-in:
    - oidc: {alias: campus, issuer: "https://login.example.org/realms/x", client-id: x, client-secret: {secret: s}}
    - accounts: {people: {ada: {name: Ada L, email: ada@example.org, roles: [reader]}}}
  api-keys: true
"""
ROLES = """
  reader: {can: [view], collections: all, granted-by: [{campus: staff}, {group: /readers}]}
  boss: {can: [everything], collections: all}
"""

SHARED_ROLES = """
  reader: {can: [view], collections: all, granted-by: [{group: /readers}]}
  boss: {can: [everything], collections: all}
"""


def in_a_realm() -> tuple[FakeKeycloak, Realm, Deployment]:
    """A realm in sync; its account `ada` holds what the profile says."""
    fake, deployment = FakeKeycloak(), make_deployment(identity=IDENTITY, roles=ROLES)
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    (ada,) = (key for key, user in realm.users.items() if user["username"] == "ada")
    realm.held[ada] = {realm.role_named("reader")["id"]}
    return fake, realm, deployment


def add_account(realm: Realm, name: str, *roles: str, **more: object) -> None:
    """An account with roles of its own."""
    realm.users[name] = {"id": name, "username": name, **more}
    realm.held[name] = {realm.role_named(role)["id"] for role in roles}


def holders(fake: FakeKeycloak, deployment: Deployment) -> tuple[RoleHolder, ...]:
    """Holders without a rule; the search writes nothing."""
    writes = len(fake.writes)
    prepared = with_undeclared_holders(deployment, fake, make_plan(deployment, fake, SERVER))
    assert len(fake.writes) == writes
    assert prepared.plan.holders is not None
    return prepared.plan.holders


def test_nobody_is_found_where_every_role_has_a_rule() -> None:
    """First accounts, people of a provider with a rule, groups of the profile and the auth-service's account have one."""
    fake, realm, deployment = in_a_realm()
    add_account(realm, "last-through-campus", "reader", attributes={"identity-provider": ["campus"]})
    linked = [{"identityProvider": "campus", "userId": "1", "userName": "x"}]
    add_account(realm, "once-through-campus", "reader", federatedIdentities=linked)
    add_account(realm, "without")

    assert holders(fake, deployment) == ()


def test_a_role_given_by_hand_is_found() -> None:
    """To accounts of Keycloak's own, people of a provider whose rules give another role, programs, and groups."""
    fake, realm, deployment = in_a_realm()
    add_account(realm, "carol", "boss", "reader")
    add_account(realm, "of-campus", "boss", attributes={"identity-provider": ["campus"]})
    add_account(realm, "service-account-robot", "reader")
    add_account(realm, "ada2", "reader", attributes={"identity-provider": ["elsewhere"]})
    realm.groups["g"] = {
        "id": "g",
        "path": "/chiefs",
        "parentId": "",
        "name": "chiefs",
        "realmRoles": ["boss"],
    }

    assert holders(fake, deployment) == (
        RoleHolder("account", "ada2", ("reader",)),
        RoleHolder("account", "carol", ("boss", "reader")),
        RoleHolder("account", "of-campus", ("boss",)),
        RoleHolder("group", "/chiefs", ("boss",)),
        RoleHolder("service account", "robot", ("reader",)),
    )


def test_a_role_that_contains_a_role_of_the_profile_is_found() -> None:
    """Whoever holds it has the role of the profile in the token: roles of the realm, and of any client."""
    fake, realm, deployment = in_a_realm()
    boss = realm.role_named("boss")["id"]
    realm.composites[realm.add_role({"name": "everything-here"})] = {boss}
    realm.composites[realm.add_role({"name": "harmless"})] = {realm.role_named("offline_access")["id"]}
    client = realm.add_client({"clientId": "intranet"})
    realm.add_client_roles("intranet", "staff", "guest")
    realm.composites[realm.client_roles[client][0]["id"]] = {boss}

    assert holders(fake, deployment) == (
        RoleHolder("client role", "intranet/staff", ("boss",)),
        RoleHolder("realm role", "everything-here", ("boss",)),
    )


def test_who_administers_the_realm_is_found() -> None:
    """A right of Keycloak's administration leads to every role; a right to look at things does not."""
    fake, realm, deployment = in_a_realm()
    management = realm.client("realm-management")["id"]
    rights = {role["name"]: role["id"] for role in realm.client_roles[management]}
    add_account(realm, "carol")
    add_account(realm, "auditor")
    realm.held["carol"] = {rights["manage-users"]}
    realm.held["auditor"] = {rights["view-users"]}
    (group,) = (item for item in realm.groups.values() if item["path"] == "/readers")
    group["clientRoles"] = {"realm-management": ["realm-admin"]}
    realm.composites[realm.add_role({"name": "helpdesk"})] = {rights["manage-users"]}

    assert holders(fake, deployment) == (
        RoleHolder("account", "carol", ("realm-management/manage-users",)),
        RoleHolder("group", "/readers", ("realm-management/realm-admin",)),
        RoleHolder("realm role", "helpdesk", ("realm-management/manage-users",)),
    )


def test_who_administers_a_realm_of_others_is_their_business() -> None:
    """There, only the roles of the profile are examined."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    (right,) = (
        role["id"]
        for role in realm.client_roles[realm.client("realm-management")["id"]]
        if role["name"] == "realm-admin"
    )
    add_account(realm, "carol")
    realm.held["carol"] = {right}
    keycloak = "{server: 'https://sso.example.org', manage: clients-and-roles}"
    deployment = make_deployment(identity=f"{{keycloak: {keycloak}}}", roles=SHARED_ROLES)
    provision(deployment, fake)
    add_account(realm, "bob", "boss")

    assert holders(fake, deployment) == (RoleHolder("account", "bob", ("boss",)),)


def test_what_the_plan_changes_is_not_told_twice() -> None:
    """A group that loses the role, and a role of the profile in the default role, are changes of the plan."""
    fake, realm, deployment = in_a_realm()
    boss, default = realm.role_named("boss")["id"], realm.settings["defaultRole"]["id"]
    realm.composites[default].add(boss)
    (group,) = (item for item in realm.groups.values() if item["path"] == "/readers")
    group["realmRoles"].append("boss")

    assert holders(fake, deployment) == ()


def test_a_renamed_role_is_looked_up_by_its_present_name() -> None:
    """The realm has the old name until the plan is applied; the new one is told."""
    fake, realm, _ = in_a_realm()
    add_account(realm, "carol", "boss")
    later = make_deployment(identity=IDENTITY, roles=ROLES.replace("boss: {", "chief: {renamed-from: boss, "))

    assert holders(fake, later) == (RoleHolder("account", "carol", ("chief",)),)


@pytest.mark.parametrize(("people", "requests"), [(999, 1), (1000, 2), (2500, 3)])
def test_many_people_are_listed_in_pages(people: int, requests: int) -> None:
    """One request for each thousand of them, and none for each."""
    fake, realm, deployment = in_a_realm()
    for number in range(people):
        add_account(realm, f"p{number}", "boss")
    fake.log.clear()

    assert len(holders(fake, deployment)) == people
    assert sum(path.endswith("/roles/boss/users") for _, path in fake.log) == requests


def test_a_realm_that_does_not_exist_has_no_holders() -> None:
    """Nothing is asked for."""
    assert holders(FakeKeycloak(), make_deployment()) == ()


def test_holders_are_shown_in_each_format() -> None:
    """As lines and a count, as JSON, and in the table of a request for a merge; a short list unless all is asked for."""
    fake, realm, deployment = in_a_realm()
    for number in range(22):
        add_account(realm, f"p{number:02}", "boss")
    found = with_undeclared_holders(deployment, fake, make_plan(deployment, fake, SERVER)).plan

    text, full = plan_text(found, io.StringIO()), plan_text(found, io.StringIO(), full=True)

    assert "  account p19: boss\n  account: 2 more (`--full` shows them)\n" in text
    assert "  account p21: boss\n" in full
    assert text.endswith("nothing to do for the profile; 22 with a role without a rule")
    assert found.gives_more
    assert '"holders": [' in json_text(plan_form(found, applied=False))
    assert "holders without a rule" in plan_markdown(found)


def test_no_holder_without_a_rule_is_told_too() -> None:
    """An auditor sees that it was looked at."""
    fake, _, deployment = in_a_realm()
    found = with_undeclared_holders(deployment, fake, make_plan(deployment, fake, SERVER)).plan

    assert "every role is held by a rule of the profile\n" in plan_text(found, io.StringIO())
    assert '"holders": []' in json_text(plan_form(found, applied=False))
    assert not found.gives_more
