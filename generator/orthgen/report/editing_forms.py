"""The JSON of `orthgen add` and `orthgen rename`."""

from __future__ import annotations

from typing import Annotated

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is
from orthgen.report.error_forms import ProfileFindingForm


class EditedFileForm(Form, frozen=True):
    """One file of the profile that changes."""

    path: Annotated[str, _is("the file")]
    diff: Annotated[str, _is("the unified difference")]


class EditForm(Form, frozen=True):
    """`add` and `rename`"""

    message: Annotated[str, _is("the change in a sentence")]
    written: Annotated[bool, _is("whether the files were written; false with `--check` and `--diff`")]
    files: Annotated[
        tuple[EditedFileForm, ...], _is("the files that change; none if the profile says it already")
    ]
    notes: Annotated[tuple[str, ...], _is("consequences")]
    warnings: Annotated[tuple[ProfileFindingForm, ...], _is("warnings that the profile did not have before")]
    next: Annotated[tuple[str, ...], _is("the next command lines")]
