"""Comparison of the stack's version numbers."""

from __future__ import annotations

from functools import lru_cache

from packaging.version import Version


@lru_cache(maxsize=1024)
def parse(version: str) -> Version:
    """
    A version that compares by its numbers: `1.24.0` and `1.24` are the same.

    What follows a `+` or `-` does not count. Raises ValueError where there is no number.
    """
    return Version(version.partition("+")[0].partition("-")[0])


def at_least(has: str, needs: str) -> bool:
    """Whether version `has` is `needs` or newer."""
    return parse(has) >= parse(needs)
