"""Comparison of a component's version with a minimum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import at_least

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment


def has_version(deployment: Deployment, component: str, version: str) -> bool:
    """Whether the release carries the component in that version or a newer one."""
    return at_least(deployment.release.components.get(component, "0"), version)
