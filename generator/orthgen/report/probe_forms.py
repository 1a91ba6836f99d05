"""The JSON of `orthgen verify`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class CheckForm(Form, frozen=True):
    """One check of `verify`."""

    name: Annotated[str, _is("the check")]
    weakness: Annotated[str, _is("the weakness, as docs/security.md numbers it")]
    verdict: Annotated[Literal["open", "closed", "cannot tell"], _is("the verdict")]
    asked: Annotated[str | None, _is("the request")]
    answer: Annotated[str, _is("the answer, in words")]
    why: Annotated[str, _is("why it matters")]
    closed_by: Annotated[str, _is("what closes it")]


class ProbeForm(Form, frozen=True):
    """`verify`"""

    address: Annotated[str, _is("the address of the deployment")]
    open: Annotated[int, _is("the number of open checks")]
    checks: Annotated[tuple[CheckForm, ...], _is("every check")]


class ComparisonForm(Form, frozen=True):
    """One answer of `verify --expect`."""

    who: Annotated[str, _is("the roles of the user's token, `signed-out`, `instant-link` or `share-link`")]
    topic: Annotated[str, _is("the action, or the part of the rights")]
    result: Annotated[Literal["differs", "cannot tell", "as expected"], _is("the result")]
    asked: Annotated[str, _is("the request")]
    expected: Annotated[str | None, _is("the decision of the model, or the names that it has")]
    answer: Annotated[str, _is("the answer, in words")]
    decided_at: Annotated[str | None, _is("the line of the profile or file that decides")]


class ExpectForm(Form, frozen=True):
    """`verify --expect`"""

    address: Annotated[str, _is("the address of the deployment")]
    expect: Annotated[str, _is("the profile or deployment that it was compared with")]
    differs: Annotated[int, _is("the number of answers that differ")]
    answers: Annotated[tuple[ComparisonForm, ...], _is("every answer")]


class RequestForm(Form, frozen=True):
    """`verify --list`: one object for each request, in a list."""

    request: Annotated[str, _is("the request")]
    writes: Annotated[bool, _is("whether the request has a write method")]
