"""All findings about an observed deployment."""

from __future__ import annotations

from orthgen.diagnosis.rules import rule_modules
from orthgen.findings import Finding
from orthgen.observed.model import ObservedDeployment


def findings_of(deployment: ObservedDeployment, failures: list[str] | None = None) -> list[Finding]:
    """
    The findings of the readers and of every rule, the gravest first, then by place.

    With `failures`, a rule that fails adds a sentence to them and does not keep the others from their findings.
    """
    found = [*deployment.findings]
    for module in rule_modules():
        try:
            found += module.check(deployment)
        except Exception as problem:
            if failures is None:
                raise
            name, reason = vars(module)["__name__"].rpartition(".")[2], type(problem).__name__
            failures.append(f"The rule `{name}` failed ({reason}): a bug of orthgen. Please report it.")
    return sorted(found, key=lambda finding: (finding.severity.rank, finding.location))
