"""`interface`: what Orthanc Explorer 2 looks like, where orthgen has a word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.profile_values import plain_text, whole_number

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.subject import Subject

_EXPLORER = "OrthancExplorer2"
_OPTIONS = (_EXPLORER, "UiOptions")
_SEARCH: dict[Any, str] = {"search-button": "button"}
_BEFORE_SEARCH: dict[Any, str] = {"empty": "nothing"}
_DEFAULT_MOST_STUDIES = 100


def state_interface(subject: Subject, draft: Draft) -> None:
    """State title, colours, and how people search."""
    title = plain_text(subject.get(_EXPLORER, "CustomTitle"))
    if title and title != draft.get(("institution", "name")):
        draft.state(("interface", "title"), title, subject.at(_EXPLORER, "CustomTitle"))
    if subject.get(_EXPLORER, "Theme") == "dark":
        draft.state(("interface", "theme"), "dark", subject.at(_EXPLORER, "Theme"))
    for name, key, words in (
        ("search", "StudyListSearchMode", _SEARCH),
        ("before-search", "StudyListContentIfNoSearch", _BEFORE_SEARCH),
    ):
        value = subject.get(*_OPTIONS, key)
        if isinstance(value, str) and value in words:
            draft.state(("interface", name), words[value], subject.at(*_OPTIONS, key))
    most = whole_number(subject.get(*_OPTIONS, "MaxStudiesDisplayed"))
    if most is not None and most != _DEFAULT_MOST_STUDIES and 1 <= most <= 10_000:
        draft.state(("interface", "most-studies"), most, subject.at(*_OPTIONS, "MaxStudiesDisplayed"))
