"""A plan for people and for programs: each object, each field before and after, and a last line that counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.planning.model import Create, Delete, Update, plan_data
from generator.views.console import paint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from generator.planning.model import Change, FieldChange, Plan

_STYLES = {"+": "green", "~": "yellow", "-": "red"}
# More than this of a list or a text is not read by anybody.
_LONGEST = 90
_MOST_ITEMS = 6
SENSITIVE = "(sensitive value)"


def plan_text(
    plan: Plan,
    stream: TextIO,
    *,
    where: Callable[[str], str] = str,
    with_foreign: bool = False,
) -> str:
    """
    The plan's lines; the count comes last, so that it is what is still on the screen.

    `where` turns a key of the profile into the place that people look at.
    """
    lines: list[str] = []
    if plan.whole and plan.changes:
        lines.append(f"{plan.where} does not exist yet; it is made in one piece:")
    for change in plan.changes:
        lines.extend(_change_lines(change, stream, where))
    if plan.leftover:
        lines.append("made by orthgen and no longer in the profile (`--prune` takes them away):")
        lines.extend(f"  {_address(address)}" for address in plan.leftover)
    if with_foreign:
        lines.append("beside ours, left alone:" if plan.foreign else "nothing stands beside ours")
        lines.extend(f"  {_address(address)}" for address in plan.foreign)
    lines.append(count_text(plan))
    return "\n".join(lines)


def count_text(plan: Plan) -> str:
    """The last line."""
    if plan.is_empty:
        return f"{plan.where}: in sync; {plan.existing} objects compared, nothing to do"
    parts = [f"{plan.count(kind)} to {kind.word}" for kind in (Create, Update, Delete)]
    left = f"; {len(plan.leftover)} no longer wanted" if plan.leftover else ""
    return f"{plan.where}: {', '.join(parts)}{left}"


def done_text(plan: Plan, *, requests: int, writes: int) -> str:
    """What was done."""
    made, changed, gone = (plan.count(kind) for kind in (Create, Update, Delete))
    return f"{plan.where}: {made} created, {changed} changed, {gone} deleted ({requests} requests, {writes} writes)"


def step_text(change: Change, stream: TextIO) -> str:
    """One step that was just done."""
    return f"{paint(change.symbol, _STYLES[change.symbol], stream=stream)} {change.label}"


def plan_json(plan: Plan, *, applied: bool, with_foreign: bool = False) -> str:
    """The plan for programs; `fingerprint` is what `--plan-file` compares."""
    data: dict[str, Any] = {
        **plan_data(plan),
        "in-sync": plan.is_empty,
        "applied": applied,
        "counts": {
            "create": plan.count(Create),
            "change": plan.count(Update),
            "delete": plan.count(Delete),
            "leftover": len(plan.leftover),
            "compared": plan.existing,
        },
        "fingerprint": plan.fingerprint,
    }
    if with_foreign:
        data["foreign"] = [list(address) for address in plan.foreign]
    return json.dumps(data, indent=2, ensure_ascii=False)


def _change_lines(change: Change, stream: TextIO, where: Callable[[str], str]) -> list[str]:
    because = f"  # {where(change.because)}" if change.because else ""
    lines = [f"{step_text(change, stream)}{paint(because, 'dim', stream=stream)}"]
    if change.note:
        lines.append(f"    ({change.note})")
    for item in change.fields:
        lines.extend(f"    {line}" for line in _field_lines(item, created=isinstance(change, Create)))
    return lines


def _field_lines(item: FieldChange, *, created: bool) -> list[str]:
    if item.sensitive:
        return [f"{item.path}: {SENSITIVE}"]
    if created:
        return [f"{item.path}: {_value(item.after)}"]
    if isinstance(item.after, list) and isinstance(item.before, list):
        return [f"{item.path}:", *_list_lines(item.before, item.after)]
    return [f"{item.path}: {_value(item.before)} -> {_value(item.after)}"]


def _list_lines(before: list[Any], after: list[Any]) -> list[str]:
    gone = [value for value in before if value not in after]
    new = [value for value in after if value not in before]
    if not gone and not new:
        return [f"  {_value(before)} -> {_value(after)}"]
    return [*_items("-", gone), *_items("+", new)]


def _items(symbol: str, values: Sequence[Any]) -> list[str]:
    shown = [f"  {symbol} {_value(value)}" for value in values[:_MOST_ITEMS]]
    more = len(values) - _MOST_ITEMS
    return [*shown, f"  {symbol} and {more} more"] if more > 0 else shown


def _value(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        more = f", and {len(value) - _MOST_ITEMS} more" if len(value) > _MOST_ITEMS else ""
        return "[" + ", ".join(_value(item) for item in value[:_MOST_ITEMS]) + more + "]"
    # Texts come from a server: what a terminal would obey is spelled out.
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text or '""'


def _address(address: tuple[str, str, str]) -> str:
    kind, parent, key = address
    return f"{kind} {parent}/{key}" if parent else f"{kind} {key}"
