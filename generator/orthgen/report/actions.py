"""The colours of actions, for files and realm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.model import Action
from orthgen.report.console import paint

if TYPE_CHECKING:
    from typing import TextIO

_STYLES = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.DELETE: "red",
    Action.ADOPT: "yellow",
    Action.RELEASE: "yellow",
}


def painted(text: str, action: Action, stream: TextIO) -> str:
    """The text in the colour of its action."""
    return paint(text, _STYLES[action], stream=stream)
