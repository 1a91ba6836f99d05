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
    """Something of ours that is no longer wanted."""

    symbol: ClassVar[str] = "-"
    word: ClassVar[str] = "delete"


class Plan(Struct, frozen=True):
    """
    Everything that has to happen to `where`.

    `leftover` are objects of ours that are no longer wanted and stay, because nobody asked to have them taken
    away; `foreign` are objects beside ours, which are left alone; `existing` counts what was compared.
    """

    where: str
    changes: tuple[Change, ...]
    leftover: tuple[Address, ...] = ()
    foreign: tuple[Address, ...] = ()
    existing: int = 0
    whole: bool = False
    """Whether nothing of it exists yet, so that it can be made in one piece."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the plan was computed from and has to be still true when it is carried out."""

    @property
    def is_empty(self) -> bool:
        """Whether what is there is what is wanted."""
        return not self.changes and not self.leftover

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
        "changes": [
            {
                "action": change.word,
                "kind": change.address[0],
                **({"parent": change.address[1]} if change.address[1] else {}),
                "key": change.address[2],
                "fields": [
                    {"path": item.path, "sensitive": True}
                    if item.sensitive
                    else {"path": item.path, "before": item.before, "after": item.after}
                    for item in change.fields
                ],
                **({"because": change.because} if change.because else {}),
                **({"note": change.note} if change.note else {}),
            }
            for change in plan.changes
        ],
        "leftover": [list(address) for address in plan.leftover],
    }
