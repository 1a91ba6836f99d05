"""JSON forms of what a plan does: of the plan file, the fingerprint, and the first part of `provision-keycloak`'s JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, UnsetType

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is

Address = tuple[str, str, str]
"""Kind, parent's key (or empty), key."""


class FieldForm(Form, frozen=True):
    """One field of an object in Keycloak."""

    path: Annotated[str, _is("names joined by dots")]
    before: Annotated[Any, _is("the value before")] = UNSET
    after: Annotated[Any, _is("the value after")] = UNSET
    sensitive: Annotated[bool | UnsetType, _is("true: a secret, whose values are not shown")] = UNSET


class ChangeForm(Form, frozen=True):
    """One change of the realm."""

    action: Annotated[Literal["create", "update", "delete", "adopt", "release"], _is("the change")]
    kind: Annotated[str, _is("the kind of object")]
    key: Annotated[str, _is("its name")]
    fields: Annotated[tuple[FieldForm, ...], _is("the fields that change")]
    parent: Annotated[str | UnsetType, _is("the object that it belongs to")] = UNSET
    because: Annotated[str | UnsetType, _is("the key of the profile that asks for it")] = UNSET
    note: Annotated[str | UnsetType, _is("a remark about the change")] = UNSET
    people: Annotated[int | UnsetType | None, _is("how many people hold it; null: not known")] = UNSET


class PlanContentForm(Form, frozen=True):
    """What a plan does, without what it was compared with."""

    where: Annotated[str, _is("the realm")]
    changes: Annotated[tuple[ChangeForm, ...], _is("the changes, in the order in which they are made")]
    reported: Annotated[tuple[ChangeForm, ...], _is("differences that are only reported")]
    leftover: Annotated[tuple[Address, ...], _is("addresses of objects that `--prune` deletes")]
    released: Annotated[tuple[Address, ...], _is("addresses of objects that `--prune` stops managing")]
