"""`sharing`: the links for people who do not sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import time_span, truth, whole_number
from orthgen.catalogue import at_least
from orthgen.profile.sharing import INSTANT_LINK_SECONDS
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment

_DAY = 86400
_EXPLORER = "OrthancExplorer2"
_OPTIONS, _TOKENS = (_EXPLORER, "UiOptions"), (_EXPLORER, "Tokens")
# Explorer 2's own (1.9.0 to 1.14.1).
_SHARE_TYPE, _SHARE_DAYS = "stone-viewer-publication", 15


def state_sharing(original: OriginalDeployment, draft: Draft) -> None:
    """State the viewer and the lives of share links, where people can make some."""
    if truth(original.get(*_OPTIONS, "EnableShares")) is not True:
        return
    kind = original.get(*_TOKENS, "ShareType") or _SHARE_TYPE
    place = original.at(
        *(path if original.settings.has(*(path := (*_TOKENS, "ShareType"))) else (*_OPTIONS, "EnableShares"))
    )
    viewer = next((viewer.name for viewer in VIEWERS if viewer.share_type == kind), None)
    if viewer is None or not draft.has(("viewers", viewer)):
        draft.note(
            NoteKind.LEFT_OUT,
            f"share links open `{kind}`" + (", whose viewer the deployment does not have" if viewer else ""),
            "nobody can share until `sharing: {viewer: …}` names one of the profile's viewers",
            place,
        )
        return
    draft.state(("sharing", "viewer"), viewer, place)
    _state_lives(original, draft)
    _state_longest(original, draft, str(kind))
    if truth(original.get(*_OPTIONS, "EnableSharesByEmail")):
        draft.note(
            NoteKind.LEFT_OUT,
            "Explorer 2 sends share links by e-mail",
            "the profile has no word for the auth-service's mails: people copy the link into a mail of their own",
            original.at(*_OPTIONS, "EnableSharesByEmail"),
        )
    instant = whole_number(original.get(*_TOKENS, "InstantLinksValidity"))
    if instant is not None and instant != INSTANT_LINK_SECONDS:
        draft.state(
            ("sharing", "instant-links"), time_span(instant), original.at(*_TOKENS, "InstantLinksValidity")
        )
    if original.auth_service is not None and original.variable("PUBLIC_LANDING_ROOT") is None:
        draft.state(
            ("sharing", "landing-page"), False, original.auth_service.definition.locate(("environment",))
        )


def _state_lives(original: OriginalDeployment, draft: Draft) -> None:
    """The life that the page proposes; before Explorer 2 1.11.0 people choose from a list."""
    has_one_life = at_least(original.release.components["explorer-2"], "1.11.0")
    keys = (
        ("ShareDuration", "DefaultShareDuration")
        if has_one_life
        else ("DefaultShareDuration", "ShareDuration")
    )
    key = next((key for key in keys if whole_number(original.get(*_OPTIONS, key)) is not None), None)
    days = whole_number(original.get(*_OPTIONS, key)) if key is not None else None
    if key is not None and days is not None:
        draft.state(("sharing", "expires-after"), time_span(days * _DAY), original.at(*_OPTIONS, key))
    choices: Any = original.get(*_OPTIONS, "ShareDurations")
    if not isinstance(choices, list):
        return
    place = original.at(*_OPTIONS, "ShareDurations")
    lives = [time_span(number * _DAY) for choice in choices if (number := whole_number(choice)) is not None]
    if not has_one_life:
        if lives:
            draft.state(("sharing", "choices"), lives, place)
    elif not original.is_rendered:
        draft.note(
            NoteKind.CHANGED,
            f"people choose the life of a share link from a list ({', '.join(lives)})",
            "Explorer 2 has one life for all links since 1.11.0: `sharing.expires-after`",
            place,
        )


def _state_longest(original: OriginalDeployment, draft: Draft, kind: str) -> None:
    """The longest life that programs may ask for, where the guard has one that does not follow from the page's."""
    guard = original.own.guard
    longest = guard.value.get("longestLife", {}).get(kind) if guard is not None else None
    choices = original.get(*_OPTIONS, "ShareDurations")
    days = choices if isinstance(choices, list) else [original.get(*_OPTIONS, "ShareDuration")]
    offered = [number * _DAY for each in days if (number := whole_number(each)) is not None] or [
        _SHARE_DAYS * _DAY
    ]
    proposed = 0 if 0 in offered else max(offered)
    if guard is not None and isinstance(longest, int) and longest != proposed:
        draft.state(("sharing", "at-most"), time_span(longest), guard.locate(("longestLife", kind)))
