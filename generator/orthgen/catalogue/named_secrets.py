"""
File names of secrets for any key of Orthanc's configuration, below /run/secrets.

The image cuts the name at `__` into keys and each key at `_` into words; of a word it keeps the first letter and makes
the others small (orthanc-builder 25.8.2 to 26.8.1, docker/orthanc/configurator.py and helpers.py). So any key can be
written that has no `_`, dot or slash: a word ends before each capital letter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = r"(?s).[^A-Z]*"
_CUT = r"[_./]"


def secret_file(path: Sequence[str]) -> str | None:
    """The name of the file that the image reads the key at `path` from; None where it cannot name the key."""
    if any(not part or re.search(_CUT, part) or not part.isascii() for part in path):
        return None
    return "ORTHANC__" + "__".join("_".join(map(_shown, re.findall(_WORD, part))) for part in path)


def _shown(word: str) -> str:
    """In capitals, as the image's own names are; a word that begins small stays small."""
    return word.upper() if word[0].isupper() else word
