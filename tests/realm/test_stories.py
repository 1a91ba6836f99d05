"""Every story, in memory; tests/real/test_keycloak_stories.py tells them to a real Keycloak."""

from __future__ import annotations

import pytest

from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.stories import STORIES, tell


@pytest.mark.parametrize("story", STORIES)
def test_a_story_goes_as_written(story: str) -> None:
    """Each step of the story has the plan that is written down for it, and leaves nothing to do."""
    tell(story, FakeKeycloak(), story.replace("_", "-"))
