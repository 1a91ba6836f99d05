"""Every example, rendered for a cluster."""

from __future__ import annotations

import pytest

from orthgen.deployment.model import Deployment
from orthgen.rendering.pipeline import resolve_profile
from tests.support.builders import EXAMPLES
from tests.support.kubernetes_objects import profile


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Each example, for a cluster."""
    return resolve_profile(profile(request.param, tmp_path_factory.mktemp("cluster")))[0]
