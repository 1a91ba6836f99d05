"""Interface of a deployment target: its name, and the files that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact


class Target(Struct, frozen=True):
    """A target: `render` gives every file of a deployment, in the order in which people read about them."""

    name: str
    summary: str
    render: Callable[[Deployment], tuple[Artifact, ...]]
