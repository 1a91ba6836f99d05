"""Fixtures and settings that every test shares."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# In CI the same examples every time: whether main is green is not a matter of luck. Elsewhere new ones each time.
# Half of Hypothesis' usual number of examples, because the suite runs often and takes under a minute.
# No limit of seconds, because a busy machine breaks it.
settings.register_profile(
    "elsewhere", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("ci", settings.get_profile("elsewhere"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "elsewhere")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` accepts what is rendered now; the difference is then reviewed like code."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden trees below tests/golden"
    )


@pytest.fixture(autouse=True)
def _nothing_waits_for_the_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests lose no power: outside tests/real nothing waits until it is on the disk."""
    if "real" not in request.path.parts:
        monkeypatch.setattr(os, "fsync", lambda _: None)
