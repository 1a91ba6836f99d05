"""The JSON of `orthgen diagnose`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is
from orthgen.report.error_forms import PlaceForm


class SourceForm(Form, frozen=True):
    """One file, or a part of a pasted text."""

    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("its first line")]
    kind: Annotated[str, _is("the kind that was recognised")]
    complete: Annotated[bool, _is("false: an excerpt, so that missing keys mean nothing")]


class FindingForm(Form, frozen=True):
    """One finding about a deployment."""

    id: Annotated[str, _is("the id, as docs/findings.md lists it")]
    severity: Annotated[Literal["error", "warning", "note"], _is("the severity")]
    confidence: Annotated[
        Literal["certain", "likely"], _is("`likely`: a part that was not in the input could explain it")
    ]
    message: Annotated[str, _is("the problem")]
    consequence: Annotated[str | None, _is("the effect on people")]
    remedy: Annotated[str, _is("what to do")]
    replacement: Annotated[str | None, _is("the exact text to write instead, if it is certain")]
    change: Annotated[
        Literal["value", "name", "directive", "addition"] | None,
        _is(
            "the text that `replacement` takes the place of: the value, the name or the directive at the place; `addition`: none, it "
            "is a new entry there"
        ),
    ]
    replaced: Annotated[str | None, _is("the part of the value that `replacement` replaces; null: all of it")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    related: Annotated[tuple[PlaceForm, ...], _is("other places that belong to the finding")]
    silenced: Annotated[str | None, _is("the reason with which it is accepted")]


class StatementForm(Form, frozen=True):
    """One statement with its evidence."""

    text: Annotated[str, _is("the sentences")]
    location: Annotated[str | None, _is("the place that shows it: `FILE:LINE:COLUMN`")]


class ReasonStepForm(Form, frozen=True):
    """One step of an explanation."""

    title: Annotated[str, _is("the part of the stack")]
    statements: Annotated[tuple[StatementForm, ...], _is("the sentences")]


class RefusalForm(Form, frozen=True):
    """One refused request with the reasons."""

    method: Annotated[str, _is("the HTTP method")]
    path: Annotated[str, _is("the path and query, without tokens")]
    status: Annotated[int, _is("401 or 403")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    alike: Annotated[int, _is("the number of further requests that differ in ids only")]
    refused_by: Annotated[str, _is("the part that refused")]
    steps: Annotated[tuple[ReasonStepForm, ...], _is("the chain of reasons")]
    remedies: Annotated[tuple[str, ...], _is("what to do, the best first")]


class AnsweredForm(Form, frozen=True):
    """One question of a pasted text with its answer."""

    question: Annotated[str, _is("the question")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    statements: Annotated[tuple[StatementForm, ...], _is("the answer")]


class DiagnosisForm(Form, frozen=True):
    """`diagnose`"""

    read: Annotated[tuple[SourceForm, ...], _is("the parts that were read, and the kind of each")]
    unseen: Annotated[tuple[str, ...], _is("information that was not in the input")]
    findings: Annotated[tuple[FindingForm, ...], _is("the findings, the most severe first")]
    refusals: Annotated[tuple[RefusalForm, ...], _is("why requests were refused")]
    answers: Annotated[tuple[AnsweredForm, ...], _is("answers to questions in the text")]
    profile: Annotated[str | None, _is("a profile with which a refused upload is allowed (YAML)")]
