"""A change of the release as text and JSON: changes, numbered steps with commands, rollback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.upgrade_forms import StepForm, UpgradeForm, VersionForm

if TYPE_CHECKING:
    from orthgen.report.editing_forms import EditedFileForm
    from orthgen.upgrade.model import Upgrade


def upgrade_text(plan: Upgrade) -> str:
    """The plan as text that can be followed from top to bottom."""
    if plan.before == plan.after and not plan.steps:
        return f"The deployment is on release {plan.after} already: there is nothing to do."
    title = f"Release {plan.before} to {plan.after}"
    lines = [f"{title}. Versions:"] if plan.versions else []
    width = max((len(name) for name, _, _ in plan.versions), default=0)
    lines += [f"  {name:{width}}  {has or 'none'} to {gets or 'none'}" for name, has, gets in plan.versions]
    lines += [""] if lines else []
    if not plan.steps:
        lines.append(f"{title}: no stored data changes. Run `orthgen render`, then `{plan.start}`.")
        return "\n".join(lines)
    lines.append(f"{title}. What is stored:")
    lines += [f"  - {change}" for change in plan.changes]
    for number, step in enumerate(plan.steps, start=1):
        lines += ["", f"{number}. {step.title}"]
        lines += [f"   {step.why}"] if step.why else []
        lines += [f"     {command}" for command in step.commands]
    return "\n".join([*lines, "", "To go back:", f"  {plan.rollback}"])


def upgrade_form(plan: Upgrade, files: tuple[EditedFileForm, ...]) -> UpgradeForm:
    """The same for JSON, with the files of the profile that change."""
    return UpgradeForm(
        before=plan.before,
        after=plan.after,
        changes=plan.changes,
        steps=tuple(StepForm(title=step.title, why=step.why, commands=step.commands) for step in plan.steps),
        rollback=plan.rollback,
        versions=tuple(
            VersionForm(component=name, before=has, after=gets) for name, has, gets in plan.versions
        ),
        files=files,
    )
