"""Texts of ACCESS.md, by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.access_page.languages.dutch import DUTCH
from orthgen.products.access_page.languages.english import ENGLISH
from orthgen.products.access_page.languages.french import FRENCH
from orthgen.products.access_page.languages.german import GERMAN
from orthgen.products.languages import first_available

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.products.access_page.languages.words import AccessTexts

TEXTS: Mapping[str, AccessTexts] = {"en": ENGLISH, "fr": FRENCH, "de": GERMAN, "nl": DUTCH}


def texts_for(languages: Sequence[str]) -> AccessTexts:
    """The words in the first of the languages that there are words for; in English where there is none."""
    return TEXTS[first_available(languages, TEXTS)]
