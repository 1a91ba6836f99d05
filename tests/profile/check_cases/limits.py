"""Profiles that the checks of orthgen.profile.checks.limits complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    (
        "right-beyond-collections",
        {"roles": "{reader: {can: [view, upload], collections: [cardio]}}"},
        "upload",
        "`beyond-collections: [upload]`",
    ),
    (
        "api-view-for-limited-role",
        {"roles": "{reader: {can: [api-view], collections: [cardio]}}"},
        "api-view",
        "remove it",
    ),
    (
        "merged-roles",
        {"roles": "{reader: {can: [view], collections: all}, fetcher: {can: [download], collections: [cardio]}}"},
        "download",
        "never grant both to one person",
    ),
]  # fmt: skip
