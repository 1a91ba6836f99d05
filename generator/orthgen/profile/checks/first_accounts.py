"""Checks of the first accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext


DUPLICATE_EMAIL = Rule(
    "duplicate-email",
    Severity.ERROR,
    summary="Two first accounts have one e-mail address. In a realm of Keycloak each account has an address of its own, "
    "small and capital letters alike, so that the realm could not be imported.",
    remedy="Write the address of each person, or one account for a shared address.",
    example="""
        identity:
          sign-in:
            - accounts:
                people:
                  ada: {name: Ada Lovelace, email: info@example.org, roles: [staff]}
                  mary: {name: Mary Somerville, email: Info@example.org, roles: [staff]}
    """,
)


def people_have_addresses_of_their_own(context: CheckContext) -> Iterator[Finding]:
    """No two first accounts share an e-mail address."""
    owners: dict[str, str] = {}
    for index, method in enumerate(context.profile.identity.sign_in):
        people = method.accounts.people if method.accounts is not None else {}
        for name, person in people.items():
            owner = owners.setdefault(person.email.casefold(), name)
            if owner != name:
                path = ("identity", "sign-in", index, "accounts", "people", name, "email")
                message = f"`{person.email}` is the address of `{owner}` already"
                hint = "write another address: Keycloak takes each for one account only"
                yield context.finding(DUPLICATE_EMAIL, path, message, hint)
