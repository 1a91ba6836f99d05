"""
Actions, changes and plans: the vocabulary that files and realm share.

A plan is data: its changes are in the order in which they are carried out. `report.plan` shows it,
`realm.executor` applies it; neither adds a decision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import UNSET, Struct, field, to_builtins

from orthgen.changes.plan_forms import Address, ChangeForm, FieldForm, PlanContentForm


class ChangeAction(StrEnum):
    """An action on a file or a realm's object; the value is its word in a plan."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    RELEASE = "release"

    @property
    def symbol(self) -> str:
        """The mark at the start of a plan's line."""
        return _SYMBOLS[self]

    @property
    def past(self) -> str:
        """The word after the action: `created`."""
        return f"{self.removesuffix('e')}ed"


_SYMBOLS = {
    ChangeAction.CREATE: "+",
    ChangeAction.UPDATE: "~",
    ChangeAction.DELETE: "-",
    ChangeAction.ADOPT: "=",
    ChangeAction.RELEASE: "x",
}


class FieldChange(Struct, frozen=True):
    """
    One field, before and after. `path` joins nested names by `.`.

    A sensitive field is marked, and its values are not stored here.
    """

    path: str
    before: Any
    after: Any
    sensitive: bool = False


class Change(Struct, frozen=True):
    """One change of a realm's object. `because` is the key of the profile that asks for it; `note` explains it."""

    action: ClassVar[ChangeAction]

    address: Address
    fields: tuple[FieldChange, ...] = ()
    because: str = ""
    note: str = ""
    people: int | None = 0
    """The number of people who hold the object that is deleted or adopted; None where the server cannot tell."""

    @property
    def label(self) -> str:
        """The address as text."""
        kind, parent, key = self.address
        return f"{kind} {parent}/{key}" if parent else f"{kind} {key}"


class Create(Change, frozen=True):
    """Creation of an object that does not exist yet."""

    action: ClassVar[ChangeAction] = ChangeAction.CREATE


class Update(Change, frozen=True):
    """Update of an object that differs from its declaration."""

    action: ClassVar[ChangeAction] = ChangeAction.UPDATE


class Delete(Change, frozen=True):
    """Deletion of an object that the profile does not declare: made by orthgen, or added to an object of orthgen's."""

    action: ClassVar[ChangeAction] = ChangeAction.DELETE


class Adopt(Change, frozen=True):
    """Adoption of an object that others made: the profile uses it from now on, updated where it differs."""

    action: ClassVar[ChangeAction] = ChangeAction.ADOPT


class Release(Change, frozen=True):
    """Release of an adopted object: it stays, without what orthgen gave it."""

    action: ClassVar[ChangeAction] = ChangeAction.RELEASE


class RoleHolder(Struct, frozen=True):
    """
    A holder of roles of the profile whom no rule of the profile names.

    `kind` is account, service account, group, realm role or client role; a role holds the roles that it contains.
    """

    kind: str
    name: str
    roles: tuple[str, ...]


class Plan(Struct, frozen=True):
    """
    All changes of one realm, named by `where`.

    `reported` are differences that are shown and not changed. `leftover` are objects that orthgen made and the
    profile no longer declares: they stay without `--prune`. `released` are adopted objects that the profile no
    longer declares. `foreign` are objects of others, which stay as they are. `existing` counts the compared objects.
    """

    where: str
    changes: tuple[Change, ...]
    reported: tuple[Change, ...] = ()
    leftover: tuple[Address, ...] = ()
    released: tuple[Address, ...] = ()
    foreign: tuple[Address, ...] = ()
    existing: int = 0
    holders: tuple[RoleHolder, ...] | None = None
    """Holders of roles without a rule; None where nobody asked for them."""
    creates_realm: bool = False
    """Whether the realm does not exist yet, so that one import creates it."""
    is_repeated: bool = True
    """Whether an earlier plan was applied there, so that every difference is a later change."""
    facts: dict[str, str] = field(default_factory=dict)
    """Facts that the plan was computed from and that must still hold when it is applied."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to change."""
        return not (self.changes or self.leftover or self.released)

    @property
    def gives_more(self) -> bool:
        """Whether the realm gives more access than the profile, by objects that the plan does not change."""
        return bool(self.reported or self.holders)

    def count(self, action: ChangeAction) -> int:
        """The number of changes with one action."""
        return sum(change.action is action for change in self.changes)

    @property
    def fingerprint(self) -> str:
        """A digest that two plans share when they do the same to the same realm. No secret goes into it."""
        digest = hashlib.sha256()
        digest.update(
            json.dumps(to_builtins(plan_content(self)), sort_keys=True, ensure_ascii=False).encode()
        )
        return digest.hexdigest()


def plan_content(plan: Plan) -> PlanContentForm:
    """What the fingerprint and a plan file are made of."""
    return PlanContentForm(
        where=plan.where,
        changes=change_forms(plan.changes),
        reported=change_forms(plan.reported),
        leftover=plan.leftover,
        released=plan.released,
    )


def change_forms(changes: Iterable[Change]) -> tuple[ChangeForm, ...]:
    """Changes for JSON; a sensitive field without its values."""
    return tuple(map(_change_form, changes))


def _change_form(change: Change) -> ChangeForm:
    kind, parent, key = change.address
    return ChangeForm(
        action=change.action.value,
        kind=kind,
        key=key,
        fields=tuple(
            FieldForm(path=item.path, sensitive=True)
            if item.sensitive
            else FieldForm(path=item.path, before=item.before, after=item.after)
            for item in change.fields
        ),
        parent=parent or UNSET,
        because=change.because or UNSET,
        note=change.note or UNSET,
        people=UNSET if change.people == 0 else change.people,
    )
