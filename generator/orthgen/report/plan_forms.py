"""The JSON of `orthgen provision-keycloak`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from orthgen.changes.plan_forms import Address, PlanContentForm
from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


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


class HolderForm(Form, frozen=True):
    """One holder of roles of the profile without a rule of the profile."""

    kind: Annotated[
        Literal["account", "service account", "group", "realm role", "client role"],
        _is("the kind of holder; a role holds the roles that it contains"),
    ]
    name: Annotated[str, _is("its name; of a role of a client `CLIENT/ROLE`")]
    roles: Annotated[tuple[str, ...], _is("the roles")]


class PlanForm(PlanContentForm, frozen=True):
    """`provision-keycloak`. An address is a list of kind, parent and key."""

    in_sync: Annotated[bool, _is("whether nothing has to change")]
    applied: Annotated[bool, _is("whether the changes were made")]
    counts: Annotated[CountsForm, _is("the numbers")]
    fingerprint: Annotated[str, _is("equal for equal plans; `--plan-file` compares it")]
    foreign: Annotated[tuple[Address, ...] | UnsetType, _is("with `--all`: objects of others")] = UNSET
    holders: Annotated[
        tuple[HolderForm, ...] | UnsetType, _is("with `--holders`: who has a role without a rule")
    ] = UNSET
