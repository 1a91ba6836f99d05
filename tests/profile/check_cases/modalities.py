"""Profiles that the checks of orthgen.profile.checks.modalities complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("wildcard-title", {"archive": '{modalities: {ct: {aet: "*", host: 10.0.0.1}}}'}, "*", "each title"),
    (
        "shared-modality-identity",
        {"archive": "{modalities: {ct: {aet: CT, host: 10.0.0.1, may: [echo]}, pc: {aet: ct, host: 10.0.0.1, may: [find]}}}"},
        "ct",
        "give one another AET than `CT`",
    ),
    ("unusable-modality-address", {"archive": "{modalities: {ct: {aet: CT, host: 224.0.0.1}}}"}, "224.0.0.1", "calls from"),
    ("unusable-modality-address", {"archive": "{modalities: {ct: {aet: CT, host: 255.255.255.255}}}"}, "255.255.255.255", "calls from"),
    ("ipv6-for-dicom", {"archive": "{modalities: {ct: {aet: CT, host: 'fd00::1'}}}"}, "fd00::1", "IPv4 address"),
    (
        "ipv6-for-dicom",
        {"archive": "{dicom: {bind: 'fd00::2'}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}"},
        "fd00::2",
        "IPv4 address of the host",
    ),
]  # fmt: skip
