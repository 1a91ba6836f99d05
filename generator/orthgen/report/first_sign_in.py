"""
First sign-in as text and JSON: address, user name, password, further steps.

No other report shows a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.first_sign_in_forms import FirstAccountForm, FirstSignInForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.profile.first_accounts import FirstAccount


def first_sign_in_text(
    deployment: Deployment, accounts: Sequence[FirstAccount], passwords: Mapping[str, str]
) -> str:
    """A block for each account, and the steps of the first sign-in."""
    lines = [f"Open {deployment.origin.url}{deployment.addresses.explorer_path} and sign in:"]
    for account in accounts:
        lines += [
            "",
            f"  user name  {account.user_name}",
            f"  password   {passwords[account.user_name]}",
            f"  roles      {', '.join(account.roles) or 'none'}",
        ]
    lines += ["", f"Keycloak then asks for {_first_steps(deployment, accounts)}. This password serves once."]
    return "\n".join(lines)


def first_sign_in_form(
    deployment: Deployment, accounts: Sequence[FirstAccount], passwords: Mapping[str, str]
) -> FirstSignInForm:
    """The same for JSON."""
    return FirstSignInForm(
        address=f"{deployment.origin.url}{deployment.addresses.explorer_path}",
        accounts=tuple(
            FirstAccountForm(
                user_name=account.user_name,
                password=passwords[account.user_name],
                roles=tuple(account.roles),
            )
            for account in accounts
        ),
    )


def _first_steps(deployment: Deployment, accounts: Sequence[FirstAccount]) -> str:
    requests = ["a new password"]
    if any(not account.email for account in accounts):
        requests.append("a name and an e-mail address")
    if any(
        method.accounts is not None and method.accounts.otp == "required"
        for method in deployment.profile.identity.sign_in
    ):
        requests.append("a second factor (an authenticator app on a phone)")
    return " and ".join([", ".join(requests[:-1]), requests[-1]]) if len(requests) > 1 else requests[0]
