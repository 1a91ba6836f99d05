"""Roles that the mappers of an identity provider give, and their removal: Keycloak leaves them with everybody who got one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.realm.admin import representations
from orthgen.realm.admin.many_requests import all_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.realm.write_context import WriteContext

_USERS_PER_REQUEST = 1000


def granted_role(mapper: Mapping[str, Any]) -> str:
    """The realm role that an identity provider mapper gives, or an empty text."""
    if not str(mapper.get("identityProviderMapper")).endswith("-role-idp-mapper"):
        return ""
    return str((mapper.get("config") or {}).get("role") or "")


def take_role(context: WriteContext, provider: str, role: str) -> None:
    """Remove a realm role from the people of a provider. Their other roles, and groups that give the role, stay."""
    granted = context.roles([role]) if role else []
    holders = _user_ids(context, "roles", role, "users") if granted else set()
    if holders:
        for identifier in sorted(holders & _user_ids(context, "users", idpAlias=provider)):
            context.api.delete(context.path("users", identifier, "role-mappings", "realm"), granted)


def _user_ids(context: WriteContext, *path: str, **query: str) -> set[str]:
    users = all_pages(
        context.api,
        context.path(*path),
        representations.User,
        page=_USERS_PER_REQUEST,
        briefRepresentation="true",
        **query,
    )
    return {user["id"] for user in users}
