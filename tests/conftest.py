"""Fixtures and settings that every test shares."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# In CI the same examples every time: whether main is green is not a matter of luck. Elsewhere new ones each time.
# Few examples, because the suite runs often and takes under a minute; tests/real/test_properties.py takes `many`.
# No limit of seconds, because a busy machine breaks it.
settings.register_profile(
    "few",
    max_examples=20,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("many", settings.get_profile("few"), max_examples=60)
settings.load_profile("few")

# The defaults search for unreachable objects every 700 objects: of a syntax tree that lives to the end, for instance.
gc.set_threshold(100_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` accepts what is rendered now; the difference is then reviewed like code."""
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden trees below tests/golden"
    )


def pytest_collection_finish() -> None:
    """Leave what the collection made out of the garbage collector's searches, because it lives to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _nothing_waits_for_the_disk(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests lose no power: outside tests/real nothing waits until it is on the disk."""
    with pytest.MonkeyPatch.context() as patch:
        if "real" not in request.path.parts:
            patch.setattr(os, "fsync", lambda _: None)
        yield
