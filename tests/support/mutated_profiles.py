"""Profiles with something wrong in them: the examples, each with one to three places changed by chance."""

from __future__ import annotations

import copy
import io
from typing import TYPE_CHECKING, Any

from orthgen.catalogue import load as load_release
from orthgen.catalogue import releases
from orthgen.consistency.check import inconsistencies
from orthgen.deployment.resolve import resolve
from orthgen.errors import OrthgenError
from orthgen.formats.yaml_io import parse_yaml, typed
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.load import load
from orthgen.report.error import error_text
from orthgen.targets import TARGETS
from tests.support.builders import EXAMPLES, PROFILES
from tests.support.free_text import EVERYTHING, PAYLOADS

if TYPE_CHECKING:
    import random

TREES: tuple[dict[str, Any], ...] = tuple(
    tree
    for tree in (
        *(parse_yaml((PROFILES / name).read_text(encoding="utf-8"), name)[0].value for name in EXAMPLES),
        parse_yaml(EVERYTHING, "everything.yaml")[0].value,
    )
    if "extends" not in tree
)
_JUNK: tuple[Any, ...] = (
    None,
    None,
    None,
    "",
    " ",
    "x",
    "true",
    "0",
    "-1",
    "1e9",
    [],
    {},
    [[]],
    [None],
    {"x": None},
    "\u202e",
)


def mutated(chance: random.Random) -> dict[str, Any]:
    """A profile that was valid before one to three of its places changed."""
    tree = copy.deepcopy(chance.choice(TREES))
    for _ in range(chance.randint(1, 3)):
        _change(chance, tree)
    return tree


def _change(chance: random.Random, tree: Any) -> None:
    parts: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key, value in list(node.items()) if isinstance(node, dict) else enumerate(node):
            parts.append((node, key))
            if isinstance(value, dict | list):
                collect(value)

    collect(tree)
    if not parts:
        return
    node, key = chance.choice(parts)
    match chance.randrange(6):
        case 0:
            del node[key]
        case 1 if isinstance(node, dict):
            node[f"{key}s"] = node.pop(key)
        case 2 if isinstance(node, dict):
            node[chance.choice(PAYLOADS)] = chance.choice(_JUNK)
        case 3:
            other, there = chance.choice(parts)
            node[key] = copy.deepcopy(other[there]) if _has(other, there) else None
        case 4:
            node[key] = chance.choice(PAYLOADS)
        case _:
            node[key] = copy.deepcopy(chance.choice(_JUNK))


def _has(node: Any, key: Any) -> bool:
    return key in node if isinstance(node, dict) else key < len(node)


def trouble(tree: dict[str, Any]) -> str:
    """What is not as it should be with the answer to a profile; nothing where it renders, or is refused in words."""
    content = dump_yaml(typed(tree)).encode("utf-8", errors="surrogatepass")
    try:
        loaded = load("p.yaml", read=lambda _: content)
        release = load_release(loaded.profile.release or releases()[0])
        disagreements = inconsistencies(TARGETS["compose"].render(resolve(loaded.profile, release, "p.yaml")))
        return f"it contradicts itself: {disagreements[0].message}" if disagreements else ""
    except OrthgenError as error:
        findings = getattr(error, "findings", ())
        if not findings or not error_text(error, io.StringIO()):
            return f"refused without a finding: {error}"
        wrong = [
            finding
            for finding in findings
            if not (finding.location.line and finding.location.column and finding.message)
        ]
        return f"a finding without a place: {wrong[0]}" if wrong else ""
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__}: {error}"
