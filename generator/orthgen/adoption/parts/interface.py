"""`interface`: what Orthanc Explorer 2 looks like, where orthgen has a word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.profile_values import plain_text, whole_number

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment

_EXPLORER = "OrthancExplorer2"
_OPTIONS = (_EXPLORER, "UiOptions")
_SEARCH: dict[Any, str] = {"search-button": "button"}
_BEFORE_SEARCH: dict[Any, str] = {"empty": "nothing"}
_DEFAULT_MOST_STUDIES = 100


def state_interface(original: OriginalDeployment, draft: Draft) -> None:
    """State title, colours, and how people search."""
    title = plain_text(original.get(_EXPLORER, "CustomTitle"))
    if title and title != draft.get(("institution", "name")):
        draft.state(("interface", "title"), title, original.at(_EXPLORER, "CustomTitle"))
    if original.get(_EXPLORER, "Theme") == "dark":
        draft.state(("interface", "theme"), "dark", original.at(_EXPLORER, "Theme"))
    for name, key, words in (
        ("search", "StudyListSearchMode", _SEARCH),
        ("before-search", "StudyListContentIfNoSearch", _BEFORE_SEARCH),
    ):
        value = original.get(*_OPTIONS, key)
        if isinstance(value, str) and value in words:
            draft.state(("interface", name), words[value], original.at(*_OPTIONS, key))
    most = whole_number(original.get(*_OPTIONS, "MaxStudiesDisplayed"))
    if most is not None and most != _DEFAULT_MOST_STUDIES and 1 <= most <= 10_000:
        draft.state(("interface", "most-studies"), most, original.at(*_OPTIONS, "MaxStudiesDisplayed"))
