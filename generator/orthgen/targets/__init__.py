"""Deployment targets by name; the first is the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.targets.compose import COMPOSE
from orthgen.targets.kubernetes import KUBERNETES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.targets.base import Target

TARGETS: Mapping[str, Target] = {target.name: target for target in (COMPOSE, KUBERNETES)}
