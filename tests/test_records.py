"""Records of the pure packages: values that nobody changes after they are made."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil

import msgspec

from orthgen import authz, changes, consistency, deployment

PACKAGES = (authz, changes, consistency, deployment)
# They collect what one decision, or one reading of a file, comes to.
MUTABLE = {"orthgen.authz.config_section.Section", "orthgen.authz.evaluation_state.Evaluation"}


def records() -> dict[str, type]:
    """Every record of the packages by its name."""
    modules = [
        importlib.import_module(module.name)
        for package in PACKAGES
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    return {
        f"{module.__name__}.{name}": record
        for module in modules
        for name, record in inspect.getmembers(module, inspect.isclass)
        if record.__module__ == module.__name__
        and (issubclass(record, msgspec.Struct) or dataclasses.is_dataclass(record))
    }


def is_frozen(record: type) -> bool:
    """Whether an assignment to a field of a record fails."""
    if issubclass(record, msgspec.Struct):
        return record.__struct_config__.frozen
    return bool(record.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def test_a_record_does_not_change() -> None:
    """A deployment, a decision or a plan that is passed on stays what it was."""
    assert {name for name, record in records().items() if not is_frozen(record)} == MUTABLE


def test_a_record_has_its_fields_and_no_others() -> None:
    """A misspelt name of a field fails where it is written."""
    for name, record in records().items():
        assert "__slots__" in vars(record) or issubclass(record, msgspec.Struct), name
