"""
Rules about observed deployments, one in each module.

A module is named after its rule. It has `RULE`, a `findings.Rule` whose `example` has the finding and whose
`counterexample` has not, and `check(deployment)`, which yields its findings. A module of rules that differ only in data
has a table of them, and `RULES` instead. Several files in an example are set apart by lines as those of `head`:
`==> docker-compose.yml <==`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from orthgen.findings import Finding, Rule
from orthgen.observed.model import ObservedDeployment


class RuleModule(Protocol):
    """The interface of a module of this package."""

    def check(self, deployment: ObservedDeployment) -> Iterator[Finding]:
        """The findings of the module's rules about a deployment."""


@cache
def rule_modules() -> tuple[RuleModule, ...]:
    """Every module of rules, in the order of the modules' names."""
    files = [file for file in Path(__file__).parent.iterdir() if file.suffix == ".py"]
    names = sorted(file.stem for file in files if file.stem != "__init__")
    return tuple(cast("RuleModule", import_module(f"{__name__}.{name}")) for name in names)


def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the modules."""
    return tuple(rule for module in rule_modules() for rule in _rules_of(module))


def _rules_of(module: RuleModule) -> tuple[Rule, ...]:
    table: tuple[Rule, ...] | None = getattr(module, "RULES", None)
    return table if table is not None else (vars(module)["RULE"],)
