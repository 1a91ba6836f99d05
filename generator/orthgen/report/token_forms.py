"""The JSON of `orthgen check-token`."""

from __future__ import annotations

from typing import Annotated

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class RuleForm(Form, frozen=True):
    """One rule of the auth-service."""

    rule: Annotated[str, _is("the rule")]
    holds: Annotated[bool, _is("whether the token meets the rule")]
    found: Annotated[str, _is("what the token has")]
    look_at: Annotated[str | None, _is("the setting that breaks the rule")]


class TokenForm(Form, frozen=True):
    """`check-token`"""

    understood: Annotated[bool, _is("whether every rule holds")]
    rules: Annotated[tuple[RuleForm, ...], _is("every rule")]
