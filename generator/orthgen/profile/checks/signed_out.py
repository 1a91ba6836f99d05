"""Checks of what people who are not signed in can do: everybody who reaches the address can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity
from orthgen.profile.rights import EVERY_STUDY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext

# Showing studies, and taking studies in, are what archives and inboxes without accounts are for.
_USUAL = frozenset({"view", "download", "share", "report", "upload"})
_SHOWS_STUDIES = frozenset({"view", "download", "share", "api-view", "everything"})


RIGHT_WITHOUT_SIGN_IN = Rule(
    "right-without-sign-in",
    Severity.WARNING,
    summary="`signed-out` has a right that changes the archive, or that shows who uses it. Everybody who reaches the address has "
    "this right, without a name in any log.",
    remedy="Remove the right from `signed-out`, and give it to a role.",
    example="""
        collections: {public: {}}
        signed-out: {can: [view, delete], collections: [public]}
    """,
)
EVERY_STUDY_WITHOUT_SIGN_IN = Rule(
    "every-study-without-sign-in",
    Severity.WARNING,
    summary="`signed-out` is for every study, also for those without a label: everybody who reaches the address sees the "
    "patients of the whole archive.",
    remedy="Name the collections for everybody: `signed-out: {can: [view], collections: [public]}`.",
    example="""
        signed-out: {can: [view], collections: all}
    """,
)


def everybody_can_do_little(context: CheckContext) -> Iterator[Finding]:
    """People who are not signed in change nothing, and see only the collections for everybody."""
    signed_out = context.profile.signed_out
    for index, right in enumerate(signed_out.can):
        if right not in _USUAL:
            message = f"everybody who reaches the address has the right `{right}`, without signing in"
            hint = "remove it, and give it to a role"
            yield context.finding(RIGHT_WITHOUT_SIGN_IN, ("signed-out", "can", index), message, hint)
    if EVERY_STUDY in signed_out.collections and _SHOWS_STUDIES & set(signed_out.can):
        message = "everybody who reaches the address sees every study, without signing in"
        hint = "name the collections for everybody: `collections: [public]`"
        yield context.finding(EVERY_STUDY_WITHOUT_SIGN_IN, ("signed-out", "collections"), message, hint)
