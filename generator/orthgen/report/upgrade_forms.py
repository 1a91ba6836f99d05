"""The JSON of `orthgen upgrade`."""

from __future__ import annotations

from typing import Annotated

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is
from orthgen.report.editing_forms import EditedFileForm


class StepForm(Form, frozen=True):
    """One step of an upgrade."""

    title: Annotated[str, _is("the step")]
    why: Annotated[str, _is("the reason, or empty")]
    commands: Annotated[tuple[str, ...], _is("the command lines, in their order")]


class VersionForm(Form, frozen=True):
    """One component whose version differs."""

    component: Annotated[str, _is("the component")]
    before: Annotated[str, _is("its version now; empty if it is new")]
    after: Annotated[str, _is("its version in the new release; empty if it is gone")]


class UpgradeForm(Form, frozen=True):
    """`upgrade`"""

    before: Annotated[str, _is("the release that runs")]
    after: Annotated[str, _is("the release to go to")]
    changes: Annotated[tuple[str, ...], _is("what changes in stored data")]
    steps: Annotated[tuple[StepForm, ...], _is("the steps, in their order")]
    rollback: Annotated[str, _is("how to go back")]
    versions: Annotated[tuple[VersionForm, ...], _is("components whose version differs")]
    files: Annotated[tuple[EditedFileForm, ...], _is("with `--to`: the files of the profile that change")]
