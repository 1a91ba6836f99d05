"""The seam between kinds and a server: four verbs on the admin API, and two outcomes that kinds have to know of."""

from __future__ import annotations

from typing import Any, Protocol

from generator.errors import GatewayError


class Uncertain(GatewayError):
    """A POST may have been carried out or not."""


class NotFound(GatewayError):
    """There is no such object."""


class Verbs(Protocol):
    """What kinds need of a server. Paths are relative to the server; answers are parsed JSON."""

    def get(self, path: str, **query: Any) -> Any: ...

    def post(self, path: str, body: Any) -> str:
        """Make an object; answers the id in `Location`, or an empty text."""
        ...

    def put(self, path: str, body: Any) -> None: ...

    def delete(self, path: str, body: Any = None) -> None: ...
