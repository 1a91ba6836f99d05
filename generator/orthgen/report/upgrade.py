"""A change of the release as text and JSON: changes, numbered steps with commands, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.json_forms import StepForm, UpgradeForm

if TYPE_CHECKING:
    from orthgen.deployment.upgrade import Upgrade


def upgrade_text(plan: Upgrade) -> str:
    """The plan as text that can be followed from top to bottom."""
    if plan.before == plan.after and not plan.steps:
        return f"The deployment is on release {plan.after} already: there is nothing to do."
    title = f"Release {plan.before} to {plan.after}"
    if not plan.steps:
        return f"{title}: no stored data changes. Run `orthgen render`, then `docker compose up --wait`."
    lines = [f"{title}. What is stored:"]
    lines += [f"  - {change}" for change in plan.changes]
    for number, step in enumerate(plan.steps, start=1):
        lines += ["", f"{number}. {step.title}"]
        lines += [f"   {step.why}"] if step.why else []
        lines += [f"     {command}" for command in step.commands]
    return "\n".join([*lines, "", "To go back:", f"  {plan.rollback}"])


def upgrade_form(plan: Upgrade) -> UpgradeForm:
    """The same for JSON."""
    return UpgradeForm(
        before=plan.before,
        after=plan.after,
        changes=plan.changes,
        steps=tuple(StepForm(title=step.title, why=step.why, commands=step.commands) for step in plan.steps),
        rollback=plan.rollback,
    )
