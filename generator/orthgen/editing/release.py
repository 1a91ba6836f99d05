"""Another release in the profile, in the file that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.catalogue import load
from orthgen.editing.profiles import SECTIONS, Edit, chains_with, file_edits
from orthgen.formats.yaml_edits import insert, rename

if TYPE_CHECKING:
    from orthgen.editing.profiles import Chain

_PATH = ("release",)


def change_release(chain: Chain, release: str) -> tuple[Edit, list[Chain]]:
    """The edit that writes `release` into the profile, and the profiles that get it with it."""
    load(release)  # raises OrthgenError where there is no such release
    owner = chain.owner(_PATH)
    document = owner or chain.documents[0]
    text = (
        insert(document, _PATH, release, SECTIONS)
        if owner is None
        else rename(document, {}, {_PATH: release})
    )
    files = file_edits({document.file: (document, text)})
    message = f"`release: {release}`" + ("" if files else " is in the profile already")
    return Edit(files, message), chains_with(chain, document)
