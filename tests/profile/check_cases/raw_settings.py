"""Profiles that the checks of orthgen.profile.checks.raw_settings complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("unread-setting", {"archive": "{settings: {StableAgee: 3}}"}, "StableAgee", "use `archive.stable-after`: `StableAge` cannot be set here"),
    ("unread-setting", {"interface": "{settings: {EnableUplod: true}}"}, "EnableUplod", "EnableUpload"),
    ("wrong-kind-of-setting", {"archive": "{settings: {MetricsEnabled: yes}}"}, "MetricsEnabled", "`true` or `false`"),
    ("setting-without-effect", {"archive": "{settings: {PythonScript: /x.py}}"}, "PythonScript", "remove it"),
    ("secret-in-settings", {"archive": '{settings: {OrthancPeers: {l: {Password: "x"}}}}'}, "Password", "{secret: "),
    ("protected-setting", {"archive": "{settings: {HttpsVerifyPeers: false}}"}, "HttpsVerifyPeers", ""),
]  # fmt: skip
