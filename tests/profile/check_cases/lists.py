"""Profiles that the checks of orthgen.profile.checks.lists complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("repeated-item", {"institution": "{name: Test, url: 'http://localhost', languages: [de, en, de]}"}, "de", "remove it"),
    (
        "repeated-item",
        {"roles": "{r: {can: [view, view], collections: all, granted-by: [{group: /r}]}}"},
        "view",
        "remove it",
    ),
]  # fmt: skip
