"""Texts of the page for approvers, by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.products.approval_page.languages.dutch import DUTCH
from orthgen.products.approval_page.languages.english import ENGLISH
from orthgen.products.approval_page.languages.french import FRENCH
from orthgen.products.approval_page.languages.german import GERMAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.products.approval_page.languages.words import ApprovalTexts

APPROVAL_TEXTS: Mapping[str, ApprovalTexts] = {
    texts.language: texts for texts in (ENGLISH, FRENCH, GERMAN, DUTCH)
}
