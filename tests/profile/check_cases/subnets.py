"""Profiles that the checks of orthgen.profile.checks.subnets complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import SUBNETS, Case

CASES: list[Case] = [
    ("address-in-own-subnet", {"archive": "{modalities: {ct: {aet: CT, host: 10.7.0.9}}}", **SUBNETS}, "10.7.0.9", "nobody uses"),
    ("address-in-own-subnet", {"archive": "{settings: {OrthancPeers: {p: ['http://10.7.0.9/']}}}", **SUBNETS}, "http://10.7.0.9/", "nobody uses"),
    ("address-in-own-subnet", {"deployment": "{compose: {subnets: 10.7.0.0/24, bind: 10.7.0.1}}"}, "10.7.0.1", "nobody uses"),
    ("subnet-of-docker", {"deployment": "{compose: {subnets: 172.17.4.0/24}}"}, "172.17.4.0/24", "daemon.json"),
]  # fmt: skip
