"""Start scripts of containers: the same for every profile, except for the header."""

from __future__ import annotations

from orthgen.formats.templates import template_text
from orthgen.products.artifact import Artifact
from orthgen.products.header import header


def script(path: str, source: str) -> Artifact:
    """The script of that path. What differs between profiles reaches it through the environment."""
    return Artifact(path, header(source) + template_text(path))
