"""Sentences of ACCESS.md about rights, actions and the life of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.authz.policy import PrincipalKind
from orthgen.formats.markdown import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.authz.actions import Action
    from orthgen.authz.policy import Place, Policy, Principal
    from orthgen.authz.summary import Allowed
    from orthgen.products.access_page.languages.words import AccessTexts

# Days, hours, minutes, seconds: in the order of a language's units.
_SIZES = (86400, 3600, 60, 1)


def listed(items: Sequence[str], texts: AccessTexts) -> str:
    """`view, share and report`."""
    first = ", ".join(items[:-1])
    return f"{first} {texts.conjunction} {items[-1]}" if first else items[-1]


def person_title(principal: Principal, texts: AccessTexts) -> str:
    """The title of a person: for a role, the profile's."""
    return (
        escaped(principal.title) if principal.kind is PrincipalKind.ROLE else texts.principals[principal.name]
    )


def action_meaning(action: Action, texts: AccessTexts) -> str:
    """`**upload**: add objects. It includes *report*: reports are objects`."""
    title, remark = texts.actions[action.name]
    text = f"**{action.name}**{texts.colon}{title}"
    if action.includes:
        included = listed([f"*{name}*" for name in action.includes], texts)
        return f"{text}. {texts.includes.format(actions=included, why=remark)}"
    return f"{text}. {texts.mind.format(what=remark)}" if remark else text


def link_life(seconds: int, texts: AccessTexts) -> str:
    """`for 15 days`."""
    if seconds == 0:
        return texts.for_ever
    size, (singular, plural) = next(
        ((size, units) for size, units in zip(_SIZES, texts.units, strict=True) if seconds % size == 0),
        (1, texts.units[-1]),
    )
    count = seconds // size
    return texts.for_time.format(time=f"{count} {singular if count == 1 else plural}")


def sentences(policy: Policy, allowed: Sequence[Allowed], texts: AccessTexts) -> list[str]:
    """A sentence for everybody."""
    rights_of: dict[str, list[Allowed]] = {principal.name: [] for principal in policy.principals}
    for right in allowed:
        rights_of[right.principal.name].append(right)
    return [
        _sentence(principal, rights_of[principal.name], policy.places, texts)
        for principal in policy.principals
    ]


def _sentence(
    principal: Principal,
    rights_of_principal: Sequence[Allowed],
    everywhere: tuple[Place, ...],
    texts: AccessTexts,
) -> str:
    """`**Radiologist**: view and report on cardio; upload.`"""
    by_places: dict[tuple[Place, ...], list[str]] = {}
    for right in rights_of_principal:
        if right.places:
            by_places.setdefault(right.places if right.action.per_study else (), []).append(right.action.name)
    clauses = [
        " ".join((listed(actions, texts), _where(principal, places, everywhere, texts))).rstrip()
        for places, actions in by_places.items()
    ]
    clause_list = texts.separator.join(clauses) or texts.nothing
    return f"**{person_title(principal, texts)}**{texts.colon}{clause_list}."


def _where(
    principal: Principal, places: tuple[Place, ...], everywhere: tuple[Place, ...], texts: AccessTexts
) -> str:
    if principal.holds_link:
        return texts.of_that_study
    if not places:
        return ""
    if places == everywhere:
        return texts.on_every_study
    names = [place.name or texts.of_no_collection for place in places]
    return texts.on.format(places=listed(names, texts))
