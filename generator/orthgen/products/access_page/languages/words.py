"""The texts that ACCESS.md needs in each language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class AccessTexts(Struct, frozen=True, kw_only=True):
    """
    The words in one language.

    `actions` has what each action is, and what people should know about it; `units` the singular and the plural of
    day, hour, minute and second. What stands in braces is filled in.
    """

    title: str
    made_from: str
    purpose: str
    in_words: str
    several_roles: str
    by_collection: str
    whole_archive: str
    meanings: str
    legend: str
    worth_knowing: str
    instant_link: str
    link_reads: str
    link_saves: str
    share_link: str
    share_link_for_ever: str
    no_sharing: str
    fetches_files: str
    uploads: str
    permission_editor: str
    # Cells, headings and rows.
    yes: str
    in_part: str
    by: str
    everybody_else: str
    who: str
    everywhere: str
    collections: str
    # Parts of sentences.
    colon: str
    separator: str
    conjunction: str
    nothing: str
    on: str
    on_every_study: str
    of_that_study: str
    of_no_collection: str
    includes: str
    mind: str
    for_time: str
    for_ever: str
    units: tuple[tuple[str, str], tuple[str, str], tuple[str, str], tuple[str, str]]
    principals: Mapping[str, str]
    actions: Mapping[str, tuple[str, str]]
