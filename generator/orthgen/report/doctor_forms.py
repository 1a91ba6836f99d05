"""The JSON of `orthgen doctor`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class CheckResultForm(Form, frozen=True):
    """One result."""

    id: Annotated[str, _is("the id of the check (docs/doctor.md)")]
    status: Annotated[Literal["ok", "warning", "error", "unknown"], _is("the status")]
    message: Annotated[str, _is("what it means")]
    remedy: Annotated[str | None, _is("what to do")]


class DoctorForm(Form, frozen=True):
    """`doctor`"""

    results: Annotated[tuple[CheckResultForm, ...], _is("the results, in the order of the checks")]
