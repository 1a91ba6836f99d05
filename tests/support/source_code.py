"""Source code as syntax trees: each file is parsed once in a process, whoever asks."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "generator").rglob("*.py"))
"""The modules of the package."""
OWN_MODULES = [
    *MODULES,
    *(
        path
        for folder in ("tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if not {"golden", "node_modules"} & set(path.relative_to(ROOT).parts)
    ),
]
"""The modules of the package, of its tests and of its benchmarks, without rendered files and installed tools."""


@functools.cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module. Nobody changes it."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module's tree."""
    return tuple(ast.walk(tree(path)))


def name_of(path: Path) -> str:
    """The path of a module in the repository."""
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


def strings_of(path: Path) -> set[str]:
    """The strings that stand in a module, docstrings included."""
    constants = (node.value for node in nodes(path) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def attributes_of(path: Path) -> set[str]:
    """The names behind a point in a module."""
    return {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}


@functools.cache
def calls_of(path: Path) -> list[tuple[str, ast.Call]]:
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
