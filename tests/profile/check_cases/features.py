"""Profiles that the checks of orthgen.profile.checks.features complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import HTTPS, Case

CASES: list[Case] = [
    ("release-too-old", {"release": '"26.7"', "archive": "{replicas: {readers: 2}}"}, "2", 'write `release: "26.8"`'),
    ("release-with-known-weakness", {"release": '"26.4"'}, "26.4", 'take `release: "26.8"`'),
    ("unknown-release", {"release": '"26.9"'}, "26.9", "did you mean"),
    (
        "release-too-old",
        {"release": '"25.8"', "archive": "{worklists: true}"},
        "true",
        'write `release: "26.8"`',
    ),
    (
        "release-too-old",
        {"release": '"25.8"', "roles": "{reader: {can: [worklists], collections: all}}"},
        "worklists",
        "take a later release",
    ),
    (
        "release-too-new",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, choices: [7d]}", "roles": "{r: {can: [share], collections: all}}"},
        "choices",
        "remove `choices`",
    ),
    ("untranslated-language", {"institution": HTTPS[:-1] + ", languages: [tlh]}"}, "tlh", "translated: "),
]  # fmt: skip
