"""The seam between kinds and a server: four verbs on the admin API, and two outcomes that kinds have to know of."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from orthgen.errors import GatewayError

T = TypeVar("T")


class Uncertain(GatewayError):
    """A POST may have been carried out or not; `still_running`: the server may be at it."""

    def __init__(self, message: str, *, hint: str = "", still_running: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.still_running = still_running


class NotFound(GatewayError):
    """There is no such object."""


class Verbs(Protocol):
    """What kinds need of a server. Paths are relative to the server."""

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        """Read; the answer is held against `kind` (see `answers`), and KeycloakUnavailable where it is not that."""
        ...

    def post(self, path: str, body: Any) -> str:
        """Make an object; answers the id in `Location`, or an empty text."""
        ...

    def put(self, path: str, body: Any) -> None: ...

    def delete(self, path: str, body: Any = None) -> None: ...
