"""Protocol of the admin API: four methods, the outcomes that kinds handle, and paths below a realm."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from orthgen.errors import KeycloakError, KeycloakUnavailable
from orthgen.realm.admin import representations

T = TypeVar("T")


class OutcomeUnknown(KeycloakError):
    """A POST may have been carried out or not; `still_running`: the server may be at it."""

    def __init__(self, message: str, *, hint: str = "", still_running: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.still_running = still_running


class NotFound(KeycloakError):
    """There is no such object."""


class AdminApi(Protocol):
    """Requests of kinds to a server. Paths are relative to the server's address."""

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        """Read; the answer is held against `kind` (see `answers`), and KeycloakUnavailable where it is not that."""
        ...

    def post(self, path: str, body: Any) -> str:
        """Make an object; answers the id in `Location`, or an empty text."""
        ...

    def put(self, path: str, body: Any) -> None: ...

    def delete(self, path: str, body: Any = None) -> None: ...


def realm_path(realm: str, *parts: str) -> str:
    """A path of the admin API below `realm`; each part is one segment, quoted."""
    return "/".join(("admin/realms", quote(realm, safe=""), *(quote(part, safe="") for part in parts)))


def read_realm(api: AdminApi, realm: str) -> representations.Realm | None:
    """The realm's settings, or None where there is no such realm."""
    try:
        settings = api.get(realm_path(realm), representations.Realm)
    except NotFound:
        return None
    if settings["realm"] != realm:
        raise KeycloakUnavailable(
            f"the answer to GET {realm_path(realm)} is about another realm",
            hint="a proxy or another program may have answered instead of Keycloak",
        )
    return settings
