"""Provisioning in memory: every example, made in one piece or step by step, ends in the same realm and stays there."""

from __future__ import annotations

import pytest

from generator.errors import KeycloakConflict
from generator.keycloak.desired import desired
from tests.keycloak.fake_keycloak import FakeKeycloak, Realm
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.provisioning import labels, plan, provision

OWN = [name for name in EXAMPLES if example(name).has_own_keycloak]


def empty_realm(fake: FakeKeycloak, name: str) -> Realm:
    """A realm that somebody made by hand and left as Keycloak makes it."""
    fake.post("admin/realms", {"realm": name, "enabled": True})
    fake.log.clear()
    return fake.realms[name]


@pytest.mark.parametrize("name", OWN)
def test_a_new_realm_is_made_by_one_request_and_is_in_sync(name: str) -> None:
    """A realm that is not there is made in one piece, and the next plan has nothing to do."""
    fake, deployment = FakeKeycloak(), example(name)

    made = provision(deployment, fake)

    assert made.whole
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
    assert len(fake.log) < 15


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
    from generator.keycloak.apply import Run
    from generator.keycloak.provision import make_plan
    from tests.support.provisioning import SERVER, secret

    fake, first = FakeKeycloak(), make_deployment()
    provision(first, fake)
    second = make_deployment(
        roles="{reader: {can: [view], collections: [cardio]}, other: {can: [view], collections: all}}"
    )
    late = make_plan(second, fake, SERVER)
    Run(fake, "orthanc", make_plan(second, fake, SERVER), secret, mark="faster").apply()
    fake.log.clear()

    with pytest.raises(KeycloakConflict, match="another run"):
        Run(fake, "orthanc", late, secret, mark="slower").apply()

    assert fake.writes == []


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
