"""Plan of a rotation as text and JSON: steps in their order, the interruption, the people who notice it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.rotation_forms import RotationForm
from orthgen.rotation.plan import NOTHING, restarted_services
from orthgen.rotation.rotate import recreation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from orthgen.rotation.plan import RotatedSecret


def plan_text(
    rotations: Sequence[RotatedSecret],
    resumed: Sequence[str],
    folder: Path,
    source: str | None,
    *,
    restart: bool,
) -> str:
    """The steps, numbered; those of a person are marked. `source` is the store of the new values."""
    lines = [f"rotate {rotation.secret.name}  ({rotation.secret.purpose})" for rotation in rotations]
    steps = [f"you: {step}" for step in _once(rotation.kind.before for rotation in rotations)]
    for rotation in rotations:
        name = rotation.secret.name
        origin = _origin(rotation, source, is_resumed=name in resumed)
        steps.append(f"new value: {origin}, in secrets/.{name}.next until the last step")
        if rotation.kind.product:
            steps.append(rotation.kind.product)
        steps.append(f"secrets/{name}: replaced")
    if services := restarted_services(rotations):
        steps.append(f"{'start again' if restart else 'you'}: `{recreation(folder, services)}`")
    steps += [f"you: {step}" for step in _once(rotation.kind.after for rotation in rotations)]
    lines += [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
    interruptions = dict.fromkeys(rotation.interrupted for rotation in rotations)
    lines += [
        f"  interrupted: {text}" for text in interruptions if text != NOTHING or len(interruptions) == 1
    ]
    lines += [f"  noticed by: {text}" for text in dict.fromkeys(each.kind.noticed for each in rotations)]
    return "\n".join(lines)


def list_text(rotations: Sequence[RotatedSecret], resumed: Sequence[str]) -> str:
    """One secret in two lines: its purpose, and what its rotation interrupts."""
    lines = []
    for rotation in rotations:
        note = "; a run was interrupted: rotate it again" if rotation.secret.name in resumed else ""
        lines.append(f"{rotation.secret.name}  ({rotation.secret.purpose}){note}")
        lines.append(f"  interrupts: {rotation.interrupted}")
    return "\n".join(lines)


def last_steps_text(rotations: Sequence[RotatedSecret], folder: Path, *, restart: bool) -> str:
    """What is left to a person after a rotation."""
    steps = list(_once(rotation.kind.after for rotation in rotations))
    services = restarted_services(rotations)
    if services and not restart:
        steps.insert(0, f"`{recreation(folder, services)}`")
    done = ", ".join(rotation.secret.name for rotation in rotations)
    return "\n".join([f"rotated: {done}", *(f"  you: {step}" for step in steps)])


def _origin(rotation: RotatedSecret, source: str | None, *, is_resumed: bool) -> str:
    if source is not None:
        return f"from {source}"
    if is_resumed:
        return "the one of the interrupted run"
    return "random" if rotation.secret.origin == "made" else "from you"


def _once(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step for group in groups for step in group))


def rotation_form(rotation: RotatedSecret) -> RotationForm:
    """The same for JSON."""
    kind = rotation.kind
    return RotationForm(
        name=rotation.secret.name,
        purpose=rotation.secret.purpose,
        before=kind.before,
        product=kind.product,
        restarts=rotation.restarts,
        after=kind.after,
        interrupted=rotation.interrupted,
        noticed=kind.noticed,
    )
