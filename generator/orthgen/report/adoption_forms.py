"""The JSON of `orthgen adopt`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class AdoptionNoteForm(Form, frozen=True):
    """A fact about the deployment that is not in the profile."""

    kind: Annotated[
        Literal["to fill in", "secret", "data", "changes", "left out"], _is("what the note is about")
    ]
    message: Annotated[str, _is("what the deployment has")]
    outcome: Annotated[str, _is("the outcome, or the task of a person")]
    places: Annotated[tuple[str, ...], _is("the places that show it: file, line, column")]
    commands: Annotated[tuple[str, ...], _is("lines for a shell")]


class AdoptionForm(Form, frozen=True):
    """`adopt`: the profile, and the facts that are not in it."""

    profile: Annotated[str, _is("the text of the profile")]
    valid: Annotated[bool, _is("whether `orthgen validate` accepts the profile as it is")]
    notes: Annotated[tuple[AdoptionNoteForm, ...], _is("facts that are not in the profile")]
    unseen: Annotated[tuple[str, ...], _is("information that was not in the input")]
