"""The JSON of `orthgen provision-keycloak`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, UnsetType

from orthgen.report.form import Form
from orthgen.report.form import described as _is


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


class CountsForm(Form, frozen=True):
    """The numbers of a plan."""

    create: Annotated[int, _is("objects to create")]
    update: Annotated[int, _is("objects to update")]
    delete: Annotated[int, _is("objects to delete")]
    adopt: Annotated[int, _is("objects of others to use")]
    release: Annotated[int, _is("objects of others that orthgen stops using")]
    reported: Annotated[int, _is("differences that are only reported")]
    leftover: Annotated[int, _is("objects that are no longer in the profile")]
    compared: Annotated[int, _is("objects that were compared")]


ObjectAddress = tuple[str, str, str]


class HolderForm(Form, frozen=True):
    """One holder of roles of the profile without a rule of the profile."""

    kind: Annotated[
        Literal["account", "service account", "group", "realm role", "client role"],
        _is("the kind of holder; a role holds the roles that it contains"),
    ]
    name: Annotated[str, _is("its name; of a role of a client `CLIENT/ROLE`")]
    roles: Annotated[tuple[str, ...], _is("the roles")]


class PlanForm(Form, frozen=True):
    """`provision-keycloak`. An address is a list of kind, parent and key."""

    where: Annotated[str, _is("the realm")]
    changes: Annotated[tuple[ChangeForm, ...], _is("the changes, in the order in which they are made")]
    reported: Annotated[tuple[ChangeForm, ...], _is("differences that are only reported")]
    leftover: Annotated[tuple[ObjectAddress, ...], _is("addresses of objects that `--prune` deletes")]
    released: Annotated[tuple[ObjectAddress, ...], _is("addresses of objects that `--prune` stops managing")]
    in_sync: Annotated[bool, _is("whether nothing has to change")]
    applied: Annotated[bool, _is("whether the changes were made")]
    counts: Annotated[CountsForm, _is("the numbers")]
    fingerprint: Annotated[str, _is("equal for equal plans; `--plan-file` compares it")]
    foreign: Annotated[tuple[ObjectAddress, ...] | UnsetType, _is("with `--all`: objects of others")] = UNSET
    holders: Annotated[
        tuple[HolderForm, ...] | UnsetType, _is("with `--holders`: who has a role without a rule")
    ] = UNSET
