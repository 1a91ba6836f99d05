"""A store of secrets: its records for reading and writing, and the errors of its program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from orthgen.errors import OrthgenError

Read = Callable[[str, Sequence[str]], Mapping[str, str]]
"""From a place in the store and the names of secrets to the values that are there; documents give every value."""
Write = Callable[[str, Mapping[str, str]], None]
"""Write values by name to a place; what else it holds stays."""


class StoreKind(Struct, frozen=True):
    """A kind of store: how a reference to it is written, and how its secrets are read and written."""

    name: str
    title: str
    argument: str
    """The rest of a reference, as the help shows it."""
    read: Read
    write: Write | None = None
    key_of: Callable[[str], str] = str
    """The name in the store, where it cannot hold every character of a secret's name."""
    is_listed: bool = False
    """Whether a read lists every name in the place."""

    @property
    def usage(self) -> str:
        """The form of a reference."""
        return f"{self.name}:{self.argument}"


class StoreError(OrthgenError):
    """A store cannot be read or written."""


class NotStored(Exception):
    """The program answers that the store does not hold an entry."""
