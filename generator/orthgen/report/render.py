"""Outcome of a render as text and JSON: one line for each changed file, a diff, counts at the end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET

from orthgen.changes.model import ChangeAction
from orthgen.rendering.batch import RenderStatus
from orthgen.report.actions import painted
from orthgen.report.console import paint
from orthgen.report.error import error_text, failure_form
from orthgen.report.findings import findings_text
from orthgen.report.render_forms import FileChangeForm, RenderForm
from orthgen.workspace.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from orthgen.rendering.batch import RenderOutcome
    from orthgen.report.console import Console
    from orthgen.workspace.plan import FileChange
    from orthgen.workspace.shared_names import SharedName

# More files than this are counted, not listed, when they are all new.
_MAX_LISTED_FILES = 6


_STATUS: dict[RenderStatus, Literal["done", "out-of-date", "refused", "failed"]] = {
    RenderStatus.DONE: "done",
    RenderStatus.OUT_OF_DATE: "out-of-date",
    RenderStatus.REFUSED: "refused",
    RenderStatus.FAILED: "failed",
}


def outcome_form(outcome: RenderOutcome, *, with_difference: bool) -> RenderForm:
    """One job's outcome for JSON."""
    error = outcome.error
    return RenderForm(
        profile=outcome.job.profile,
        folder=str(outcome.job.folder),
        status=_STATUS[outcome.status],
        files=outcome.files,
        changes=tuple(
            FileChangeForm(
                path=change.path,
                action=change.action.value,
                edited=change.is_edited,
                diff="".join(_difference_lines(change)) if with_difference else UNSET,
            )
            for change in outcome.changes
            if change.path != MANIFEST
        ),
        notes=outcome.notes,
        saved=outcome.saved,
        error=None if error is None else failure_form(error),
    )


def show_outcome(
    outcome: RenderOutcome, console: Console, *, with_difference: bool, brief: bool, quiet: bool
) -> None:
    """Show one job's outcome: the result on standard output, problems on standard error."""
    show_problems(outcome, console, quiet=quiet)
    if outcome.error is not None:
        return
    visible = [change for change in outcome.changes if change.path != MANIFEST]
    if with_difference:
        for change in visible:
            console.say(difference_text(change, console.out))
    if quiet:
        return
    all_new = all(change.action is ChangeAction.CREATE for change in visible)
    if visible and not with_difference and not brief and not (all_new and len(visible) > _MAX_LISTED_FILES):
        console.say("\n".join(_change_line(change, console.out) for change in visible))
    console.say(
        f"{outcome.job.folder}: {counts_text(outcome.changes, would=not outcome.job.write)} of {outcome.files} files"
    )


def show_problems(outcome: RenderOutcome, console: Console, *, quiet: bool) -> None:
    """Show warnings, notes and the error of one job on standard error."""
    warnings = [warning for warning in outcome.warnings if not warning.silenced]
    if warnings and not quiet:
        console.tell(findings_text(warnings, outcome.texts or {}, console.err))
    for note in outcome.notes:
        console.tell(f"note: {note}")
    for path in outcome.saved:
        console.tell(f"`{path}`: a file that changed while it was being replaced; copy what you need from it")
    if outcome.error is not None:
        if outcome.changes:
            edited = [change for change in outcome.changes if change.is_edited]
            console.tell("\n".join(difference_text(change, console.err) for change in edited))
        console.tell(error_text(outcome.error, console.err))


def _change_line(change: FileChange, stream: TextIO) -> str:
    note = "  (edited by hand)" if change.is_edited else ""
    return painted(f"  {change.action.symbol} {change.path}{note}", change.action, stream)


def counts_text(changes: Sequence[FileChange], *, would: bool) -> str:
    """`12 created, 1 deleted`, or `up to date, 0 changed`."""
    visible = [change for change in changes if change.path != MANIFEST]
    counts = Counter(change.action for change in visible)
    text = ", ".join(
        f"{counts[action]} {'would be ' if would else ''}{action.past}"
        for action in ChangeAction
        if counts[action]
    )
    return text or "up to date, 0 changed"


def shared_name_text(shared: SharedName) -> str:
    """The warning about two deployments of one name, and what to do."""
    place, consequence = (
        ("cluster", "the second would replace the objects of the first")
        if shared.target == "kubernetes"
        else ("machine", "the second would replace the containers of the first and use its volumes")
    )
    return (
        f"warning: the deployments in `{shared.first}` and `{shared.second}` are both called `{shared.name}`: on one {place}, "
        f"{consequence}\n  = write another `deployment: {{name: …}}` into one of the profiles, unless each runs on a "
        f"{place} of its own"
    )


def replaced_folder_text() -> str:
    """The hint for a shell whose working folder the render replaced."""
    return 'the folder that you are in was replaced; `cd "$PWD"` leads to the new one'


def difference_text(change: FileChange, stream: TextIO) -> str:
    """A unified diff from the existing to the desired file."""
    return "".join(_painted_line(line, stream) for line in _difference_lines(change)).rstrip("\n")


def _difference_lines(change: FileChange) -> Iterator[str]:
    from difflib import unified_diff  # noqa: PLC0415 - only for `--diff`

    desired = change.desired.text if change.desired is not None else None
    old = (change.existing or "").splitlines(keepends=True)
    new = (desired or "").splitlines(keepends=True)
    before = f"a/{change.path}" if change.existing is not None else "/dev/null"
    after = f"b/{change.path}" if desired is not None else "/dev/null"
    return unified_diff(old, new, before, after)


def _painted_line(line: str, stream: TextIO) -> str:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    style = styles.get(line[:1])
    text = line.rstrip("\n")
    return (paint(text, style, stream=stream) if style else text) + "\n"
