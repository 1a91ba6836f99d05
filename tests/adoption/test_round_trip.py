"""Round trip: a rendered deployment, adopted, renders to the same bytes."""

from __future__ import annotations

import pytest

from orthgen.adoption.adopt import adopt
from orthgen.observed.read import observe_texts
from tests.adoption.support import files_of, texts_of
from tests.support.builders import EXAMPLES
from tests.test_golden import GOLDEN


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rendered_example_is_adopted_as_it_is(name: str) -> None:
    """Every file of the deployment, ACCESS.md and the headers included; the profile's file keeps its name."""
    rendered = texts_of(GOLDEN / name.removesuffix(".yaml") / "compose")

    adoption = adopt(observe_texts(rendered), name)

    assert files_of(adoption.text, name) == rendered
    assert adoption.is_valid
    assert {note.kind.value for note in adoption.notes} == {"secret", "data"}
