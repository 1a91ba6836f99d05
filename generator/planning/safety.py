"""What a plan may not do without being asked for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.errors import UnsafePlan
from generator.planning.model import Create, Delete

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.planning.model import Plan

SHARE = 0.3
AT_LEAST = 3


def raise_if_unsafe(plan: Plan, *, precious: Collection[str], allow_destroy: bool, allow_many: bool) -> None:
    """Raise UnsafePlan where the plan deletes an object of a `precious` kind, or touches much of what exists."""
    lost = [
        change.label
        for change in plan.changes
        if isinstance(change, Delete) and change.address[0] in precious
    ]
    if lost and not allow_destroy:
        raise UnsafePlan(
            f"the plan deletes {', '.join(lost)}",
            hint="people may be using it; `--allow-destroy` says that this is meant",
        )
    touched = sum(not isinstance(change, Create) for change in plan.changes)
    limit = max(AT_LEAST, int(plan.existing * SHARE))
    if touched > limit and not allow_many:
        raise UnsafePlan(
            f"the plan changes or deletes {touched} of {plan.existing} objects; more than {limit} "
            f"({SHARE:.0%} of what exists, at least {AT_LEAST}) may be a mistake",
            hint="look at the plan; `--allow-many` says that this is meant",
        )
