"""A change of a profile as text and JSON: its sentence, each file, consequences, next commands."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from orthgen.report.console import paint
from orthgen.report.editing_forms import EditedFileForm, EditForm
from orthgen.report.findings import finding_form

if TYPE_CHECKING:
    from typing import TextIO

    from orthgen.editing.profiles import Edit, FileEdit


def edit_text(edit: Edit, stream: TextIO, *, written: bool, with_difference: bool) -> str:
    """The lines of the edit; without the difference, a count of lines for each file."""
    lines = [edit.message]
    for file in edit.files:
        difference = _difference(file)
        if with_difference:
            lines += [_painted(line, stream) for line in difference]
        else:
            added, removed = (
                sum(line.startswith(sign) and not line.startswith(sign * 3) for line in difference)
                for sign in "+-"
            )
            lines.append(
                f"  {file.path}: {added} {'line' if added == 1 else 'lines'} added, {removed} removed"
            )
    if edit.files and not written:
        lines.append("nothing was written")
    lines += [f"note: {note}" for note in edit.notes]
    if edit.next_commands and written:
        lines += ["next:", *(f"  {command}" for command in edit.next_commands)]
    return "\n".join(lines)


def edit_form(edit: Edit, *, written: bool) -> EditForm:
    """The same for JSON."""
    return EditForm(
        message=edit.message,
        written=written and bool(edit.files),
        files=edited_files_form(edit),
        notes=edit.notes,
        warnings=tuple(map(finding_form, edit.warnings)),
        next=edit.next_commands,
    )


def edited_files_form(edit: Edit) -> tuple[EditedFileForm, ...]:
    """The files of an edit for JSON."""
    return tuple(EditedFileForm(file.path, "\n".join([*_difference(file), ""])) for file in edit.files)


def _difference(file: FileEdit) -> list[str]:
    before, after = file.before.splitlines(), file.after.splitlines()
    return list(difflib.unified_diff(before, after, f"a/{file.path}", f"b/{file.path}", lineterm=""))


def _painted(line: str, stream: TextIO) -> str:
    styles = {"+": "green", "-": "red", "@": "cyan"}
    return paint(line, styles[line[0]], stream=stream) if line[:1] in styles else line
