"""Comparison of rights where one side is an observed deployment: the same places, and roles by their new names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.adoption.profile_values import name_like
from orthgen.authz.difference import Renamed

if TYPE_CHECKING:
    from orthgen.authz.policy import Place, Policy


def comparable(before: Policy, after: Policy) -> tuple[tuple[Policy, Policy], Renamed]:
    """
    Both policies with the collections of both, and the new names of roles that adoption calls otherwise.

    Files name only the labels that a role is limited to. A study with any other label is there all the same, and a role that
    sees every study sees it on both sides.
    """
    places = _places(before, after)
    old, new = ({role.name for role in policy.roles} for policy in (before, after))
    names = {role: name_like(role) for role in old - new if name_like(role) in new - old}
    return (replace(before, collections=places), replace(after, collections=places)), Renamed(names)


def _places(before: Policy, after: Policy) -> tuple[Place, ...]:
    """The new state's collections, then those of the old one whose labels the new one does not have."""
    labels = {label for place in after.collections for label in place.labels}
    return (*after.collections, *(place for place in before.collections if not place.labels <= labels))
