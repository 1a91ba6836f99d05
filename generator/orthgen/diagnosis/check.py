"""All findings about an observed deployment."""

from __future__ import annotations

from orthgen.diagnosis.rules import rule_modules
from orthgen.findings import Finding
from orthgen.observed.model import ObservedDeployment


def findings_of(deployment: ObservedDeployment) -> list[Finding]:
    """The findings of the readers and of every rule, the gravest first, then by place."""
    found = [*deployment.findings]
    for module in rule_modules():
        found += module.check(deployment)
    return sorted(found, key=lambda finding: (finding.severity.rank, finding.location))
