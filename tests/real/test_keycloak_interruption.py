"""A run of provisioning that ends, or loses an answer, at every single request (tests/realm has a sample)."""

from __future__ import annotations

import pytest

from tests.realm.test_interruption import (
    SCENARIOS,
    Prepare,
    assert_a_killed_run_is_completed,
    assert_a_lost_answer_is_looked_up,
    positions,
    undisturbed,
)
from tests.support.builders import example

BOTH = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@BOTH
@pytest.mark.parametrize(("name", "prepare"), SCENARIOS)
def test_killed_at_every_request(name: str, *, prepare: Prepare, after: bool) -> None:
    """One more run without faults ends in the same realm."""
    deployment = example(name)
    wanted = undisturbed(prepare, deployment)
    for position in positions(prepare, deployment):
        assert_a_killed_run_is_completed(deployment, prepare, wanted, position, after=after)


@BOTH
@pytest.mark.parametrize(("name", "prepare"), SCENARIOS)
def test_the_answer_to_every_post_is_lost(name: str, *, prepare: Prepare, after: bool) -> None:
    """Carried out or not: the same run looks, and goes on."""
    deployment = example(name)
    wanted = undisturbed(prepare, deployment)
    for position in positions(prepare, deployment, "POST"):
        assert_a_lost_answer_is_looked_up(deployment, prepare, wanted, position, after=after)
