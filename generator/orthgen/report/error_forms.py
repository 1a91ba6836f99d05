"""JSON forms of errors: a finding of a profile, a validation, the failure of a command."""

from __future__ import annotations

from typing import Annotated

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class PlaceForm(Form, frozen=True):
    """Another place that belongs to a finding."""

    message: Annotated[str, _is("what the place says")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]


class ProfileFindingForm(Form, frozen=True):
    """One error or warning at its place."""

    id: Annotated[str, _is("the id, as docs/findings.md explains it")]
    severity: Annotated[str, _is("`error` or `warning`")]
    message: Annotated[str, _is("the problem")]
    remedy: Annotated[str, _is("what to do")]
    file: Annotated[str, _is("the file")]
    line: Annotated[int, _is("the line, from 1")]
    column: Annotated[int, _is("the column, from 1")]
    path: Annotated[tuple[str | int, ...], _is("the keys that lead to the place")]
    related: Annotated[tuple[PlaceForm, ...], _is("other places")]
    silenced: Annotated[str | None, _is("the reason with which the profile silences it")]


class Failure(Form, frozen=True):
    """Why a command could not do its work."""

    message: Annotated[str, _is("the reason")]
    hint: Annotated[str | None, _is("what to do")]
    paths: Annotated[tuple[str, ...], _is("files that prevent it")] = ()
    findings: Annotated[tuple[ProfileFindingForm, ...], _is("every error and warning that explains it")] = ()


class ErrorForm(Form, frozen=True):
    """Any command that fails, with `--format json`"""

    error: Annotated[Failure, _is("the failure")]
    exit_code: Annotated[int, _is("the exit code of the command")]


class ValidatedProfileForm(Form, frozen=True):
    """One profile."""

    profile: Annotated[str, _is("the profile's path")]
    valid: Annotated[bool, _is("whether it has no error")]
    error: Annotated[str | None, _is("the reason, if it is not valid")]
    release: Annotated[str | None, _is("the release, if the profile names one that exists")]
    expectations: Annotated[int, _is("the number of expectations that hold")]
    findings: Annotated[tuple[ProfileFindingForm, ...], _is("errors and warnings, silenced ones included")]


class ValidationForm(Form, frozen=True):
    """`validate`"""

    valid: Annotated[bool, _is("whether every profile is valid")]
    profiles: Annotated[tuple[ValidatedProfileForm, ...], _is("the profiles")]
