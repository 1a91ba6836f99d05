"""Every viewer, target, kind of Keycloak object, check and command is in its list, and known in few other places."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

from orthgen import consistency
from orthgen.cli import commands
from orthgen.cli.app import COMMANDS
from orthgen.profile import checks
from orthgen.realm import kinds
from orthgen.realm.kinds import KINDS
from orthgen.realm.kinds.base import ResourceKind
from orthgen.targets import TARGETS
from orthgen.targets.base import Target
from orthgen.viewers import VIEWERS, Viewers
from orthgen.viewers.base import Viewer
from tests.support.source_code import MODULES, ROOT, attributes_of, calls_of, strings_of


def _modules(package: ModuleType) -> list[ModuleType]:
    return [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
    ]


def _functions(module: ModuleType) -> set[str]:
    """The public functions that a module defines."""
    return {
        f"{module.__name__}.{name}"
        for name, value in vars(module).items()
        if callable(value)
        and getattr(value, "__module__", None) == module.__name__
        and not name.startswith("_")
    }


def test_every_viewer_is_listed() -> None:
    """Every viewer that a module defines stands in VIEWERS, once."""
    package = importlib.import_module("orthgen.viewers")
    defined = [
        value for module in _modules(package) for value in vars(module).values() if isinstance(value, Viewer)
    ]

    assert sorted(viewer.name for viewer in defined) == sorted(viewer.name for viewer in VIEWERS)


def test_every_viewer_has_its_key_in_the_profile() -> None:
    """The profile's viewers are VIEWERS, in their order, each with its own options."""
    fields = {
        str(field.alias): field.annotation
        for field in Viewers.model_fields.values()
        if field.alias != "default"
    }

    assert list(fields) == [viewer.name for viewer in VIEWERS]
    assert [fields[viewer.name] for viewer in VIEWERS] == [viewer.options | None for viewer in VIEWERS]


# The places that may name a viewer beside its own module, and why.
_NAME_A_VIEWER = {
    "adoption/": "what other people's files call it",
    "authz/": "a model of the authorization plugin, which knows viewers by name",
    "consistency/viewers.py": "OHIF's root, which four files have to agree on",
    "deployment/naming.py": "OHIF's container",
    "diagnosis/": "what other people's files call it",
    "observed/": "what other people's files call it",
    "products/ohif/": "OHIF's container",
    "profile/memory.py": "the memory of OHIF's container",
    "profile/institution.py": "the path of OHIF's container",
    "protected_settings.py": "the keys that raw settings may not change, those of viewers among them",
    "targets/services/": "OHIF's container",
    "targets/kubernetes/": "OHIF's pods",
}


def _names_of(viewer: Viewer) -> set[str]:
    """The names by which the profile, Orthanc, Explorer 2, the auth-service and Keycloak know a viewer."""
    names = {
        *(viewer.name, viewer.title, viewer.button, viewer.section, viewer.share_type, viewer.client_id),
        *(viewer.container_path, *viewer.explorer_switches, *(viewer.plugin_variable or ())),
    }
    return {name for name in names if name}


def test_no_viewer_is_known_by_name_outside_its_module() -> None:
    """A viewer's names stand with the viewer, as text and as attributes; the exceptions are listed, and needed."""
    names = {name for viewer in VIEWERS for name in _names_of(viewer)}
    attributes = {viewer.name for viewer in VIEWERS} | {viewer.name.upper() for viewer in VIEWERS}
    naming_a_viewer = {
        name
        for path in MODULES
        if not (name := path.relative_to(ROOT / "generator/orthgen").as_posix()).startswith("viewers/")
        and (strings_of(path) & names or attributes_of(path) & attributes)
    }
    allowed = {name for name in naming_a_viewer if name.startswith(tuple(_NAME_A_VIEWER))}

    assert naming_a_viewer - allowed == set()
    assert [place for place in _NAME_A_VIEWER if not any(name.startswith(place) for name in allowed)] == []


def test_every_target_is_listed() -> None:
    """Every target that a module or folder defines stands in TARGETS under its own name."""
    package = importlib.import_module("orthgen.targets")
    defined = {
        value for module in _modules(package) for value in vars(module).values() if isinstance(value, Target)
    }

    assert {target.name: target for target in defined} == dict(TARGETS)


def test_every_keycloak_kind_is_listed() -> None:
    """Every module in kinds/ holds a kind; KINDS has each kind once, under a name of its own."""
    modules = [module for module in _modules(kinds) if not module.__name__.endswith(".base")]
    defined = {
        id(value) for module in modules for value in vars(module).values() if isinstance(value, ResourceKind)
    }

    assert all(isinstance(module.KIND, ResourceKind) for module in modules)
    assert sorted(id(kind) for kind in KINDS) == sorted(defined)
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_every_keycloak_kind_reads_from_kinds_before_it() -> None:
    """A kind names the kinds whose objects its `read` looks up, and they come before it in KINDS."""
    positions = {kind.name: position for position, kind in enumerate(KINDS)}
    undeclared = [
        f"{kind.name}: {call.args[0].value!r}"
        for kind in KINDS
        for _, call in calls_of(Path(inspect.getfile(type(kind))))
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "of_kind"
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value not in kind.reads
    ]
    late = [
        f"{kind.name}: {name}"
        for kind in KINDS
        for name in kind.reads
        if positions[name] >= positions[kind.name]
    ]

    assert undeclared == []
    assert late == []


def test_no_keycloak_kind_is_known_by_name_outside_its_folder() -> None:
    """Planner, executor and reader ask the kind; a table of kinds beside it would be forgotten by the next kind."""
    names = {kind.name for kind in KINDS if " " in kind.name}
    outside = [
        path
        for path in (ROOT / "generator/orthgen/realm").rglob("*.py")
        if path.parent.name != "kinds" and strings_of(path) & names
    ]

    assert outside == []


@pytest.mark.parametrize(
    ("package", "listed", "supporting"),
    [
        pytest.param(checks, checks.CHECKS, {"context"}, id="checks"),
        pytest.param(
            consistency,
            consistency.CHECKS,
            {"check", "facts", "parsed_files", "running_services"},
            id="consistency",
        ),
    ],
)
def test_every_question_is_listed(package: ModuleType, listed: tuple[Any, ...], supporting: set[str]) -> None:
    """Every public function of a module of questions is asked, once."""
    modules = [module for module in _modules(package) if module.__name__.rpartition(".")[2] not in supporting]
    defined = {name for module in modules for name in _functions(module)}
    asked = [f"{question.__module__}.{question.__qualname__}" for question in listed]

    assert sorted(asked) == sorted(defined)


def test_every_command_is_listed() -> None:
    """Every module in cli/commands/ is a command of the program, and holds the click command of its name."""
    modules = {module.__name__.rsplit(".", 1)[-1]: module for module in _modules(commands)}

    assert sorted(modules) == sorted(name.replace("-", "_") for name in COMMANDS)
    assert all(isinstance(getattr(module, name), click.Command) for name, module in modules.items())
