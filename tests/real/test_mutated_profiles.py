"""Thousands of damaged profiles: each is rendered, or refused in words with a place, and none ends in a traceback."""

from __future__ import annotations

import random

import pytest

from tests.support.mutated_profiles import mutated, trouble

EACH = 500


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_profile_is_rendered_or_refused_in_words(seed: int) -> None:
    """4,000 profiles, with nothing, junk, moved and renamed parts in them; the fast suite tries a few of its own."""
    chance = random.Random(seed)
    wrong = [(tree, said) for tree in (mutated(chance) for _ in range(EACH)) if (said := trouble(tree))]

    assert [said for _, said in wrong] == []
