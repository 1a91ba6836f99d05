"""A lock of image digests as text, difference and JSON."""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from orthgen.changes.model import ChangeAction
from orthgen.rendering.digest_lock_state import ImageState
from orthgen.report.actions import painted
from orthgen.report.lock_forms import LockedImageForm, LockForm

if TYPE_CHECKING:
    from typing import TextIO

    from orthgen.rendering.digest_lock_state import LockedImage, LockPlan

_ACTIONS = {
    ImageState.ADDED: ChangeAction.CREATE,
    ImageState.MISSING: ChangeAction.CREATE,
    ImageState.UPDATED: ChangeAction.UPDATE,
    ImageState.REMOVED: ChangeAction.DELETE,
}
_STALE_HINT = "  = `--prune` removes stale entries; give every profile of the folder"


def lock_text(plan: LockPlan, stream: TextIO) -> str:
    """A line for each entry that is not kept, then the counts."""
    lines = [_line(image, stream) for image in plan.images if image.state is not ImageState.KEPT]
    counts = Counter(image.state for image in plan.images)
    if counts[ImageState.STALE]:
        lines.append(_STALE_HINT)
    text = ", ".join(f"{counts[state]} {state.value}" for state in ImageState if counts[state])
    return "\n".join([*lines, f"{plan.path}: {text}"])


def _line(image: LockedImage, stream: TextIO) -> str:
    action = _ACTIONS.get(image.state)
    digests = [
        digest for digest in (image.before, image.digest) if digest and image.state is not ImageState.STALE
    ]
    text = f"{image.image}  {' -> '.join(digests) or image.state.value}"
    return painted(f"  {action.symbol} {text}", action, stream) if action is not None else f"  ? {text}"


def lock_difference(plan: LockPlan) -> str:
    """The unified difference from the lock to what it should be."""
    before = f"a/{plan.path}" if plan.before else "/dev/null"
    lines = difflib.unified_diff(
        plan.before.splitlines(keepends=True), plan.after.splitlines(keepends=True), before, f"b/{plan.path}"
    )
    return "".join(lines).rstrip("\n")


def lock_form(plan: LockPlan) -> LockForm:
    """One lock for JSON."""
    return LockForm(
        path=str(plan.path),
        current=plan.is_current,
        images=tuple(
            LockedImageForm(
                image=image.image,
                state=image.state.value,
                digest=image.digest or None,
                before=image.before or None,
            )
            for image in plan.images
        ),
    )
