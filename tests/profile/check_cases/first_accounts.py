"""Profiles that the checks of orthgen.profile.checks.first_accounts complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    (
        "duplicate-email",
        {
            "identity": "{sign-in: [accounts: {people: {a: {name: A B, email: x@example.org}, b: {name: C D, email: X@example.org}}}]}"
        },
        "X@example.org",
        "one account only",
    ),
]
