"""Rights that can do harm: what an approver looks at first."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from orthgen.authz.policy import PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.authz.policy import Place, Policy, Principal


class Risk(StrEnum):
    """A kind of harm."""

    LEAVES = "leaves"
    """Studies leave the archive, as files or by a link."""
    CHANGES = "changes"
    """Studies can be lost or changed."""
    GIVES_RIGHTS = "gives-rights"
    """Rights of other people change."""
    WITHOUT_ACCOUNT = "without-account"
    """People whose name nobody knows have the right."""


RISKS: Mapping[str, Risk] = {
    "download": Risk.LEAVES,
    "share": Risk.LEAVES,
    "send": Risk.LEAVES,
    "delete": Risk.CHANGES,
    "modify": Risk.CHANGES,
    "edit-labels": Risk.GIVES_RIGHTS,
    "administer": Risk.GIVES_RIGHTS,
}
"""The harm that an action can do, by its name."""


def risk_of(policy: Policy, principal: Principal, action: str, place: Place) -> Risk | None:
    """The harm of a right that a person has; None where there is none in particular."""
    if principal.kind is PrincipalKind.SIGNED_OUT:
        return Risk.WITHOUT_ACCOUNT
    sees_everything = principal.name in policy.service.roles and (
        policy.service.roles[principal.name].sees_every_label
    )
    if action == "view" and not place.name and principal.kind is PrincipalKind.ROLE and not sees_everything:
        return Risk.GIVES_RIGHTS
    return RISKS.get(action)
