"""The JSON that `adopt` prints."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.report.form import Form, described


class AdoptionNoteForm(Form, frozen=True):
    """A fact about the deployment that the profile does not say."""

    kind: Annotated[
        Literal["to fill in", "secret", "data", "changes", "left out"], described("what the note is about")
    ]
    message: Annotated[str, described("what the deployment has")]
    outcome: Annotated[str, described("what becomes of it, or what a person does")]
    places: Annotated[tuple[str, ...], described("the places that say so: file, line, column")]
    commands: Annotated[tuple[str, ...], described("lines for a shell")]


class AdoptionForm(Form, frozen=True):
    """`adopt`: the profile, and what it does not say."""

    profile: Annotated[str, described("the text of the profile")]
    valid: Annotated[bool, described("whether `orthgen validate` accepts the profile as it is")]
    notes: Annotated[tuple[AdoptionNoteForm, ...], described("what the profile does not say")]
    unseen: Annotated[tuple[str, ...], described("what could not be read")]
