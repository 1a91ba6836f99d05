"""The profiles that `tests/profile/test_checks.py` has checked: a module for each module of checks, of the same name."""

from __future__ import annotations

from tests.profile.check_cases import (
    addresses,
    cluster,
    databases,
    effects,
    features,
    gathering,
    limits,
    links,
    modalities,
    ports,
    providers,
    raw_settings,
    references,
    replicas,
    rights,
    sessions,
    sign_in,
    signed_out,
    subnets,
)

CASES = [
    *addresses.CASES,
    *cluster.CASES,
    *databases.CASES,
    *effects.CASES,
    *features.CASES,
    *gathering.CASES,
    *limits.CASES,
    *links.CASES,
    *modalities.CASES,
    *ports.CASES,
    *providers.CASES,
    *raw_settings.CASES,
    *references.CASES,
    *replicas.CASES,
    *rights.CASES,
    *sessions.CASES,
    *sign_in.CASES,
    *signed_out.CASES,
    *subnets.CASES,
]
