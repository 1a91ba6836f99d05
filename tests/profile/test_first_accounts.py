"""Somebody can sign in to a new deployment, whatever the profile leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from orthgen.profile.first_accounts import first_accounts
from tests.support.builders import example, make_deployment, make_profile

ROLES = """
reader: {can: [view], collections: all}
staff: {can: [everything], collections: [cardio]}
boss: {can: [everything], collections: all}
second: {can: [everything], collections: all}
"""


def names(**changes: Any) -> list[str]:
    """The user names of the first accounts of the small profile with `changes`."""
    return [account.user_name for account in first_accounts(make_profile(**changes))]


def test_the_smallest_profile_has_one_administrator() -> None:
    """`profiles/minimal.yaml` names nobody; its only role is held by `admin`, whose password orthgen makes."""
    deployment = example("minimal.yaml")

    (account,) = deployment.first_accounts
    assert (account.user_name, account.roles, account.password) == ("admin", ("staff",), None)
    assert "first-password-admin" in {secret.name for secret in deployment.secrets if secret.origin == "made"}


def test_the_administrator_holds_the_widest_role() -> None:
    """Everything on every study goes before everything on some; of two alike the first one counts."""
    (account,) = first_accounts(make_profile(roles=ROLES))

    assert account.roles == ("boss",)


@pytest.mark.parametrize(
    ("changes", "accounts"),
    [
        pytest.param(
            {"identity": "{sign-in: [accounts: {people: {ann: {name: A B, email: a@b.org}}}]}"},
            ["ann"],
            id="somebody is named",
        ),
        pytest.param(
            {"roles": "{reader: {can: [view], collections: all, granted-by: [{group: /readers}]}}"},
            [],
            id="a rule grants a role",
        ),
        pytest.param(
            {
                "identity": "{sign-in: [accounts: {}, ldap: {url: 'ldaps://d', bind-dn: x, "
                "bind-password: {secret: b}, users-dn: dc=y}]}"
            },
            [],
            id="there is another way of signing in",
        ),
        pytest.param(
            {
                "identity": "{sign-in: [accounts: {}], keycloak: {server: 'https://sso.example.org', "
                "manage: clients-and-roles}}"
            },
            [],
            id="the realm belongs to others",
        ),
    ],
)
def test_nobody_is_added_where_somebody_gets_in(changes: dict[str, str], accounts: list[str]) -> None:
    """The administrator is for profiles that would otherwise lock everybody out."""
    assert names(**changes) == accounts


def test_a_supplied_password_is_not_made() -> None:
    """`password: {secret: x}` is supplied by a person; without it orthgen makes the secret of a fixed name."""
    people = (
        "{ann: {name: A B, email: a@b.org}, bob: {name: B C, email: b@b.org, password: {secret: bobs-first}}}"
    )
    deployment = make_deployment(identity=f"{{sign-in: [accounts: {{people: {people}}}]}}")

    origins = {secret.name: secret.origin for secret in deployment.secrets}
    assert (origins["first-password-ann"], origins["bobs-first"]) == ("made", "given")
    assert "first-password-bob" not in origins
