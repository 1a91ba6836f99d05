"""Checks of the life of links to studies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext


INSTANT_LINK_NEVER_ENDS = Rule(
    "instant-link-never-ends",
    Severity.ERROR,
    summary="An instant link opens a study for anybody who has it. One that never expires stays a key to "
    "the study.",
    remedy="Write a time span, such as `instant-links: 1h`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, instant-links: 0}
    """,
)
LINK_OUTLIVES_LIMIT = Rule(
    "link-outlives-limit",
    Severity.ERROR,
    summary="A share link can live longer than `at-most` allows.",
    remedy="Lower the time span, or raise `at-most`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, expires-after: 30d, at-most: 7d}
    """,
)
SHARE_LINK_NEVER_ENDS = Rule(
    "share-link-never-ends",
    Severity.WARNING,
    summary="Share links are forwarded and found in old mails. Links that never expire open their "
    "studies without end.",
    remedy="Write a time span in `expires-after`, and the longest one in `at-most`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, expires-after: 0}
    """,
)


LONG_SHARE_LINK = Rule(
    "long-share-link",
    Severity.WARNING,
    summary="A share link can open its study for longer than a year, to anybody who finds it in an old mail.",
    remedy="Write a shorter time in `expires-after` and `at-most`; a link can be made again.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, expires-after: 30d, at-most: 800d}
        roles: {staff: {can: [view, share]}}
    """,
)
_MAX_USUAL_SECONDS = 366 * 86400


def links_have_lives(context: CheckContext) -> Iterator[Finding]:
    """The lives of links fit each other."""
    sharing = context.profile.sharing
    if sharing is None:
        return
    if sharing.instant_links == 0:
        hint = "an instant link is a key to a study; an hour is enough for a viewer: `1h`"
        yield context.finding(
            INSTANT_LINK_NEVER_ENDS, ("sharing", "instant-links"), "an instant link that never expires", hint
        )
    key, longest = (
        ("at-most", sharing.at_most) if sharing.at_most else ("expires-after", sharing.expires_after)
    )
    if longest > _MAX_USUAL_SECONDS:
        message = "a share link can open its study for longer than a year"
        hint = "write a shorter time: a link can be made again"
        yield context.finding(LONG_SHARE_LINK, ("sharing", key), message, hint)
    if sharing.at_most is not None:
        lives = [(("sharing", "expires-after"), sharing.expires_after)]
        lives += [(("sharing", "choices", index), life) for index, life in enumerate(sharing.choices or [])]  # type: ignore[misc]
        for path, life in lives:
            if life == 0 or life > sharing.at_most:
                hint = "lower it, or raise `at-most`"
                yield context.finding(
                    LINK_OUTLIVES_LIMIT, path, "longer than the longest life that `at-most` allows", hint
                )
    elif sharing.expires_after == 0:
        hint = "links are forwarded and found in old mails: write `expires-after: 90d`, or another time span"
        yield context.finding(
            SHARE_LINK_NEVER_ENDS, ("sharing", "expires-after"), "share links never expire", hint
        )
