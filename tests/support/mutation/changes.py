"""Changes: every one that cosmic-ray knows of some packages, a sample of them, and each in text."""

from __future__ import annotations

import ast
import difflib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

PURE = ("authz", "changes", "consistency", "deployment")
"""The packages that compute only, for which CONTRIBUTING.md has a goal."""
SOURCES = Path("generator/orthgen")
_IDENTITY = ("core/ReplaceComparisonOperator_Is_Eq", "core/ReplaceComparisonOperator_IsNot_NotEq")
_MEMBER = re.compile(r"is( not)? [A-Z]\w+\.[A-Z]+\b")
EQUIVALENT = Path("tests/tools/equivalent-changes.yaml")


class Change(NamedTuple):
    """A change of one place, as cosmic-ray names it."""

    module: str
    row: int
    column: int
    operator: str
    occurrence: int

    def __str__(self) -> str:
        return f"{self.module}:{self.row} {self.operator.removeprefix('core/')}"

    @property
    def package(self) -> str:
        """The name of the package."""
        return Path(self.module).relative_to(SOURCES).parts[0]

    @property
    def source(self) -> str:
        """The module without the change."""
        return Path(self.module).read_text(encoding="utf-8")

    @property
    def changed_source(self) -> str:
        return mutate_code(self.source, get_operator(self.operator)(), self.occurrence)

    @property
    def lines(self) -> tuple[str, str]:
        """The lines that the change takes away and those that it brings, without indentation."""
        sources = (self.source.splitlines(), self.changed_source.splitlines())
        difference = list(difflib.unified_diff(*sources, n=0))[3:]
        taken, brought = (
            " ".join(line[1:].strip() for line in difference if line[0] == sign) for sign in "-+"
        )
        return taken, brought


def packages() -> list[str]:
    """Every package."""
    return sorted(path.parent.name for path in SOURCES.glob("*/__init__.py"))


def modules(chosen: Iterable[str]) -> list[Path]:
    """The modules of these packages."""
    return sorted(path for package in chosen for path in (SOURCES / package).rglob("*.py"))


def all_changes(chosen: Iterable[str]) -> list[Change]:
    """
    Every change of these packages that cosmic-ray knows, but those that can mean nothing else.

    Nothing evaluates annotations and what is imported for them; members of an enumeration are equal to themselves alone.
    """
    changes = []
    for path in modules(chosen):
        source = path.read_text(encoding="utf-8")
        annotations = _annotations(ast.parse(source))
        lines = source.splitlines()
        nodes = list(ast_nodes(get_ast(source)))
        for name in operator_names():
            if get_operator(name).arguments():
                continue
            operator = get_operator(name)()
            starts = (start for node in nodes for start, _ in operator.mutation_positions(node))
            changes += [
                Change(str(path), start[0], start[1], name, occurrence)
                for occurrence, start in enumerate(starts)
                if not any(first <= start < last for first, last in annotations)
                and not (name in _IDENTITY and _MEMBER.match(lines[start[0] - 1], start[1]))
            ]
    return sorted(changes)


def _annotations(tree: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    fields = (getattr(node, name, None) for node in ast.walk(tree) for name in ("annotation", "returns"))
    imports = (node.test for node in ast.walk(tree) if isinstance(node, ast.If))
    expressions = [field for field in fields if isinstance(field, ast.expr)]
    expressions += [test for test in imports if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"]
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in expressions
    ]


def sample(changes: Sequence[Change], count: int, seed: int) -> tuple[int, list[Change]]:
    """The number of places, and one change of each of COUNT places: a `+` with twelve changes counts once."""
    chance = random.Random(seed)
    places = defaultdict(list)
    for change in changes:
        places[change[:3]].append(change)
    drawn = chance.sample(sorted(places), min(count, len(places)))
    return len(places), [chance.choice(places[place]) for place in drawn]


def without_equivalent(changes: Sequence[Change]) -> list[Change]:
    """The changes that mean something else than the line that they change."""
    listed = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8"))
    equivalent = {(entry["module"], entry["line"], entry["changed"]) for entry in listed}
    modules_of_equivalent = {module for module, _, _ in equivalent}
    return [
        change
        for change in changes
        if change.module not in modules_of_equivalent or (change.module, *change.lines) not in equivalent
    ]
