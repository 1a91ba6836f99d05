"""The language of a text that a deployment has in one language only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_DEFAULT = "en"


def first_available(languages: Iterable[str], available: Container[str]) -> str:
    """The first of an institution's languages, without its region, that there are texts in; English where there is none."""
    primary = (language.partition("-")[0].lower() for language in languages)
    return next((language for language in primary if language in available), _DEFAULT)
