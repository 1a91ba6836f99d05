"""Who holds a role when provisioning deletes it, takes it over or drops its rule: plans say it, and people lose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orthgen.errors import KeycloakError, UnsafePlan
from orthgen.realm.provision import check_safety
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.support.builders import make_deployment
from tests.support.provisioning import labels, plan, provision

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


def test_what_is_deleted_or_taken_over_says_how_many_hold_it() -> None:
    """People and groups that hold a role are counted where it is adopted and where it is pruned, and only there."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    role = realm.add_role({"name": "reader"})
    realm.users["u"], realm.held["u"] = {"id": "u", "username": "ada"}, {role}
    counting = ("GET", "admin/realms/orthanc/roles/reader/users")
    both, neither = make_deployment(), make_deployment(roles="{boss: {can: [view], collections: all}}")

    adopted = provision(both, fake)
    fake.log.clear()
    plan(both, fake)
    assert counting not in fake.log
    realm.held["v"] = {realm.role_named("admin")["id"]}
    realm.users["v"] = {"id": "v", "username": "bob"}
    pruned = provision(neither, fake, prune=True)

    notes = {change.label: (change.note, change.people) for change in (*adopted.changes, *pruned.changes)}
    assert notes["realm role reader"] == (
        "no longer in the profile; made by others, so it stays; held by 1 person",
        1,
    )
    assert notes["realm role admin"] == ("no longer in the profile; held by 1 person", 1)
    (change,) = (change for change in adopted.changes if change.label == "realm role reader")
    assert change.note == "it exists and was made by others; held by 1 person"


def test_a_role_that_comes_back_says_who_still_holds_it() -> None:
    """It stayed in Keycloak with its people; who returns it to the profile returns their rights."""
    fake = FakeKeycloak()
    both, one = make_deployment(), make_deployment(roles="{admin: {can: [everything], collections: all}}")
    provision(both, fake)
    realm = fake.realms["orthanc"]
    realm.users["u"], realm.held["u"] = {"id": "u", "username": "ada"}, {realm.role_named("reader")["id"]}
    provision(one, fake)

    notes = {change.label: change.note for change in plan(both, fake).changes}
    realm.held["u"].clear()
    without = {change.label: change.note for change in plan(both, fake).changes}

    assert notes["scope mapping orthanc/realm roles"] == "the role `reader` comes back, held by 1 person"
    assert without["scope mapping orthanc/realm roles"] == ""


def test_an_adopted_role_does_not_come_back() -> None:
    """Its holders are told once, where it is adopted."""
    fake = FakeKeycloak()
    realm = empty_realm(fake, "orthanc")
    realm.add_client({"clientId": "orthanc"})
    realm.users["u"], realm.held["u"] = {"id": "u", "username": "ada"}, {realm.add_role({"name": "reader"})}

    notes = {change.label: change.note for change in plan(make_deployment(), fake).changes}

    assert notes["realm role reader"].endswith("held by 1 person")
    assert notes["scope mapping orthanc/realm roles"] == ""


def test_a_group_that_keycloak_cannot_count_says_so() -> None:
    """A group of a directory that is out of reach is pruned too, once it is said that it may be: who is in it is not known."""
    granted = "{reader: {can: [view], collections: all, granted-by: [{group: /readers}]}}"
    before, after = (
        make_deployment(roles=granted),
        make_deployment(roles="{reader: {can: [view], collections: all}}"),
    )
    fake = FakeKeycloak()
    provision(before, fake)

    def out_of_reach(_: int, __: str, path: str, ___: bool) -> None:  # noqa: FBT001
        if path.endswith("/members"):
            raise KeycloakError("Keycloak answers GET members with 400")

    fake.hook = out_of_reach
    pruned = plan(after, fake, prune=True)

    (change,) = (change for change in pruned.changes if change.label == "group /readers")
    assert change.people is None
    assert "cannot count who holds it" in change.note
    with pytest.raises(UnsafePlan, match=r"group /readers .*cannot count"):
        check_safety(pruned, adopt=False, allow_destroy=False, allow_many=True)
    check_safety(pruned, adopt=False, allow_destroy=True, allow_many=True)


def _campus(roles: str) -> Deployment:
    provider = "{oidc: {alias: campus, issuer: 'https://login.example.org/realms/campus', client-id: a, client-secret: {secret: s}}}"
    return make_deployment(identity=f"{{sign-in: [{provider}, accounts: {{}}]}}", roles=roles)


def _people_of_campus(fake: FakeKeycloak, role: str, count: int) -> set[str]:
    """Add people of the provider and one of Keycloak's own, all with the role; return the one of Keycloak's own."""
    realm = fake.realms["orthanc"]
    identifier = realm.role_named(role)["id"]
    for name in ("local", *(f"campus.{number}" for number in range(count))):
        links = [{"identityProvider": "campus"}] if name != "local" else []
        realm.users[name] = {"id": name, "username": name, "federatedIdentities": links}
        realm.held[name] = {identifier}
    return {"local"}


