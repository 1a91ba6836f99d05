"""
The rules of docs/contributing/architecture.md that no tool checks: sizes, lists of kinds, names, and the page itself.

Who may import whom is import-linter's (`[tool.importlinter]` in pyproject.toml); `./check` runs it.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest

import orthgen
from orthgen import consistency
from orthgen.cli import commands
from orthgen.cli.app import COMMANDS
from orthgen.deployment import naming
from orthgen.profile import checks
from orthgen.realm import kinds
from orthgen.realm.kinds import KINDS
from orthgen.realm.kinds.base import ResourceKind
from orthgen.targets import TARGETS
from orthgen.targets.base import Target
from orthgen.viewers import VIEWERS, Viewers
from orthgen.viewers.base import Viewer
from tests.support import import_graph
from tests.support.source_code import nodes, tree

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "generator").rglob("*.py"))
# What says nothing about what is inside.
_EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler", "processor"}


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_modules_are_short() -> None:
    """No module has more than 400 lines; one that grows beyond becomes a folder of the same name."""
    long = {_named(path): lines for path in MODULES if (lines := len(_text(path).splitlines())) > 400}

    assert long == {}


def test_functions_are_short() -> None:
    """No function has more than 60 lines; of a command's, its options and its help do not count."""
    long = {
        f"{_named(path)} {function.name}": lines
        for path in MODULES
        for function in nodes(path)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _lines(function, is_command=path.parent.name == "commands")) > 60
    }

    assert long == {}


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef, *, is_command: bool) -> int:
    first = function.body[1 if ast.get_docstring(function) else 0 :][:1] if is_command else [function]
    return (function.end_lineno or 0) - first[0].lineno + 1 if first else 0


def test_modules_have_names_that_say_something() -> None:
    """No module is called after the fact that it is a module."""
    empty = [
        _named(path) for path in MODULES if _EMPTY_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]

    assert empty == []


def test_modules_say_what_they_are_for() -> None:
    """Every module that has contents begins with its docstring."""
    silent = [_named(path) for path in MODULES if _text(path).strip() and not ast.get_docstring(tree(path))]

    assert silent == []


def test_only_views_and_the_command_line_speak() -> None:
    """Nothing below the views prints, writes to the terminal's streams or exits."""
    speaking = {"print", "sys.exit", "exit", "input", "sys.stdout.write", "sys.stderr.write"}
    below = [
        path
        for path in MODULES
        if path.relative_to(ROOT / "generator/orthgen").parts[0] not in {"report", "cli"}
    ]
    found = [
        f"{_named(path)}:{node.lineno}"
        for path in below
        for _, node in _calls(path)
        if ast.unparse(node.func) in speaking
    ]

    assert found == []


