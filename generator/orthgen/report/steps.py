"""Progress of provisioning: its steps, a number for the rest of many, and the time of waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.report.plan import step_text

if TYPE_CHECKING:
    from orthgen.changes.model import Change
    from orthgen.report.console import Console

_MAX_LISTED_STEPS = 10


class StepsView:
    """Tells each step; of many of one kind in a row, the first ones and how many followed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._kind = ("", "")
        self._count = 0
        self.done = 0
        """The number of steps so far."""

    def tell(self, change: Change) -> None:
        """One step that was just done."""
        self.done += 1
        kind, _, _ = change.address
        if (change.action.symbol, kind) != self._kind:
            self.end()
            self._kind = (change.action.symbol, kind)
        self._count += 1
        if self._count <= _MAX_LISTED_STEPS:
            self._console.tell(step_text(change, self._console.err))

    def tell_waiting(self, seconds: float) -> None:
        """Keycloak is still at work."""
        self._console.tell(f"Keycloak is working ({seconds:.0f} s so far; `--timeout` sets the limit)")

    def end(self) -> None:
        """Say how many followed those that were told."""
        if self._count > _MAX_LISTED_STEPS:
            symbol, kind = self._kind
            self._console.tell(f"{symbol} {self._count - _MAX_LISTED_STEPS} more {kind}s")
        self._count = 0
