"""Profiles that the checks of orthgen.profile.checks.effects complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("key-without-effect", {"deployment": "{tls: {own-authority: {}}, compose: {memory: {ohif: 512m}}}"}, "ohif", "remove `ohif`"),
    ("key-without-effect", {"identity": "{sign-in: [accounts: {}], sessions: {idle: 5h, longest: 4h}}"}, "idle", "remove `idle`"),
]  # fmt: skip
