"""The colours of actions, for files and realm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.changes.model import ChangeAction
from orthgen.report.console import paint

if TYPE_CHECKING:
    from typing import TextIO

_STYLES = {
    ChangeAction.CREATE: "green",
    ChangeAction.UPDATE: "yellow",
    ChangeAction.DELETE: "red",
    ChangeAction.ADOPT: "yellow",
    ChangeAction.RELEASE: "yellow",
}


def painted(text: str, action: ChangeAction, stream: TextIO) -> str:
    """The text in the colour of its action."""
    return paint(text, _STYLES[action], stream=stream)
