"""Comparing the versions of a release's components."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.deployment.model import Deployment


def component(deployment: Deployment, name: str) -> tuple[int, ...]:
    """The version of a component of the release, as numbers that compare; (0,) where the release lacks it."""
    written = deployment.release.components.get(name, "0")
    return tuple(int(part) for part in written.split("."))
