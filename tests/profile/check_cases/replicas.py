"""Profiles that the checks of orthgen.profile.checks.replicas complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("readers-without-postgresql", {"archive": "{replicas: {readers: 2}, storage: {database: sqlite}}"}, "readers", "remove `replicas`"),
    ("useless-autoscaler", {"archive": "{replicas: {readers: 4}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {autoscaler: {max-readers: 4}}}"}, "4", "above 4"),
    ("useless-autoscaler", {"deployment": "{tls: {own-authority: {}}, kubernetes: {autoscaler: {max-readers: 4}}}"}, "4", "readers: 1"),
]  # fmt: skip
