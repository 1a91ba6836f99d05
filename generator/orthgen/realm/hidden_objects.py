"""
Objects that a realm's fine-grained permissions hide from an administrator.

With `adminPermissionsEnabled` Keycloak lists the objects that this administrator may see, and does not tell that there
are others. A plan would create objects that exist, and count too few holders of a role. These two requests need the
right for all clients, and for all users and groups (Keycloak 26.2.5 and 26.7.3).
https://www.keycloak.org/docs/latest/server_admin/#_fine_grained_permissions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.errors import KeycloakRefused
from orthgen.realm.admin.api import realm_path
from orthgen.realm.admin.required_roles import missing_right

if TYPE_CHECKING:
    from orthgen.realm.admin import representations
    from orthgen.realm.admin.api import AdminApi

# Nobody has this id; Keycloak answers for every id.
_NO_USER = "00000000-0000-0000-0000-000000000000"
_REQUESTS: tuple[tuple[str, tuple[str, ...], Any], ...] = (
    ("clients", ("clients-initial-access",), list[dict[str, Any]]),
    ("users and groups", ("attack-detection", "brute-force", "users", _NO_USER), dict[str, Any]),
)


def raise_if_hidden(api: AdminApi, realm: representations.Realm) -> None:
    """Raise KeycloakRefused where Keycloak may answer lists without some of the realm's objects."""
    if not realm.get("adminPermissionsEnabled"):
        return
    for objects, parts, answer in _REQUESTS:
        path = realm_path(realm["realm"], *parts)
        try:
            api.get(path, answer)
        except KeycloakRefused:
            raise KeycloakRefused(
                f"the realm `{realm['realm']}` has fine-grained admin permissions, and Keycloak may hide {objects} from this"
                " administrator: nothing was changed",
                hint=f"the administrator lacks the role {missing_right('GET', path)}; permissions for single objects are"
                " not enough",
            ) from None
