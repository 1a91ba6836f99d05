"""Values of other files in the forms of the profile language: texts, names, time spans, amounts of memory."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import SplitResult, urlsplit

from orthgen.field_types import REORDERING

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"))
_MEMORY = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[bkmgt]?)(?:i?b)?", re.IGNORECASE)
_LINE_ENDS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
_REORDERING = re.compile(f"[{REORDERING}]")
_BYTES = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def plain_text(value: Any) -> str:
    """A text in one line, without blanks at its ends and characters that change the order of others; empty for anything else."""
    return _LINE_ENDS.sub(" ", _REORDERING.sub("", value)).strip() if isinstance(value, str) else ""


def web_address(text: str) -> SplitResult:
    """The parts of an address; empty ones where it is none, such as one with a variable of a proxy in place of the host or port."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - is read only when it is asked for
    except ValueError:
        return urlsplit("")
    return parts


def name_like(text: str) -> str:
    """The nearest name of the profile language: small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    # Dashes alone are a part of a name, however many.
    name = re.sub(r"[^a-z0-9]+", lambda run: run[0] if not run[0].strip("-") else "-", plain).strip("-")
    return (name if name[:1].isalpha() else f"x-{name}" if name else "x")[:63].rstrip("-")


def time_span(seconds: int) -> str:
    """A time span in its largest whole unit."""
    if seconds == 0:
        return "never"
    return next((f"{seconds // size}{unit}" for size, unit in _UNITS if seconds % size == 0), f"{seconds}s")


def whole_number(value: Any) -> int | None:
    """A number, whether written as one or as text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value) else None


def truth(value: Any) -> bool | None:
    """A truth value, whether written as one or as text; None for anything else."""
    if isinstance(value, bool):
        return value
    words = {
        "true": True,
        "yes": True,
        "1": True,
        "on": True,
        "false": False,
        "no": False,
        "0": False,
        "off": False,
    }
    return words.get(value.lower()) if isinstance(value, str) else None


def megabytes(value: Any) -> int | None:
    """An amount of memory as Compose writes it, in megabytes; None for anything else."""
    match = _MEMORY.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
    return round(float(match["number"]) * _BYTES[match["unit"].lower()] / 2**20) if match else None


def memory_size(number: int) -> str:
    """Megabytes in the profile's words."""
    return f"{number // 1024}g" if number % 1024 == 0 else f"{number}m"
