"""
What a plan is: changes in the order in which they are carried out, and what they were computed from.

A plan is data. It is shown by `views.plan_view` and carried out by whoever made it; nothing decides between
the two.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from msgspec import Struct, field

Address = tuple[str, str, str]
"""Kind, parent's key (or empty), key."""


class FieldChange(Struct, frozen=True):
    """
    One field, before and after. `path` joins nested names by `.`.

    A sensitive one is shown as such, and its values are not kept here at all.
    """

    path: str
    before: Any
    after: Any
    sensitive: bool = False


class Change(Struct, frozen=True):
    """One step. `because` is the key of the profile that asks for it; `note` says what is not plain."""

    symbol: ClassVar[str]
    word: ClassVar[str]

    address: Address
    fields: tuple[FieldChange, ...] = ()
    because: str = ""
    note: str = ""
    people: int | None = 0
    """How many people hold what is taken away or taken over; None where the server cannot tell."""

    @property
    def label(self) -> str:
        """The address as people read it."""
        kind, parent, key = self.address
        return f"{kind} {parent}/{key}" if parent else f"{kind} {key}"


class Create(Change, frozen=True):
    """Something that does not exist yet."""

    symbol: ClassVar[str] = "+"
    word: ClassVar[str] = "create"


class Update(Change, frozen=True):
    """Something that is different from what we declare."""

    symbol: ClassVar[str] = "~"
    word: ClassVar[str] = "change"


class Delete(Change, frozen=True):
    """Something that is no longer wanted: ours, or added by others to what is ours."""

    symbol: ClassVar[str] = "-"
    word: ClassVar[str] = "delete"


class Adopt(Change, frozen=True):
    """Something that others made and that we use from now on, changed where it differs."""

    symbol: ClassVar[str] = "="
    word: ClassVar[str] = "adopt"


class Release(Change, frozen=True):
    """Something that others made and that we use no longer: it stays, without what we gave it."""

    symbol: ClassVar[str] = "x"
    word: ClassVar[str] = "release"


class Plan(Struct, frozen=True):
    """
    Everything that has to happen to `where`.

    `leftover` are objects of ours that are no longer wanted and stay, because nobody asked to have them taken
    away; `released` are those that others made and we use no longer; `foreign` are objects beside ours, which are
    left alone; `reported` are differences that are told and not changed; `existing` counts what was compared.
    """

    where: str
    changes: tuple[Change, ...]
    reported: tuple[Change, ...] = ()
    leftover: tuple[Address, ...] = ()
    released: tuple[Address, ...] = ()
    foreign: tuple[Address, ...] = ()
    existing: int = 0
    whole: bool = False
    """Whether nothing of it exists yet, so that it can be made in one piece."""
    is_repeated: bool = True
    """Whether an earlier plan was carried out there, so that what differs was as declared once."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the plan was computed from and has to be still true when it is carried out."""

    @property
    def is_empty(self) -> bool:
        """Whether what is there is what is wanted."""
        return not (self.changes or self.leftover or self.released)

    def count(self, kind: type[Change]) -> int:
        """How many steps of one kind there are."""
        return sum(isinstance(change, kind) for change in self.changes)

    @property
    def fingerprint(self) -> str:
        """Two plans with the same fingerprint do the same to the same place. No secret goes into it."""
        digest = hashlib.sha256()
        digest.update(json.dumps(plan_data(self), sort_keys=True, ensure_ascii=False).encode())
        return digest.hexdigest()


def plan_data(plan: Plan) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "where": plan.where,
        "changes": [_change_data(change) for change in plan.changes],
        "reported": [_change_data(change) for change in plan.reported],
        "leftover": [list(address) for address in plan.leftover],
        "released": [list(address) for address in plan.released],
    }


def _change_data(change: Change) -> dict[str, Any]:
    kind, parent, key = change.address
    return {
        "action": change.word,
        "kind": kind,
        **({"parent": parent} if parent else {}),
        "key": key,
        "fields": [
            {"path": item.path, "sensitive": True}
            if item.sensitive
            else {"path": item.path, "before": item.before, "after": item.after}
            for item in change.fields
        ],
        **({"because": change.because} if change.because else {}),
        **({"note": change.note} if change.note else {}),
        **({"people": change.people} if change.people != 0 else {}),
    }
