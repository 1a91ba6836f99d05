"""The JSON of `orthgen render`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is
from orthgen.report.error_forms import Failure


class FileChangeForm(Form, frozen=True):
    """One file that changes."""

    path: Annotated[str, _is("the path below the folder")]
    action: Annotated[str, _is("`create`, `update` or `delete`")]
    edited: Annotated[bool, _is("whether somebody edited the file since it was rendered")]
    diff: Annotated[str | UnsetType, _is("with `--diff`: the unified difference")] = UNSET


class RenderForm(Form, frozen=True):
    """`render`: one object for each profile, in a list."""

    profile: Annotated[str, _is("the profile's path")]
    folder: Annotated[str, _is("the deployment's folder")]
    status: Annotated[Literal["done", "out-of-date", "refused", "failed"], _is("how the render ended")]
    files: Annotated[int, _is("the number of files of the deployment")]
    changes: Annotated[tuple[FileChangeForm, ...], _is("files that changed, or would change")]
    notes: Annotated[tuple[str, ...], _is("reasons that would stop `render`, with `--check` and `--diff`")]
    saved: Annotated[tuple[str, ...], _is("copies of files that changed during the render")]
    error: Annotated[Failure | None, _is("the reason of `refused` and `failed`")]
