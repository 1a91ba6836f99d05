"""The text that a person reads when orthgen refuses a profile."""

from __future__ import annotations

import io

import pytest

from orthgen.errors import ProfileError
from orthgen.profile.load import load
from orthgen.report.error import error_text


def text_of(content: str | bytes) -> str:
    """What an author reads about a profile with this content."""
    written = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(ProfileError) as caught:
        load("p.yaml", read=lambda _: written)
    return error_text(caught.value, io.StringIO())
