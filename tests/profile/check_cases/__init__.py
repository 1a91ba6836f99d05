"""The profiles that `tests/profile/test_checks.py` has checked: a module for each module of checks, of the same name."""

from __future__ import annotations

from importlib import import_module

from orthgen.profile.checks import CHECK_MODULES

CASES = [
    case
    for module in CHECK_MODULES
    for case in import_module(f"{__name__}.{module.__name__.rpartition('.')[2]}").CASES
]
