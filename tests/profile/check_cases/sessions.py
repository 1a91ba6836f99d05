"""Profiles that the checks of orthgen.profile.checks.sessions complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("session-ends-during-work", {"identity": "{sign-in: [accounts: {}], sessions: {access-token: 31m}}"}, "31m", "make it shorter than `idle`"),
    ("long-session", {"identity": "{sign-in: [accounts: {}], sessions: {access-token: 2h, idle: 3h}}"}, "2h", "write `1h` at most"),
    ("long-session", {"identity": "{sign-in: [accounts: {}], sessions: {idle: 2d, longest: 3d}}"}, "2d", "write `1d` at most"),
    ("long-session", {"identity": "{sign-in: [accounts: {}], sessions: {longest: 60d}}"}, "60d", "write `31d` at most"),
    ("public-admin-console", {"identity": "{sign-in: [accounts: {}], keycloak: {admin-console: true}}"}, "true", "`local-port: 8081`"),
    ("short-session", {"identity": "{sign-in: [accounts: {}], sessions: {access-token: 59s}}"}, "59s", "`1m` or more"),
]  # fmt: skip
