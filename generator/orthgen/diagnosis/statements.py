"""Sentences of an explanation, each with the place that shows it."""

from __future__ import annotations

from msgspec import Struct

from orthgen.findings import Location


class Statement(Struct, frozen=True):
    """One or more sentences, and the place that shows them; None where no file does."""

    text: str
    location: Location | None = None


class ReasonStep(Struct, frozen=True):
    """A step of an explanation: the part of the stack that it is about, and its sentences."""

    title: str
    statements: tuple[Statement, ...]


def counted(number: int, noun: str) -> str:
    """`1 study`, `3 studies`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def joined(names: list[str]) -> str:
    """Names in back-ticks, with `or` before the last."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
