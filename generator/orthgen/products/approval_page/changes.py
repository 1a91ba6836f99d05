"""Changes since the last approval, as rows: renamed things, then gains, then losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.authz.policy import PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.authz.difference import Renamed, RightsDifference
    from orthgen.products.access_page.languages.words import AccessTexts
    from orthgen.products.approval_page.languages.words import ApprovalTexts


class Changes(Struct, frozen=True):
    """Differences from an earlier state; `since` names that state: a file or a revision."""

    since: str
    differences: tuple[RightsDifference, ...]
    renamed: Renamed


class ChangeRow(Struct, frozen=True):
    """A change: the word for its kind, the person or collection, the right; `gained` is None for a new name."""

    word: str
    who: str
    what: str
    gained: bool | None = None


def change_rows(changes: Changes, texts: ApprovalTexts, words: AccessTexts) -> tuple[ChangeRow, ...]:
    """The rows of all changes."""
    return (
        *_names(changes.renamed, texts),
        *_rights(changes, gained=True, texts=texts, words=words),
        *_rights(changes, gained=False, texts=texts, words=words),
    )


def _names(renamed: Renamed, texts: ApprovalTexts) -> Iterator[ChangeRow]:
    for names in (renamed.roles, renamed.collections):
        for old, new in names.items():
            yield ChangeRow(texts.is_called, new, texts.formerly.format(name=old))


def _rights(
    changes: Changes, *, gained: bool, texts: ApprovalTexts, words: AccessTexts
) -> Iterator[ChangeRow]:
    for difference in changes.differences:
        if difference.gained is gained:
            principal = difference.principal
            is_role = principal.kind is PrincipalKind.ROLE
            who = principal.title if is_role else words.principals[principal.name]
            word = texts.gains if gained else texts.loses
            yield ChangeRow(word, who, _right(difference, words), gained)


def _right(difference: RightsDifference, words: AccessTexts) -> str:
    """`view on cardio (in part)`."""
    action, place = difference.action, difference.place
    text = action.name
    if action.per_study:
        text = f"{text} {words.on.format(places=place.title if place.name else words.of_no_collection)}"
    if not difference.by:
        return text
    by = words.in_part if difference.by == action.name else words.by.format(action=difference.by)
    return f"{text} ({by})"
