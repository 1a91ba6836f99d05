"""Limits of a plan that need an explicit option: adoption, deletion, many changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.model import Adopt, Delete, Update
from orthgen.errors import UnsafePlan

if TYPE_CHECKING:
    from collections.abc import Collection

    from orthgen.changes.model import Change, FieldChange, Plan

MAX_TOUCHED_SHARE = 0.3
MIN_TOUCHED_LIMIT = 3


def raise_if_unadopted(plan: Plan, *, kinds: Collection[str], adopt: bool) -> None:
    """Raise UnsafePlan where the plan adopts an object of others without consent: the same name may be chance."""
    adoptions = [
        change for change in plan.changes if isinstance(change, Adopt) and change.address[0] in kinds
    ]
    if adoptions and not adopt:
        raise UnsafePlan(
            "; ".join(f"{change.label}: {change.note}" for change in adoptions),
            hint="anybody who holds it now gets what the profile gives; pass `--adopt` to confirm, "
            "or choose another name in the profile",
        )


def raise_if_unsafe(plan: Plan, *, precious: Collection[str], allow_destroy: bool, allow_many: bool) -> None:
    """Raise UnsafePlan where the plan deletes objects that people use, or changes many objects."""
    deletions = [
        f"{change.label} ({change.note})" if change.people != 0 else change.label
        for change in plan.changes
        if isinstance(change, Delete) and (change.address[0] in precious or change.people != 0)
    ]
    if deletions and not allow_destroy:
        raise UnsafePlan(
            f"the plan deletes {', '.join(deletions)}",
            hint="people may be using it; pass `--allow-destroy` to confirm",
        )
    change_count = sum(_removes_values(change) for change in plan.changes) if plan.is_repeated else 0
    limit = max(MIN_TOUCHED_LIMIT, int(plan.existing * MAX_TOUCHED_SHARE))
    if change_count > limit and not allow_many:
        raise UnsafePlan(
            f"the plan changes or deletes {change_count} of {plan.existing} objects; more than {limit} "
            f"({MAX_TOUCHED_SHARE:.0%} of what exists, at least {MIN_TOUCHED_LIMIT}) may be a mistake",
            hint="review the plan; pass `--allow-many` to confirm",
        )


def _removes_values(change: Change) -> bool:
    """Whether a change removes or replaces an existing value; additions do not count."""
    if isinstance(change, Update):
        return not all(_only_adds(item) for item in change.fields)
    return isinstance(change, Delete)


def _only_adds(item: FieldChange) -> bool:
    if isinstance(item.before, list) and isinstance(item.after, list):
        return all(value in item.after for value in item.before)
    return item.before in (None, "")
