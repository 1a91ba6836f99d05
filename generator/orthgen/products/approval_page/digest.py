"""Digest of what is approved: rights, ways to roles, lives of links, connections."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from orthgen.deployment.guard_settings import longest_life, saves_by_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orthgen.authz.summary import Allowed
    from orthgen.deployment.connections import Connection
    from orthgen.deployment.model import Deployment

_GROUP = 8


def digest_of(allowed: Iterable[Allowed], deployment: Deployment, connections: Sequence[Connection]) -> str:
    """The SHA-256 of what the page says, in hexadecimal groups that two people can compare; titles do not count."""
    text = json.dumps(_content(allowed, deployment, connections), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return " ".join(digest[start : start + _GROUP] for start in range(0, len(digest), _GROUP))


def _content(
    allowed: Iterable[Allowed], deployment: Deployment, connections: Sequence[Connection]
) -> dict[str, Any]:
    return {
        "rights": [
            [
                rights.principal.name,
                rights.action.name,
                [place.name for place in rights.places],
                [[place.name, by] for place, by in rights.otherwise],
            ]
            for rights in allowed
        ],
        "roles": [
            [role.name, [[grant.source, grant.value] for grant in role.grants]] for role in deployment.roles
        ],
        "collections": [[collection.name, collection.label] for collection in deployment.collections],
        "accounts": [[account.user_name, list(account.roles)] for account in deployment.first_accounts],
        "links": [
            deployment.instant_link_seconds,
            sorted(longest_life(deployment).items()),
            saves_by_link(deployment),
        ],
        "connections": [
            [line.source, line.target, line.protocol, line.address, line.encryption.value]
            for line in connections
        ],
    }
