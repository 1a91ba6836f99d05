"""Edits of a profile: computed, checked, shown, written."""

from __future__ import annotations

import sys
from collections.abc import Callable

from orthgen.cli.edit_options import EditOptions
from orthgen.cli.exit_codes import ExitCode
from orthgen.editing.profiles import Chain, Edit, check, read_chain
from orthgen.editing.write import write
from orthgen.errors import OrthgenError
from orthgen.formats.yaml_edits import UnsuitableForm
from orthgen.report.console import Console
from orthgen.report.editing import edit_form, edit_text
from orthgen.report.findings import findings_text
from orthgen.report.json_text import json_text

Editor = Callable[[Chain], tuple[Edit, list[Chain]]]


def apply_edit(profile: str, editor: Editor, options: EditOptions, output: str) -> None:
    """Edit the profile; exit with 3 where `--check` or `--diff` finds a change."""
    console = Console()
    edit = edited(profile, editor, write_files=options.writes)
    if edit.warnings:
        console.tell(findings_text(edit.warnings, edit.sources, console.err))
    console.say(
        json_text(edit_form(edit, written=options.writes))
        if output == "json"
        else edit_text(edit, console.out, written=options.writes, with_difference=options.diff)
    )
    if edit.files and not options.writes:
        sys.exit(ExitCode.CHANGES)


def edited(profile: str, editor: Editor, *, write_files: bool) -> Edit:
    """The edit of the profile, with which every profile that it concerns is valid; written if it is asked for."""
    try:
        edit, chains = editor(read_chain(profile))
    except UnsuitableForm as error:
        raise OrthgenError(
            f"a file of `{profile}` has a form that this command cannot change without side effects ({error})",
            hint="make the change in an editor; aliases (`*name`) are such a form",
        ) from None
    if edit.files:
        edit = check(edit, chains)
        if write_files:
            write(edit.files)
    return edit
