"""Check that orthgen supports the server's Keycloak, by the settings of a realm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.errors import KeycloakRefused, OrthgenError
from orthgen.realm.admin.api import read_realm

if TYPE_CHECKING:
    from orthgen.realm.admin import representations
    from orthgen.realm.admin.api import AdminApi

SUPPORTED = "26.2 to 26.7"

# What every realm has since Keycloak 26.2, and what it had long before.
_SINCE_OLDEST = "adminPermissionsEnabled"
_ALWAYS = "ssoSessionIdleTimeout"


def check_supported(realm: representations.Realm) -> None:
    """Raise where the settings are not shown to this administrator, or where the server is too old."""
    if _ALWAYS not in realm:
        raise KeycloakRefused(
            f"Keycloak does not show this administrator the settings of the realm `{realm['realm']}`",
            hint="the administrator lacks the role `view-realm` or `manage-realm`",
        )
    if _SINCE_OLDEST not in realm:
        raise OrthgenError(
            "this Keycloak is older than 26.2",
            hint=f"orthgen works with Keycloak {SUPPORTED}; nothing was changed",
        )


def check_supported_before_creation(api: AdminApi) -> None:
    """Raise where the server is too old to get a realm, as far as this administrator may see its realm `master`."""
    try:
        master = read_realm(api, "master")
    except KeycloakRefused:
        return
    if master is not None and _ALWAYS in master:
        check_supported(master)
