"""The whole diagnosis of an observed deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from orthgen.diagnosis.answers import Answer, answers
from orthgen.diagnosis.check import findings_of
from orthgen.findings import Finding
from orthgen.observed.model import ObservedDeployment

if TYPE_CHECKING:
    from orthgen.diagnosis.refusal import Refusal


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
    explained, profile = _explanation(deployment)
    return Diagnosis(
        deployment,
        findings,
        explained,
        answers(deployment, findings, explained),
        profile,
    )


def _explanation(deployment: ObservedDeployment) -> tuple[tuple[Refusal, ...], str]:
    """The reasons of the refused requests, and a profile that allows them; none for files alone, which need no model of the plugin."""
    if not deployment.exchanges:
        return (), ""
    from orthgen.diagnosis.proposed_profile import proposed_profile  # noqa: PLC0415 - imports the model, too
    from orthgen.diagnosis.refusal import refusals  # noqa: PLC0415 - 20 modules, a tenth of the command

    explained = refusals(deployment)
    return explained, proposed_profile(deployment, explained)
