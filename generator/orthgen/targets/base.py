"""Interface of a deployment target: its name, and the files that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.deployment.model import Deployment
    from orthgen.products.artifact import Artifact


class Target(Struct, frozen=True):
    """
    A target: `render` gives every file of a deployment, in the order in which people read about them.

    `describe` gives files that are not written: they say what a command does later, and are checked with the others.
    """

    name: str
    summary: str
    render: Callable[[Deployment], tuple[Artifact, ...]]
    describe: Callable[[Deployment], tuple[Artifact, ...]] = lambda _: ()
