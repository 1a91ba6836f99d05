"""Terminal of the user: its detection, and prompts for secrets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.secret_source import SecretSource

if TYPE_CHECKING:
    from collections.abc import Mapping


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


def secret_source(folder: Path = Path(), references: Mapping[str, str] | None = None) -> SecretSource:
    """Secrets by name and by reference; asks only where standard input is a terminal."""
    source = SecretSource(folder, references or {})
    if not is_interactive():
        source.ask = None
    return source
