"""The JSON of `orthgen secrets`."""

from __future__ import annotations

from typing import Annotated, Literal

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class SecretForm(Form, frozen=True):
    """One secret. Never its value."""

    name: Annotated[str, _is("the file's name below `secrets/`")]
    purpose: Annotated[str, _is("the use of the secret")]
    state: Annotated[Literal["made", "kept", "missing"], _is("`missing`: a person supplies it")]


class CertificateForm(Form, frozen=True):
    """nginx's certificate from the deployment's own authority."""

    state: Annotated[Literal["made", "renewed", "kept"], _is("what happened to the certificate")]
    expires: Annotated[str, _is("its end (ISO 8601)")]
    authority: Annotated[Literal["made", "kept"], _is("`made`: browsers have to trust a new authority")]
    fingerprint: Annotated[str, _is("the authority's SHA-256 fingerprint")]


class ProblemForm(Form, frozen=True):
    """A file that containers cannot read, or should not."""

    path: Annotated[str, _is("the file")]
    message: Annotated[str, _is("the problem")]
    remedy: Annotated[str, _is("what to do")]


Direction = Literal["from", "to"]


class ComparedSecretForm(Form, frozen=True):
    """One secret, compared between the store and the files."""

    name: Annotated[str, _is("the secret's name")]
    state: Annotated[
        Literal["same", "new", "different", "missing", "invalid"],
        _is("`new`: only the source has it; `missing`: the source does not have it"),
    ]
    problem: Annotated[str, _is("the reason why the source's value cannot be this secret")]


class ExchangeForm(Form, frozen=True):
    """The exchange of secrets with a store; printed alone where nothing was written."""

    store: Annotated[str, _is("the store")]
    direction: Annotated[Direction, _is("`from`: the store is the source; `to`: the files are")]
    written: Annotated[bool, _is("whether secrets were written")]
    secrets: Annotated[tuple[ComparedSecretForm, ...], _is("every secret of the deployment")]
    superfluous: Annotated[tuple[str, ...], _is("names in the store that the profile does not need")]


class SecretsForm(Form, frozen=True):
    """`secrets`"""

    folder: Annotated[str, _is("the deployment's folder")]
    secrets: Annotated[tuple[SecretForm, ...], _is("every secret of the deployment")]
    exchange: Annotated[ExchangeForm | None, _is("with `--from` or `--to`")]
    certificate: Annotated[CertificateForm | None, _is("with `tls: {own-authority: {}}`")]
    corrected: Annotated[tuple[str, ...], _is("files whose owner and mode were corrected")]
    problems: Annotated[tuple[ProblemForm, ...], _is("files with a problem that a person has to solve")]
