"""The JSON that `adopt` prints."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.report.form import Form, described


class AdoptionNoteForm(Form, frozen=True):
    """A fact about the deployment that is not in the profile."""

    kind: Annotated[
        Literal["to fill in", "secret", "data", "changes", "left out"], described("what the note is about")
    ]
    message: Annotated[str, described("what the deployment has")]
    outcome: Annotated[str, described("the outcome, or the task of a person")]
    places: Annotated[tuple[str, ...], described("the places that show it: file, line, column")]
    commands: Annotated[tuple[str, ...], described("lines for a shell")]


class AdoptionForm(Form, frozen=True):
    """`adopt`: the profile, and the facts that are not in it."""

    profile: Annotated[str, described("the text of the profile")]
    valid: Annotated[bool, described("whether `orthgen validate` accepts the profile as it is")]
    notes: Annotated[tuple[AdoptionNoteForm, ...], described("facts that are not in the profile")]
    unseen: Annotated[tuple[str, ...], described("information that was not in the input")]
