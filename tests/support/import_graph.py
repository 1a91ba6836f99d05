"""The import graph of the package: modules, circles, floors, and the page that draws it."""

from __future__ import annotations

import ast
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.source_code import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Graph = dict[str, frozenset[str]]
"""What each module, or each package of the top level, imports."""

PACKAGE = Path(__file__).parents[2] / "generator" / "orthgen"
MAX_FLOORS = 7
PAGE = "docs/contributing/imports.md"

_INTRODUCTION = """\
# Imports between packages

Generated from the imports of `generator/orthgen/` by `python -m tests.support.regenerate`; do not edit.

An arrow leads from a package to one that it imports; type annotations and imports inside functions count. The drawing
leaves out an arrow that others imply; the table has every import. [architecture.md](architecture.md) says what each
package is for.
"""


def module_graph() -> Graph:
    """What every module imports of the package."""
    paths = {_name(path): path for path in PACKAGE.rglob("*.py")}
    return {name: frozenset(_imports(path, paths) - {name}) for name, path in sorted(paths.items())}


def package_graph(modules: Graph) -> Graph:
    """What each package or module of the top level imports of the others."""
    packages: dict[str, set[str]] = {_top(name): set() for name in modules if name not in {"", "__main__"}}
    for name, imported in modules.items():
        if _top(name) in packages:
            packages[_top(name)] |= {_top(other) for other in imported} - {_top(name), ""}
    return {name: frozenset(imported) for name, imported in sorted(packages.items())}


def circle(graph: Graph) -> list[str]:
    """One circle of imports, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        imports: list[str] = error.args[1]
        return imports
    return []


def floors() -> list[list[str]]:
    """The packages by floor, from the lowest up, as import-linter's contract has them."""
    settings = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["id"] == "layers"
    )
    return [sorted(layer.split(" : ")) for layer in reversed(layers)]


def upward(packages: Graph) -> list[str]:
    """Imports that point from a floor to a higher one."""
    floor_of = {name: number for number, names in enumerate(floors()) for name in names}
    return [
        f"{name} -> {other}"
        for name, imported in packages.items()
        for other in sorted(imported)
        if floor_of[other] > floor_of[name]
    ]


def imports_page() -> str:
    """Markdown: a drawing of the floors, and a table of what each package imports."""
    packages = package_graph(module_graph())
    by_floor = floors()
    lines = [_INTRODUCTION, "```mermaid", "flowchart TD"]
    for floor in reversed(range(len(by_floor))):
        lines.append(f'  subgraph floor{floor + 1}["floor {floor + 1}"]')
        lines += [f"    {name}" for name in by_floor[floor]]
        lines.append("  end")
    lines += [f"  {name} --> {other}" for name, other in _direct(packages)]
    lines += ["```", "", "| floor | package | imports |", "|---|---|---|"]
    for floor in reversed(range(len(by_floor))):
        lines += [
            f"| {floor + 1} | `{name}` | {', '.join(f'`{other}`' for other in sorted(packages[name])) or '–'} |"
            for name in by_floor[floor]
        ]
    return "\n".join(lines) + "\n"


def _direct(packages: Graph) -> Iterator[tuple[str, str]]:
    """Imports that no other import already implies: the arrows that a drawing needs."""
    for name, imported in packages.items():
        implied = {far for near in imported for far in _reachable(packages, near)}
        yield from ((name, other) for other in sorted(imported - implied))


def _reachable(packages: Mapping[str, frozenset[str]], name: str) -> set[str]:
    reachable: set[str] = set()
    waiting = list(packages[name])
    while waiting:
        other = waiting.pop()
        if other not in reachable:
            reachable.add(other)
            waiting += packages[other]
    return reachable


def _imports(path: Path, paths: Mapping[str, Path]) -> set[str]:
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                names.add(inside if inside.removeprefix("orthgen.") in paths else node.module)
    inner = {name.removeprefix("orthgen.") for name in names if name.startswith("orthgen.")}
    return inner & set(paths)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


def _top(name: str) -> str:
    return name.split(".", maxsplit=1)[0]
