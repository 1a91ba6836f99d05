"""Raw settings: their part in orthanc.json, and the secrets that reach the container as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.catalogue.named_secrets import secret_file
from orthgen.field_types import SecretRef

if TYPE_CHECKING:
    from collections.abc import Iterator


def written(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings without the secrets that they name: the image puts these in when it starts."""
    return {
        name: written(value) if isinstance(value, dict) else value
        for name, value in settings.items()
        if not isinstance(value, SecretRef)
    }


def named_secrets(settings: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The secrets that the settings name: the name of each, and the file that the image reads."""
    for name, value in settings.items():
        if isinstance(value, SecretRef):
            file = secret_file((*path, name))
            if file is not None:
                yield value.secret, file
        elif isinstance(value, dict):
            yield from named_secrets(value, (*path, name))
