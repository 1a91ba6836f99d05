"""The JSON of `orthgen first-sign-in`."""

from __future__ import annotations

from typing import Annotated

from orthgen.formats.json_form import Form
from orthgen.formats.json_form import described as _is


class FirstAccountForm(Form, frozen=True):
    """One account with its first password."""

    user_name: Annotated[str, _is("the user name")]
    password: Annotated[str, _is("the password, for one sign-in")]
    roles: Annotated[tuple[str, ...], _is("the roles")]


class FirstSignInForm(Form, frozen=True):
    """`first-sign-in`, on a terminal only"""

    address: Annotated[str, _is("the page to open")]
    accounts: Annotated[tuple[FirstAccountForm, ...], _is("the accounts")]