def _string_constants(path: Path) -> set[str]:
    constants = (node.value for node in nodes(path) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def _attributes(path: Path) -> set[str]:
    return {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}


@functools.cache
def _calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call in a module, with the function that it stands in."""
    found: list[tuple[str, ast.Call]] = []

    def walk(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                found.append((inside, child))
            name = child.name if isinstance(child, ast.FunctionDef) else inside
            walk(child, name)

    walk(tree(path), "")
    return found


@functools.cache
def _imported(path: Path) -> set[str]:
    """The full names of the modules that a module may import, wherever the statement stands."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


# Every module of the standard library that opens a connection or starts a program, and who may import it, for what.
_OUTSIDE = {
    "asyncio": set[str](),
    "ftplib": set(),
    "http.client": {"probe/client.py"},  # questions to a running deployment
    "http.cookiejar": {"http_client.py"},  # cookies of a sign-in page
    "http.server": set(),
    "imaplib": set(),
    "multiprocessing.connection": set(),
    "poplib": set(),
    "smtplib": set(),
    "socket": {"probe/client.py", "http_client.py", "server_address.py"},
    "socketserver": set(),
    "ssl": {"probe/client.py", "http_client.py", "server_address.py"},
    "subprocess": {
        "cli/tasks/access.py",  # git, for the state of a profile at an earlier commit
        "cli/tasks/init.py",  # git, which makes the repository
        "registry/credentials.py",  # Docker's credential helpers
        "doctor/container_engine.py",  # docker, which knows its containers
        "secret_source.py",  # the program that prints a secret
        "secret_stores/program.py",  # the client program of a store of secrets
    },
    "urllib.request": set(),
    "webbrowser": set(),
    "xmlrpc": set(),
}


@pytest.mark.parametrize("module", _OUTSIDE)
def test_connections_and_programs_have_few_places(module: str) -> None:
    """Only listed modules open connections or start programs; import-linter sees no submodule of the library."""
    importing = {
        path.relative_to(ROOT / "generator/orthgen").as_posix()
        for path in MODULES
        if any(name == module or name.startswith(f"{module}.") for name in _imported(path))
    }

    assert importing == _OUTSIDE[module]


def test_next_has_a_default() -> None:
    """A StopIteration that nobody expects ends a generator as if it were done: work is left out, and nothing is said."""
    bare = [
        f"{_named(path)}:{call.lineno}"
        for path in MODULES
        for _, call in _calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "next" and len(call.args) < 2
    ]

    assert bare == []


def test_files_are_removed_in_few_places() -> None:
    """What can lose a file is listed here, each with what makes it safe."""
    removing = {"rmtree", "unlink", "rmdir", "removedirs", "truncate"}
    found = {
        f"{_named(path)} {inside}"
        for path in MODULES
        for inside, call in _calls(path)
        if isinstance(call.func, ast.Attribute)
        and (call.func.attr in removing or ast.unparse(call.func) == "os.remove")
    }

    assert found == {
        "generator/orthgen/workspace/apply.py _prepare",  # the journal, before anything was moved
        "generator/orthgen/workspace/recovery.py clean_up_leftovers",  # the journal, when nothing is left
        "generator/orthgen/workspace/build.py discard",  # second names, and files of ours
        "generator/orthgen/workspace/build.py _link_others",  # a folder that it made and left empty
        "generator/orthgen/workspace/secret_files.py _write_new",  # the remains of a run that was cut short
        "generator/orthgen/workspace/secret_files.py write_secrets",  # where one could not be written
        "generator/orthgen/editing/write.py write",  # the new texts, if they did not take their places
        "generator/orthgen/workspace/cleanup.py follow_renames",  # one of two names of a file
        "generator/orthgen/workspace/cleanup.py _clean_entry",  # a file that is accounted for
        "generator/orthgen/workspace/cleanup.py clean_folder",  # an empty folder
    }


def test_nothing_is_written_after_the_commit() -> None:
    """When the new deployment has taken its place, nothing follows but waiting for the disk and clearing away."""
    module = ast.parse(_text(ROOT / "generator/orthgen/workspace/apply.py"))
    commit = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}["_commit"]
    calls = [
        node for statement in commit.body[1:] for node in ast.walk(statement) if isinstance(node, ast.Call)
    ]

    assert "_swap_in" in ast.unparse(commit.body[0])
    assert {ast.unparse(call.func) for call in calls} == {
        "sync_folder",
        "follow_renames",
        "clean_up_leftovers",
        "OrthgenError",
        "system_reason",
    }


# ------------------------------------------------------------------------------------------ lists of kinds


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


def test_ports_are_derived_below_the_files() -> None:
    """Products, targets and the realm take ports from the deployment: a default stands in one place."""
    ports = {*naming.PORTS.values(), naming.DICOM_PORT, naming.COLLECTIONS_DICOM_PORT, 443}
    literal = [
        f"{_named(path)}:{node.lineno}: {node.value}"
        for path in MODULES
        if path.relative_to(ROOT / "generator/orthgen").parts[0] in {"products", "targets", "realm"}
        for node in nodes(path)
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in ports
    ]

    assert literal == []


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
        and (_string_constants(path) & names or _attributes(path) & attributes)
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
        for _, call in _calls(Path(inspect.getfile(type(kind))))
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
        if path.parent.name != "kinds" and _string_constants(path) & names
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


# --------------------------------------------------------------------------------------------------- layers


def test_the_imports_form_few_floors_without_a_circle() -> None:
    """At most seven floors, no circle of modules or packages, no import that points up; annotations included."""
    modules = import_graph.module_graph()
    packages = import_graph.package_graph(modules)

    assert len(import_graph.floors()) <= import_graph.MAX_FLOORS
    assert sorted(name for names in import_graph.floors() for name in names) == sorted(packages)
    assert import_graph.circle(modules) == []
    assert import_graph.circle(packages) == []
    assert import_graph.upward(packages) == []


def test_the_page_of_imports_is_current() -> None:
    """docs/contributing/imports.md is what the code makes: run `python -m tests.support.regenerate`."""
    assert _text(ROOT / import_graph.PAGE) == import_graph.imports_page()


def test_the_pages_layers_are_the_enforced_ones() -> None:
    """The layers that docs/contributing/architecture.md draws are those of import-linter's contract."""
    contracts = tomllib.loads(_text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    enforced = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    page = _text(ROOT / "docs/contributing/architecture.md")
    drawn = re.search(r"## Layers.*?```\n(.*?)```", page, re.DOTALL)

    assert drawn is not None
    assert [line.split("  ")[0].strip() for line in drawn[1].splitlines()] == enforced


def test_the_version_is_the_changelogs() -> None:
    """The changelog speaks of the version that the package has."""
    assert f"## [{orthgen.__version__}]" in _text(ROOT / "CHANGELOG.md")
