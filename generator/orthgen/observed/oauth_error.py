"""Reader of the JSON with which Keycloak's token endpoint refuses a sign-in (RFC 6749, section 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeGuard

from orthgen.observed.model import SourceKind
from orthgen.observed.recording_model import LogLine
from orthgen.observed.redaction import redacted
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.observed.pasted import PastedText

_KEYS = ("error", "error_description", "error_uri")


def is_oauth_error(value: object) -> TypeGuard[Mapping[str, str]]:
    """Whether a value is an error of OAuth: texts of these names alone, `error` among them."""
    return (
        isinstance(value, Mapping)
        and "error" in value
        and value.keys() <= set(_KEYS)
        and all(isinstance(text, str) for text in value.values())
    )


def read_oauth_error(text: PastedText, value: Mapping[str, str], at: int) -> None:
    """Note what the error says as a message of Keycloak, at the line where it begins."""
    text.note_source(SourceKind.HTTP, at)
    said = ": ".join(value[key] for key in _KEYS[:2] if value.get(key))
    text.log_lines.append(LogLine(Product.KEYCLOAK, redacted(said), text.location(at)))
