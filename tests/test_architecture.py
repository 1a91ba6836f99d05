"""
The rules of docs/contributing/architecture.md that no tool checks: sizes, names, effects outside, layers, and the page itself.

Who may import whom is import-linter's (`[tool.importlinter]` in pyproject.toml); `./check` runs it.
That every kind is in its list is in test_lists_of_kinds.py.
"""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from pathlib import Path

import pytest

import orthgen
from orthgen.deployment import naming
from tests.support import import_graph
from tests.support.source_code import MODULES, OWN_MODULES, ROOT, calls_of, name_of, nodes, text_of, tree

# What says nothing about what is inside.
_EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler", "processor"}


def test_modules_are_short() -> None:
    """No module of the package, its tests or its benchmarks has more than 400 lines: split a larger one by subject."""
    long = {name_of(path): lines for path in OWN_MODULES if (lines := len(text_of(path).splitlines())) > 400}

    assert long == {}


def test_functions_are_short() -> None:
    """No function has more than 60 lines; of a command's, its options and its help do not count."""
    long = {
        f"{name_of(path)} {function.name}": lines
        for path in OWN_MODULES
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
        name_of(path)
        for path in OWN_MODULES
        if _EMPTY_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]

    assert empty == []


def test_modules_say_what_they_are_for() -> None:
    """Every module that has contents begins with its docstring."""
    silent = [
        name_of(path) for path in OWN_MODULES if text_of(path).strip() and not ast.get_docstring(tree(path))
    ]

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
        f"{name_of(path)}:{node.lineno}"
        for path in below
        for _, node in calls_of(path)
        if ast.unparse(node.func) in speaking
    ]

    assert found == []


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
        f"{name_of(path)}:{call.lineno}"
        for path in MODULES
        for _, call in calls_of(path)
        if isinstance(call.func, ast.Name) and call.func.id == "next" and len(call.args) < 2
    ]

    assert bare == []


def test_files_are_removed_in_few_places() -> None:
    """What can lose a file is listed here, each with what makes it safe."""
    removing = {"rmtree", "unlink", "rmdir", "removedirs", "truncate"}
    found = {
        f"{name_of(path)} {inside}"
        for path in MODULES
        for inside, call in calls_of(path)
        if isinstance(call.func, ast.Attribute)
        and (call.func.attr in removing or ast.unparse(call.func) == "os.remove")
    }

    assert found == {
        "generator/orthgen/workspace/apply.py _prepare",  # the journal, before anything was moved
        "generator/orthgen/workspace/recovery.py clean_up_leftovers",  # the journal, when nothing is left
        "generator/orthgen/workspace/build.py discard",  # second names, and files of ours
        "generator/orthgen/workspace/build.py _link_others",  # a folder that it made and left empty
        "generator/orthgen/rotation/rotate.py run",  # the second copy of a new value, when the first is in use
        "generator/orthgen/workspace/secret_files.py _write_new",  # the remains of a run that was cut short
        "generator/orthgen/workspace/secret_files.py write_secrets",  # where one could not be written
        "generator/orthgen/editing/write.py write",  # the new texts, if they did not take their places
        "generator/orthgen/workspace/cleanup.py follow_renames",  # one of two names of a file
        "generator/orthgen/workspace/cleanup.py _clean_entry",  # a file that is accounted for
        "generator/orthgen/workspace/cleanup.py clean_folder",  # an empty folder
    }


def test_nothing_is_written_after_the_commit() -> None:
    """When the new deployment has taken its place, nothing follows but waiting for the disk and clearing away."""
    module = ast.parse(text_of(ROOT / "generator/orthgen/workspace/apply.py"))
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


def test_ports_are_derived_below_the_files() -> None:
    """Products, targets and the realm take ports from the deployment: a default stands in one place."""
    ports = {*naming.PORTS.values(), naming.DICOM_PORT, naming.COLLECTIONS_DICOM_PORT, 443}
    literal = [
        f"{name_of(path)}:{node.lineno}: {node.value}"
        for path in MODULES
        if path.relative_to(ROOT / "generator/orthgen").parts[0] in {"products", "targets", "realm"}
        for node in nodes(path)
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in ports
    ]

    assert literal == []


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
    assert text_of(ROOT / import_graph.PAGE) == import_graph.imports_page()


def test_the_pages_layers_are_the_enforced_ones() -> None:
    """The layers that docs/contributing/architecture.md draws are those of import-linter's contract."""
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    enforced = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    page = text_of(ROOT / "docs/contributing/architecture.md")
    drawn = re.search(r"## Layers.*?```\n(.*?)```", page, re.DOTALL)

    assert drawn is not None
    assert [line.split("  ")[0].strip() for line in drawn[1].splitlines()] == enforced


def test_the_version_is_the_changelogs() -> None:
    """The changelog speaks of the version that the package has."""
    assert f"## [{orthgen.__version__}]" in text_of(ROOT / "CHANGELOG.md")
