"""All findings about an observed deployment."""

from __future__ import annotations

from orthgen.diagnosis.rules import rule_modules
from orthgen.findings import Finding, Location
from orthgen.observed.model import ObservedDeployment


def findings_of(deployment: ObservedDeployment, failures: list[str] | None = None) -> list[Finding]:
    """
    The findings of the readers and of every rule, the gravest first; of these, the likeliest causes of a symptom; then by place.

    A value that somebody wrote is a likelier cause than a default, or than a part that may be in another file. Advice about
    risks that break nothing comes last.

    With `failures`, a rule that fails adds a sentence to them and does not keep the others from their findings.
    """
    findings = [*deployment.findings]
    for module in rule_modules():
        try:
            findings += module.check(deployment)
        except Exception as problem:
            if failures is None:
                raise
            name, reason = vars(module)["__name__"].rpartition(".")[2], type(problem).__name__
            failures.append(f"The rule `{name}` failed ({reason}): a bug of orthgen. Please report it.")
    # Services that share a part of a file have the same finding at the same place.
    return sorted(dict.fromkeys(findings), key=_order)


def _order(finding: Finding) -> tuple[int, bool, bool, Location]:
    rule = finding.rule
    return rule.severity.rank, rule.is_advice, rule.is_about_absence, finding.location
