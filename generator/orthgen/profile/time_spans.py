"""Types of a profile's time spans, as people write them (`15d`, `1h`), held in seconds."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

from orthgen.field_types import KIND, invalid_value

_DURATION = re.compile(r"(?P<number>[0-9]+)\s*(?P<unit>s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
# Keycloak holds time spans in 32 bits (RealmRepresentation, 26.2 to 26.7).
_MAX_SECONDS = 2**31 - 1


def _duration(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # a default, in seconds
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is not None:
        seconds = int(match["number"]) * _SECONDS[match["unit"]]
        if seconds > _MAX_SECONDS:
            raise invalid_value(
                f"`{value}` is longer than 24,855 days, the longest that Keycloak counts",
                "write a shorter time: `365d`",
            )
        return seconds
    if isinstance(value, str) and value in {"0", "never"}:
        return 0
    raise invalid_value(
        f"`{value}` is not a time span", "write a number and its unit: `45s`, `30m`, `1h`, `15d`, `2w`"
    )


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    PlainSerializer(lambda seconds: f"{seconds}s" if seconds else "0", when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": r"^([0-9]+\s*(s|m|h|d|w)|0|never)$",
                    "patternErrorMessage": "not a time span: write a number and its unit, such as 45s, 30m, 1h, 15d, 2w",
                    "examples": ["15d", "1h"],
                },
                {"const": 0},
            ],
            KIND: "a time span",
        }
    ),
]
"""A time span as people write it (`15d`, `1h`, `0`), held in seconds."""


def _positive(value: int) -> int:
    if value > 0:
        return value
    raise invalid_value("the time span is 0", "write how long: `45s`, `30m`, `1h`, `15d`, `2w`")


PositiveDuration = Annotated[
    Duration,
    AfterValidator(_positive),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^0*[1-9][0-9]*\s*(s|m|h|d|w)$",
            "patternErrorMessage": "not a time span: write a number and its unit, such as 45s, 30m, 1h, 15d, 2w",
            "examples": ["15d", "1h"],
            KIND: "a time span",
        }
    ),
]
"""A time span that is not 0."""
