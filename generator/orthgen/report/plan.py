"""
A plan as text and JSON: each object, each field before and after, a last line with counts.

Updates and deletions are always shown in full. Many created objects of one kind are grouped (`plan_groups`): their
common fields are shown once, and each object with its own fields; `full` shows each object by itself.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, convert

from orthgen.changes.model import ChangeAction, change_forms
from orthgen.report.actions import painted
from orthgen.report.console import paint
from orthgen.report.plan_forms import CountsForm, HolderForm, PlanForm
from orthgen.report.plan_groups import ChangeGroup, grouped
from orthgen.report.plan_values import LONG_LIST, inline, packed, value_lines, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TextIO

    from orthgen.changes.model import Change, FieldChange, Plan, RoleHolder

SENSITIVE = "(sensitive value)"


def plan_text(
    plan: Plan,
    stream: TextIO,
    *,
    where: Callable[[str], str] = str,
    with_foreign: bool = False,
    full: bool = False,
) -> str:
    """
    The plan's lines; the counts come last, so that they stay on the screen.

    `where` turns a key of the profile into its file and line.
    """
    lines: list[str] = []
    if plan.creates_realm and plan.changes:
        lines.append(f"{plan.where} does not exist yet; one request creates it:")
    for item in plan.changes if full else grouped(plan.changes):
        if isinstance(item, ChangeGroup):
            lines.extend(_group_lines(item, stream, where))
        else:
            lines.extend(_change_lines(item, stream, where, full=full))
    if plan.reported:
        lines.append(
            paint("reported, and left as it is (`--reset-undeclared` corrects it):", "red", stream=stream)
        )
        for change in plan.reported:
            lines.extend(f"  {line}" for line in _change_lines(change, stream, where, full=full))
    if plan.leftover:
        lines.append("made by orthgen and no longer in the profile (`--prune` deletes them):")
        lines.extend(f"  {_address(address)}" for address in plan.leftover)
    if plan.released:
        lines.append("adopted, no longer in the profile (`--prune` stops managing them; they stay):")
        lines.extend(f"  {_address(address)}" for address in plan.released)
    if plan.holders is not None:
        lines.extend(_holder_lines(plan.holders, stream, full=full))
    if with_foreign:
        lines.append("other objects, not managed:" if plan.foreign else "no other objects")
        lines.extend(f"  {_address(address)}" for address in plan.foreign)
    lines.append(count_text(plan))
    return "\n".join(lines)


def count_text(plan: Plan) -> str:
    """The last line."""
    reported = f"; {len(plan.reported)} reported" if plan.reported else ""
    if plan.holders:
        reported += f"; {len(plan.holders)} with a role without a rule"
    if plan.is_empty and not reported:
        return f"{plan.where}: in sync; {plan.existing} objects compared, nothing to do"
    if plan.is_empty:
        return f"{plan.where}: nothing to do for the profile{reported}"
    parts = [f"{count} to {action}" for action, count in _counts(plan)]
    unwanted = len(plan.leftover) + len(plan.released)
    leftover_note = f"; {unwanted} no longer wanted" if unwanted else ""
    return f"{plan.where}: {', '.join(parts)}{leftover_note}{reported}"


def done_text(plan: Plan, *, requests: int, writes: int) -> str:
    """The last line after an application."""
    parts = [f"{count} {action.past}" for action, count in _counts(plan)]
    return f"{plan.where}: {', '.join(parts)} ({requests} requests, {writes} writes)"


def _counts(plan: Plan) -> Iterator[tuple[ChangeAction, int]]:
    """The actions with their numbers; those on objects of others only where there are any."""
    for action in ChangeAction:
        count = plan.count(action)
        if count or action not in (ChangeAction.ADOPT, ChangeAction.RELEASE):
            yield action, count


def stopped_text(done: int, total: int) -> str:
    """The line after an application that an error ended."""
    rest = "; the next run continues" if done < total else ""
    return f"{done} of {total} changes are made{rest}"


def saved_secret_text(path: Path) -> str:
    """The file with a secret that Keycloak made."""
    return f"wrote {path} (mode 0600)"


def step_text(change: Change, stream: TextIO) -> str:
    """One completed change."""
    return f"{painted(change.action.symbol, change.action, stream)} {change.label}"


def plan_form(plan: Plan, *, applied: bool, with_foreign: bool = False) -> PlanForm:
    """The plan for JSON; `--plan-file` compares the `fingerprint`."""
    return PlanForm(
        where=plan.where,
        changes=change_forms(plan.changes),
        reported=change_forms(plan.reported),
        leftover=plan.leftover,
        released=plan.released,
        in_sync=plan.is_empty,
        applied=applied,
        counts=CountsForm(
            **{action.value: plan.count(action) for action in ChangeAction},
            reported=len(plan.reported),
            leftover=len(plan.leftover),
            compared=plan.existing,
        ),
        fingerprint=plan.fingerprint,
        foreign=plan.foreign if with_foreign else UNSET,
        holders=UNSET if plan.holders is None else _holder_forms(plan.holders),
    )


def _holder_forms(holders: Sequence[RoleHolder]) -> tuple[HolderForm, ...]:
    return convert(holders, tuple[HolderForm, ...], from_attributes=True)


def _change_lines(change: Change, stream: TextIO, where: Callable[[str], str], *, full: bool) -> list[str]:
    because = f"  # {where(change.because)}" if change.because else ""
    lines = [f"{step_text(change, stream)}{paint(because, 'dim', stream=stream)}"]
    if change.note:
        lines.append(f"    ({change.note})")
    for item in change.fields:
        is_new = change.action is ChangeAction.CREATE
        lines.extend(f"    {line}" for line in _field_lines(item, made=is_new, full=full or not is_new))
    return lines


def _group_lines(group: ChangeGroup, stream: TextIO, where: Callable[[str], str]) -> list[str]:
    because = f"  # {where(group.because)}" if group.because else ""
    parent_note = f" of {group.parent}" if group.parent else ""
    head = f"{painted(ChangeAction.CREATE.symbol, ChangeAction.CREATE, stream)} {len(group.members)} {group.kind}s{parent_note}"
    lines = [f"{head}{paint(because, 'dim', stream=stream)}"]
    lines.extend(f"    {line}" for item in group.common for line in _field_lines(item, made=True, full=False))
    if group.is_prose:
        paths = " and ".join(sorted({item.path for own in group.own for item in own}))
        lines.append(f"    each with its own {paths} (`--full` shows them):" if paths else "    called:")
        lines.extend(f"      {line}" for line in packed([change.address[2] for change in group.members]))
        return lines
    lines.append("    each alone:")
    for change, own in zip(group.members, group.own, strict=True):
        fields = "; ".join(f"{item.path}: {_own_value(item)}" for item in own)
        lines.append(f"      {value_text(change.address[2])}: {fields}")
    return lines


def _own_value(item: FieldChange) -> str:
    return SENSITIVE if item.sensitive else inline(item.after)


def _field_lines(item: FieldChange, *, made: bool, full: bool) -> list[str]:
    if item.sensitive:
        return [f"{item.path}: {SENSITIVE}"]
    if made:
        if isinstance(item.after, list) and len(item.after) > LONG_LIST and not full:
            some = ", ".join(map(value_text, item.after[:LONG_LIST]))
            return [f"{item.path}: {some} and {len(item.after) - LONG_LIST} more (`--full` shows them)"]
        return value_lines(item.path, item.after)
    if isinstance(item.after, list) and isinstance(item.before, list):
        return [f"{item.path}:", *_list_lines(item.before, item.after)]
    return [f"{item.path}: {inline(item.before)} -> {inline(item.after)}"]


def _list_lines(before: list[Any], after: list[Any]) -> list[str]:
    removed = [value for value in before if value not in after]
    added = [value for value in after if value not in before]
    if not removed and not added:
        return [f"  {inline(before)} -> {inline(after)}"]
    return [
        *(f"  - {value_text(value)}" for value in removed),
        *(f"  + {value_text(value)}" for value in added),
    ]


def _holder_lines(holders: Sequence[RoleHolder], stream: TextIO, *, full: bool) -> Iterator[str]:
    """One line for each holder; of many holders of one kind the first ones."""
    if not holders:
        yield "every role is held by a rule of the profile"
        return
    yield paint(
        "with a role, but without a rule of the profile (a run leaves them as they are):",
        "red",
        stream=stream,
    )
    for kind, group in groupby(holders, lambda holder: holder.kind):
        of_kind = list(group)
        shown = of_kind if full else of_kind[:LONG_LIST]
        for holder in shown:
            yield f"  {kind} {value_text(holder.name)}: {', '.join(map(value_text, holder.roles))}"
        if len(shown) < len(of_kind):
            yield f"  {kind}: {len(of_kind) - len(shown)} more (`--full` shows them)"


def _address(address: tuple[str, str, str]) -> str:
    kind, parent, key = map(value_text, address)
    return f"{kind} {parent}/{key}" if address[1] else f"{kind} {key}"
