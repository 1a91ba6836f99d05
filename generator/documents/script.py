"""Scripts that a container starts with: the same for every profile, but for the header."""

from __future__ import annotations

from generator.documents.artifact import Artifact
from generator.documents.header import header
from generator.documents.jinja import template_text


def script(path: str, source: str) -> Artifact:
    """The script of that path. What differs between profiles reaches it through the environment."""
    return Artifact(path, header(source) + template_text(path))
