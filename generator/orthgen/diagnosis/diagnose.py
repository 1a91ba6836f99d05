"""The whole diagnosis of an observed deployment."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from orthgen.diagnosis.answers import Answer, answers
from orthgen.diagnosis.check import findings_of
from orthgen.diagnosis.proposed_profile import proposed_profile
from orthgen.diagnosis.refusal import Refusal, refusals
from orthgen.findings import Finding
from orthgen.observed.model import ObservedDeployment


class Diagnosis(Struct, frozen=True):
    """The findings about a deployment, the reasons for refused requests, and answers. `profile` is YAML, or empty."""

    deployment: ObservedDeployment
    findings: tuple[Finding, ...]
    refusals: tuple[Refusal, ...] = ()
    answers: tuple[Answer, ...] = ()
    profile: str = ""


def diagnose(deployment: ObservedDeployment) -> Diagnosis:
    """Everything that can be said about a deployment."""
    failures: list[str] = []
    findings = tuple(findings_of(deployment, failures))
    deployment = replace(deployment, unseen=(*deployment.unseen, *failures))
    explained = refusals(deployment)
    return Diagnosis(
        deployment,
        findings,
        explained,
        answers(deployment, findings, explained),
        proposed_profile(deployment, explained),
    )
