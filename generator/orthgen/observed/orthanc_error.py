"""Reader of the JSON with which Orthanc answers a request that fails (1.12.11, HttpOutput::AnswerError)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from orthgen.observed.model import SourceKind
from orthgen.observed.recording_model import Exchange, LogLine
from orthgen.observed.redaction import redacted, redacted_address
from orthgen.observed.service_model import Product

if TYPE_CHECKING:
    from orthgen.observed.pasted import PastedText


def is_error(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is an error of Orthanc."""
    return isinstance(value, Mapping) and "OrthancError" in value and str(value.get("HttpStatus")).isdigit()


def read_error(text: PastedText, value: Mapping[str, Any], at: int) -> None:
    """Note the request that failed, and what Orthanc says of it, at the line where the error begins."""
    place = text.location(at)
    text.note_source(SourceKind.HTTP, at)
    parts = [str(value[key]) for key in ("Message", "Details") if value.get(key)]
    said = redacted(": ".join(parts))
    if said:
        text.log_lines.append(LogLine(Product.ORTHANC, said, place))
    target = str(value.get("Uri") or "")
    if target.startswith("/"):
        text.exchanges.append(
            Exchange(
                str(value.get("Method") or "GET").upper(),
                redacted_address(target),
                (),
                place,
                int(value["HttpStatus"]),
                response_body=f'"OrthancError": "{redacted(str(value["OrthancError"]))}"',
                response_location=place,
            )
        )
