"""The first accounts of a deployment, with their passwords."""

from __future__ import annotations

import sys
from pathlib import Path

from orthgen.deployment.naming import first_password
from orthgen.errors import OrthgenError
from orthgen.rendering.pipeline import resolve_rendered
from orthgen.report.console import Console
from orthgen.report.first_sign_in import first_sign_in_form, first_sign_in_text
from orthgen.report.json_text import json_text
from orthgen.workspace.secret_files import FOLDER, read_secret


def show_first_accounts(profile: str, folder: Path, output: str) -> None:
    """Show address, user names and passwords. Raises `OrthgenError` where standard output is not a terminal."""
    deployment, _ = resolve_rendered(profile, folder)
    accounts = [account for account in deployment.first_accounts if account.password is None]
    if not accounts:
        raise OrthgenError(
            f"`{profile}` has no account with a password that orthgen makes",
            hint="people sign in with the accounts of their institution, or with passwords that somebody supplied",
        )
    # A missing file is the first thing to say: without it, no terminal shows a password.
    passwords = {
        account.user_name: read_secret(folder, first_password(account.user_name)) for account in accounts
    }
    if not sys.stdout.isatty():
        names = ", ".join(f"`{folder / FOLDER / first_password(name)}`" for name in passwords)
        raise OrthgenError(
            "standard output is not a terminal, and a password does not belong in a file or a log",
            hint=f"run it in a terminal; the passwords are in {names}",
        )
    Console().say(
        json_text(first_sign_in_form(deployment, accounts, passwords))
        if output == "json"
        else first_sign_in_text(deployment, accounts, passwords)
    )
