"""`inbox`: the page on which outsiders hand studies in."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import plain_text, truth

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment

_INBOX = ("OrthancExplorer2", "Inbox")
_OWN_ADDRESSES = ("inbox/commit", "inbox/progress")
_TAG = re.compile(r"<[^>]*>")


def state_inbox(original: OriginalDeployment, draft: Draft) -> None:
    """State the inbox where it is enabled, and note the program behind it."""
    if truth(original.get(*_INBOX, "Enable")) is not True:
        return
    title = plain_text(original.get(*_INBOX, "Title")) or "Hand a study in"
    draft.state(("inbox", "title"), title, original.at(*_INBOX, "Title"))
    markup = original.get(*_INBOX, "IntroTextHtml")
    text = plain_text(unescape(_TAG.sub(" ", markup))) if isinstance(markup, str) else ""
    if text:
        draft.state(("inbox", "introduction"), text, original.at(*_INBOX, "IntroTextHtml"))
    if truth(original.get(*_INBOX, "EnableAnonymousAccess")):
        draft.state(("inbox", "anonymous"), True, original.at(*_INBOX, "EnableAnonymousAccess"))
    if original.get(*_INBOX, "FormFields"):
        draft.note(
            NoteKind.LEFT_OUT,
            "the inbox asks for further fields (`FormFields`)",
            "the profile has no word for them; the page takes files alone",
            original.at(*_INBOX, "FormFields"),
        )
    programs = [
        key
        for key in ("CommitUrl", "ProcessingMonitoringUrl")
        if original.get(*_INBOX, key) not in (None, *_OWN_ADDRESSES)
    ]
    if programs:
        draft.note(
            NoteKind.LEFT_OUT,
            "a program processes what the inbox receives",
            "nginx answers the page in its place, and nothing follows an upload; let the program look at `/changes`",
            *(original.at(*_INBOX, key) for key in programs),
        )
