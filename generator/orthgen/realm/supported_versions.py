"""Which Keycloak we can work with, told by the realm's own settings: no request is made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.errors import KeycloakRefused, OrthgenError

if TYPE_CHECKING:
    from orthgen.realm.admin import representations

SUPPORTED = "26.2 to 26.7"

# What every realm has since Keycloak 26.2, and what it had long before.
_SINCE_OLDEST = "adminPermissionsEnabled"
_ALWAYS = "ssoSessionIdleTimeout"


def check_supported(realm: representations.Realm, server: str) -> None:
    """Raise where the settings are not shown to this administrator, or where the server is too old."""
    if _ALWAYS not in realm:
        raise KeycloakRefused(
            f"Keycloak does not show this administrator the settings of the realm `{realm['realm']}`",
            hint="the administrator lacks the role `view-realm` or `manage-realm`",
        )
    if _SINCE_OLDEST not in realm:
        raise OrthgenError(
            f"Keycloak at `{server}` is older than 26.2",
            hint=f"orthgen works with Keycloak {SUPPORTED}; nothing was changed",
        )
