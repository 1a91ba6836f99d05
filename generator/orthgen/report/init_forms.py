"""The JSON of `orthgen init`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class InitFileForm(Form, frozen=True):
    """One file of the repository."""

    path: Annotated[str, _is("the path below the folder")]
    action: Annotated[Literal["created", "kept"], _is("`kept`: the file existed, and was not changed")]


class InitForm(Form, frozen=True):
    """`init`"""

    folder: Annotated[str, _is("the folder of the repository")]
    profile: Annotated[str, _is("the name of the profile's file")]
    files: Annotated[tuple[InitFileForm, ...], _is("the files; none if the folder had a profile already")]
    next: Annotated[tuple[str, ...], _is("the next command lines")]
