"""What holds for the realm of every profile: a run ends in sync, and a realm remembers nothing of an earlier profile."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from orthgen.realm.planner import PlanOptions
from orthgen.realm.provision import carry_out, make_plan
from tests.realm.fake_keycloak import FakeKeycloak, empty_realm
from tests.realm.test_interruption import shape
from tests.support.provisioning import QUICK, SERVER, plan, secret
from tests.support.strategies import profiles
from tests.test_properties import SLOW, loaded


def run(tree: dict[str, Any], fake: FakeKeycloak, *, prune: bool = False) -> None:
    """A whole run, with the look at the realm afterwards."""
    deployment = loaded(tree)
    carry_out(
        deployment,
        fake,
        make_plan(deployment, fake, SERVER, PlanOptions(prune=prune)),
        secret,
        lambda _: None,
        QUICK,
    )


@SLOW
@given(profiles())
def test_the_second_run_has_nothing_to_do(tree: dict[str, Any]) -> None:
    """Made in one piece or step by step, with secrets in a vault or as values."""
    whole, steps = FakeKeycloak(), FakeKeycloak()
    deployment = loaded(tree)
    empty_realm(steps, deployment.profile.identity.realm)
    for fake in (whole, steps):
        run(tree, fake)

        assert plan(deployment, fake).changes == ()
        assert plan(deployment, fake).reported == ()


@settings(SLOW, max_examples=12)
@given(profiles(), profiles())
def test_a_realm_remembers_nothing_of_an_earlier_profile(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """With `--prune`, the realm is as if the later profile had been the first; only accounts stay."""
    fake, fresh = FakeKeycloak(), FakeKeycloak()
    run(before, fake)
    run(after, fake, prune=True)
    run(after, fresh)

    deployment = loaded(after)
    assert {**shape(fake, deployment), "users": []} == {**shape(fresh, deployment), "users": []}
    assert plan(deployment, fake, prune=True).changes == ()
