"""The nearest known word is that of difflib, found without a comparison with each word."""

from __future__ import annotations

from difflib import get_close_matches
from random import Random

from orthgen.catalogue import configuration_keys, newest
from orthgen.spelling import nearest


def test_the_nearest_word_is_that_of_difflib() -> None:
    """Misspelt, extended and unrelated words have the neighbour that a comparison with every key finds."""
    tree = configuration_keys.merged(newest().components)
    keys = {key.casefold(): key for key in tree}
    chance = Random(20261128)
    for _ in range(60):
        word = chance.choice([*keys, "".join(chance.choices("aeiorst", k=9))])
        at = chance.randrange(len(word))
        misspelt = word[:at] + chance.choice(["", "x", "name"]) + word[at + chance.randint(0, 2) :]
        expected = get_close_matches(misspelt, keys, n=1, cutoff=0.6)

        assert nearest(misspelt, tree) == (
            keys[misspelt] if misspelt in keys else keys[expected[0]] if expected else None
        )
