"""The JSON of `orthgen rotate`."""

from __future__ import annotations

from typing import Annotated

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class RotationForm(Form, frozen=True):
    """`rotate`: a list of these"""

    name: Annotated[str, _is("the secret's name")]
    purpose: Annotated[str, _is("the use of the secret")]
    before: Annotated[tuple[str, ...], _is("what a person does first")]
    product: Annotated[str, _is("what orthgen changes in a running product; may be empty")]
    restarts: Annotated[tuple[str, ...], _is("the services that start again")]
    after: Annotated[tuple[str, ...], _is("what a person does last")]
    interrupted: Annotated[str, _is("what does not work meanwhile")]
    noticed: Annotated[str, _is("the people who notice it")]
