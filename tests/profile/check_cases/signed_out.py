"""Profiles that the checks of orthgen.profile.checks.signed_out complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("right-without-sign-in", {"signed_out": "{can: [view, settings], collections: [cardio]}"}, "settings", "give it to a role"),
    ("every-study-without-sign-in", {"signed_out": "{can: [view], collections: all}"}, "all", "`collections: [public]`"),
]  # fmt: skip