def _holders(fake: FakeKeycloak, role: str) -> set[str]:
    realm = fake.realms["orthanc"]
    return {user for user, held in realm.held.items() if realm.role_named(role)["id"] in held}


RULE = "{reader: {can: [view], collections: all, granted-by: [{campus: staff}]}}"

NO_RULE = "{reader: {can: [view], collections: all}}"


def test_people_lose_a_role_with_the_rule_that_gave_it() -> None:
    """Keycloak leaves a role with everybody who got it by a mapper; grants to others, by hand, stay."""
    fake = FakeKeycloak()
    provision(_campus(RULE), fake)
    others = _people_of_campus(fake, "reader", 1001)

    done = provision(_campus(NO_RULE), fake)

    (change,) = done.changes
    assert (change.label, change.note) == (
        "identity provider mapper campus/role reader",
        "no longer in the profile; people of `campus` lose the role `reader`",
    )
    assert _holders(fake, "reader") == others
    assert plan(_campus(NO_RULE), fake).is_empty


def test_people_keep_a_role_that_another_mapper_of_their_provider_gives() -> None:
    """A second mapper of somebody else is deleted; the profile's own decides at the next sign-in, as always."""
    fake = FakeKeycloak()
    provision(_campus(RULE), fake)
    holders = _people_of_campus(fake, "reader", 2) | {"campus.0", "campus.1"}
    mapper = {"identityProviderMapper": "oidc-hardcoded-role-idp-mapper", "config": {"role": "reader"}}
    path = "admin/realms/orthanc/identity-provider/instances/campus/mappers"
    fake.post(path, {"name": "by hand", "identityProviderAlias": "campus", **mapper})

    done = provision(_campus(RULE), fake)

    assert labels(done) == ["- identity provider mapper campus/by hand"]
    assert _holders(fake, "reader") == holders


def test_people_lose_the_roles_of_a_provider_that_is_deleted() -> None:
    """Somebody who came from the provider may sign in otherwise later, and keeps no role that the provider gave."""
    fake = FakeKeycloak()
    provision(_campus(RULE), fake)
    others = _people_of_campus(fake, "reader", 2)
    without = make_deployment(identity="{sign-in: [accounts: {}]}", roles=NO_RULE)

    done = provision(without, fake, prune=True)

    (change,) = (change for change in done.changes if change.label == "identity provider campus")
    assert change.note == "no longer in the profile; its people lose the roles that it gave"
    assert _holders(fake, "reader") == others


def test_a_run_that_ends_before_the_mapper_goes_begins_again() -> None:
    """People lose the role before the mapper goes: after an interruption the plan still has the mapper."""
    fake = FakeKeycloak()
    provision(_campus(RULE), fake)
    others = _people_of_campus(fake, "reader", 3)

    def end(_: int, verb: str, path: str, after: bool) -> None:  # noqa: FBT001
        if verb == "DELETE" and "/mappers/" in path and not after:
            raise KeycloakError("the run ends")

    fake.hook = end
    with pytest.raises(KeycloakError, match="the run ends"):
        provision(_campus(NO_RULE), fake)
    assert _holders(fake, "reader") == others
    fake.hook = lambda *_: None

    assert labels(provision(_campus(NO_RULE), fake)) == ["- identity provider mapper campus/role reader"]


def test_a_released_group_leaves_the_groups_below_it_in_the_record() -> None:
    """The group below a group of others is orthgen's: it is still pruned after the group of others was released."""
    fake = FakeKeycloak()
    empty_realm(fake, "orthanc")
    fake.post("admin/realms/orthanc/groups", {"name": "staff"})
    rules = "[{group: /staff}, {group: /staff/night}]"
    provision(
        make_deployment(roles=f"{{reader: {{can: [view], collections: all, granted-by: {rules}}}}}"), fake
    )

    withdrawn = provision(make_deployment(roles=NO_RULE), fake)

    assert [label for label in labels(withdrawn) if "group" in label] == [
        "x group /staff/night",
        "x group /staff",
    ]
    assert "- group /staff/night" in labels(plan(make_deployment(roles=NO_RULE), fake, prune=True))


def test_a_realm_role_of_the_auth_services_account_is_taken_away() -> None:
    """Somebody gave the account of the auth-service a role of the profile: its tokens would open the archive."""
    fake, deployment = FakeKeycloak(), make_deployment(identity="{sign-in: [accounts: {}], api-keys: true}")
    provision(deployment, fake)
    realm = fake.realms["orthanc"]
    (account,) = (key for key, user in realm.users.items() if user["username"].startswith("service-account-"))
    realm.held.setdefault(account, set()).add(realm.role_named("admin")["id"])

    assert labels(plan(deployment, fake)) == ["~ service account admin-cli"]
    provision(deployment, fake)

    assert realm.role_named("admin")["id"] not in realm.held[account]
    assert plan(deployment, fake).is_empty
