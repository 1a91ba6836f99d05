"""Compares version numbers of the stack: dotted numbers, where a missing part counts as zero."""

from __future__ import annotations


def parse(version: str) -> tuple[int, ...]:
    """
    The numbers of a version, without trailing zeros: `1.24.0` and `1.24` are the same version.

    A leading `v` and what follows a `+` or `-` do not count. Raises ValueError for anything else.
    """
    core = version.removeprefix("v").partition("+")[0].partition("-")[0]
    numbers = [int(part) for part in core.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def at_least(has: str, needs: str) -> bool:
    """Whether version `has` is `needs` or newer."""
    return parse(has) >= parse(needs)
