"""Profiles that the checks of orthgen.profile.checks.links complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("long-share-link", {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, expires-after: 400d}", "roles": "{r: {can: [share], collections: all}}"}, "400d", "a shorter time"),
    ("long-share-link", {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, at-most: 400d}", "roles": "{r: {can: [share], collections: all}}"}, "400d", "a shorter time"),
    (
        "instant-link-never-ends",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, instant-links: 0}", "roles": "{r: {can: [share], collections: all}}"},
        "0",
        "`1h`",
    ),
    (
        "share-link-never-ends",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, expires-after: 0}", "roles": "{r: {can: [share], collections: all}}"},
        "0",
        "write `expires-after: 90d`",
    ),
    (
        "link-outlives-limit",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, expires-after: 30d, at-most: 7d}", "roles": "{r: {can: [share], collections: all}}"},
        "30d",
        "raise `at-most`",
    ),
]  # fmt: skip
