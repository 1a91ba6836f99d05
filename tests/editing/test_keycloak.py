"""Keycloak follows `orthgen rename role`: the role keeps its id, and so its holders."""

from __future__ import annotations

from pathlib import Path

from orthgen.rendering.pipeline import resolve_profile
from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.builders import PROFILES
from tests.support.command import orthgen
from tests.support.provisioning import labels, plan, provision


def test_the_realms_role_is_renamed(tmp_path: Path) -> None:
    """The plan renames one role, and deletes and creates none; afterwards nothing is left to do."""
    profile = tmp_path / "paradim.yaml"
    profile.write_bytes((PROFILES / "paradim.yaml").read_bytes())
    api = FakeKeycloak()
    provision(resolve_profile(str(profile))[0], api)
    outcome = orthgen("rename", "role", "paradim.yaml", "external", "guest", cwd=tmp_path)
    after = resolve_profile(str(profile))[0]
    steps = labels(plan(after, api))

    assert outcome.returncode == 0, outcome
    assert "~ realm role guest" in steps
    assert [step for step in steps if step.startswith(("+", "-")) and "realm role" in step] == []
    provision(after, api)
    assert labels(plan(after, api)) == []
