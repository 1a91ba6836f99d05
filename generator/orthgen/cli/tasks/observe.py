"""The deployment at the paths of a command line, standard input included."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.cli.options import STANDARD_INPUT
from orthgen.errors import OrthgenError
from orthgen.observed.files import text_of
from orthgen.observed.read import observe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.observed.model import ObservedDeployment

FORMS = "docs/diagnose.md lists the files and the forms of pasted texts"
# A HAR recording of a long session.
_MAX_BYTES = 64_000_000


def observe_paths(paths: Sequence[str]) -> ObservedDeployment:
    """The observed deployment. Raises `OrthgenError` for a path that does not exist, and for binary or endless input."""
    missing = next((path for path in paths if path != STANDARD_INPUT and not Path(path).exists()), None)
    if missing is not None:
        raise OrthgenError(
            f"`{missing}` does not exist", hint="name files and folders, or `-` for standard input"
        )
    return observe(paths, _standard_input() if STANDARD_INPUT in paths else "")


def _standard_input() -> str:
    """The text of standard input, up to a limit."""
    content = sys.stdin.buffer.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        hint = "write it into a file, or pipe the part that matters"
        raise OrthgenError(f"standard input is larger than {_MAX_BYTES // 1_000_000} MB", hint=hint)
    text, _ = text_of(content)
    if text is None:
        raise OrthgenError("standard input is binary", hint=FORMS)
    return text
