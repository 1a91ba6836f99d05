"""The JSON of `orthgen access`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType, field

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class RightForm(Form, frozen=True):
    """`access`: one object for each person, action and collection, in a list."""

    who: Annotated[str, _is("a role, `signed-out`, `instant-link` or `share-link`")]
    action: Annotated[str, _is("the action")]
    on: Annotated[str | None, _is("the collection; null: studies of no collection, or the archive")]
    can: Annotated[bool, _is("whether every request of the action is granted")]
    request: Annotated[str | UnsetType, _is("if not: the request that is denied")] = UNSET
    stage: Annotated[str | UnsetType, _is("the stage that denies it")] = UNSET
    needed: Annotated[str | UnsetType, _is("what it needs")] = UNSET
    found: Annotated[str | UnsetType, _is("what it found")] = UNSET
    by: Annotated[str | UnsetType | None, _is("another action that makes it possible")] = UNSET


class DifferenceForm(Form, frozen=True):
    """`access --diff`: one object for each gain, loss or new name, in a list."""

    change: Annotated[Literal["gained", "lost", "renamed"], _is("the kind of difference")]
    who: Annotated[str | UnsetType, _is("the person, or the role's new name")] = UNSET
    action: Annotated[str | UnsetType, _is("the action")] = UNSET
    on: Annotated[str | UnsetType | None, _is("the collection, or its new name")] = UNSET
    by: Annotated[str | UnsetType, _is("another action that makes it possible")] = UNSET
    before: Annotated[str | UnsetType, _is("the name before")] = field(default=UNSET, name="from")
