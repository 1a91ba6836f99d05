"""The JSON of `orthgen explain` and `orthgen decide`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class ReasonForm(Form, frozen=True):
    """One stage of a decision."""

    stage: Annotated[str, _is("the stage")]
    effect: Annotated[str, _is("`allowed`, `denied` or `passed`")]
    needed: Annotated[str, _is("what the stage needs")]
    found: Annotated[str, _is("what it found")]
    location: Annotated[str | None, _is("the line of the file that decides")]
    remedy: Annotated[str | None, _is("what would allow it")]


class DecisionForm(Form, frozen=True):
    """`explain` of a request"""

    method: Annotated[str, _is("the HTTP method")]
    path: Annotated[str, _is("the path as Orthanc receives it")]
    granted: Annotated[bool, _is("the answer")]
    denied_by: Annotated[str | None, _is("the part that denies it")]
    reasons: Annotated[tuple[ReasonForm, ...], _is("every stage, in its order")]


class AnswerForm(Form, frozen=True):
    """`explain --can`"""

    who: Annotated[str, _is("the person")]
    action: Annotated[str, _is("the action")]
    on: Annotated[str | None, _is("the collection")]
    can: Annotated[bool, _is("the answer")]
    by: Annotated[str | None, _is("another action that makes it possible")]
    requests: Annotated[tuple[DecisionForm, ...], _is("the decision on each request of the action")]


class DecideForm(Form, frozen=True):
    """`decide`: one object a line."""

    allowed: Annotated[bool, _is("the decision")]
    denied_by: Annotated[Literal["filter", "callback", "orthanc-401"] | None, _is("the part that denies it")]
    reason: Annotated[str, _is("the stage that decided, what it needed and found, and the line of the file")]
    line: Annotated[int, _is("the number of the request's line")]
