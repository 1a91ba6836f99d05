"""
Roles of Keycloak's admin API that requests need, for the message about a missing right.

https://www.keycloak.org/docs/latest/server_admin/#_per_realm_admin_permissions
"""

from __future__ import annotations

_BY_PART = {
    "clients": ("view-clients", "manage-clients"),
    "client-scopes": ("view-clients", "manage-clients"),
    "clients-initial-access": ("view-clients", "manage-clients"),
    "attack-detection": ("view-users", "manage-users"),
    "identity-provider": ("view-identity-providers", "manage-identity-providers"),
    "users": ("view-users", "manage-users"),
    "groups": ("view-users", "manage-users"),
}


def missing_right(verb: str, path: str) -> str:
    """The role, with the client that has it in the administrator's realm and in the realm itself."""
    parts = path.partition("?")[0].strip("/").split("/")
    if parts[:2] != ["admin", "realms"]:
        return "`admin`"
    if len(parts) == 2:
        return "`create-realm` (realm `master`)"
    part = parts[3] if len(parts) > 3 else ""
    read, write = _BY_PART.get(part, ("view-realm", "manage-realm"))
    if part == "roles" and parts[5:6] in (["users"], ["groups"]):
        read, write = _BY_PART["users"]
    if parts[3:5] == ["users", "profile"]:
        read, write = "view-realm", "manage-realm"
    role = read if verb == "GET" else write
    return f"`{role}` of `{parts[2]}-realm` (in `master`) or of `realm-management` (in `{parts[2]}`)"
