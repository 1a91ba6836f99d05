"""The base of the JSON forms: an object with documented keys and no others."""

from __future__ import annotations

from msgspec import Meta, Struct


def described(description: str) -> Meta:
    """The meaning of a key, for docs/commands.md."""
    return Meta(description=description)


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON object with these keys and no others."""
