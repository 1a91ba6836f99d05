"""A plan as Markdown for a request: a table of counts, and every change in a block that forges colour."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from orthgen.changes.model import ChangeAction
from orthgen.formats.markdown import escaped, fenced
from orthgen.report.plan import count_text, plan_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.changes.model import Plan


def plan_markdown(
    plan: Plan, *, where: Callable[[str], str] = str, with_foreign: bool = False, full: bool = False
) -> str:
    """The plan's counts and its text; the text is a diff block, where `+` and `-` are no bullets."""
    heading = f"### {escaped(plan.where)}"
    if plan.is_empty and not plan.gives_more:
        return f"{heading}\n\n{escaped(count_text(plan))}"
    counts = {action.value: plan.count(action) for action in ChangeAction}
    counts |= {"reported": len(plan.reported), "no longer wanted": len(plan.leftover) + len(plan.released)}
    counts["holders without a rule"] = len(plan.holders or ())
    shown = {name: count for name, count in counts.items() if count}
    table = [
        f"| {' | '.join(shown)} |",
        f"|{'---|' * len(shown)}",
        f"| {' | '.join(map(str, shown.values()))} |",
    ]
    # A stream without colour.
    text = plan_text(plan, io.StringIO(), where=where, with_foreign=with_foreign, full=full)
    return "\n".join([heading, "", *table, "", fenced(text, "diff")])
