"""Answers to the questions in a pasted text, from the findings and the explanations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.catalogue import configuration_keys
from orthgen.diagnosis.statements import Statement, counted
from orthgen.observed.model import SourceKind

if TYPE_CHECKING:
    from orthgen.diagnosis.refusal import Refusal
    from orthgen.findings import Finding
    from orthgen.observed.model import ObservedDeployment
    from orthgen.observed.recording_model import Question


# Sources that say how a deployment behaves, and not how it is configured.
_WITHOUT_SETTINGS = frozenset(
    {SourceKind.HTTP, SourceKind.LOG, SourceKind.TOKEN, SourceKind.EMPTY, SourceKind.UNKNOWN}
)
_TITLES = {"explorer-2": "Orthanc Explorer 2", "orthanc": "Orthanc"}


class Answer(Struct, frozen=True):
    """A question of the text with its answer; the first statement is the answer in short."""

    question: Question
    statements: tuple[Statement, ...]


def answers(
    deployment: ObservedDeployment, findings: Sequence[Finding], refusals: Sequence[Refusal]
) -> tuple[Answer, ...]:
    """The questions that can be answered, in their order."""
    answered = []
    for question in deployment.questions:
        for asks, answer in _TOPICS:
            statements = answer(deployment, findings, refusals) if re.search(asks, question.text) else ()
            if statements:
                answered.append(Answer(question, statements))
                break
    return tuple(answered)


def _about_anonymous(
    deployment: ObservedDeployment, findings: Sequence[Finding], refusals: Sequence[Refusal]
) -> tuple[Statement, ...]:
    del deployment, findings
    if not any(refusal.token is not None and refusal.token.is_link for refusal in refusals):
        return (
            Statement(
                "Only for what people may do without signing in: the anonymous profile is the profile of every request without a user."
            ),
        )
    return (
        Statement(
            "No. A link has no profile of its own, so that the anonymous profile applies to it, as to everybody who is not signed in."
        ),
        Statement(
            "`upload` in the anonymous profile removes the 403, and lets everybody who reaches the address store objects, "
            "without a name in any log."
        ),
        Statement(
            "Let OHIF send the token of the signed-in user instead. A role of the user then needs `upload`, and the anonymous "
            "profile stays empty."
        ),
    )


def _about_token(
    deployment: ObservedDeployment, findings: Sequence[Finding], refusals: Sequence[Refusal]
) -> tuple[Statement, ...]:
    del deployment, findings
    sent = next((each.token for each in refusals if each.token is not None), None)
    return (sent.origin or sent.statements) if sent is not None else ()


def _about_configuration(
    deployment: ObservedDeployment, findings: Sequence[Finding], refusals: Sequence[Refusal]
) -> tuple[Statement, ...]:
    kinds = {(source.file, source.kind) for source in deployment.sources}
    if all(kind in _WITHOUT_SETTINGS for _, kind in kinds):
        return ()
    active = [finding for finding in findings if not finding.silenced]
    if not active:
        nothing = Statement("No: nothing in what was read is wrong or unknown.")
        return (nothing, *_removed_later(deployment))
    listed = [
        Statement(f"{finding.message}{f': {finding.hint}' if finding.hint else ''}.", finding.location)
        for finding in active
    ]
    statements = [Statement(f"Yes: {counted(len(active), 'finding')}."), *listed]
    statements += _removed_later(deployment)
    if any(refusal.token is not None and refusal.token.is_link for refusal in refusals):
        text = "None of them causes the 403: no key of Orthanc's configuration lets a link open that path."
        statements.append(Statement(text))
    return tuple(statements)


def _removed_later(deployment: ObservedDeployment) -> Iterator[Statement]:
    """Keys that are right or not by the version, where the version was not seen."""
    for orthanc in deployment.orthancs:
        if orthanc.service is not None and orthanc.service.image is not None:
            continue  # rules name them as findings
        for key in configuration_keys.removed_keys():
            if orthanc.settings.has(*key.path):
                use = f" From then on, write `{'.'.join(key.use)}`." if key.use else ""
                text = f"`{'.'.join(key.path)}` is read before {_TITLES.get(key.component, key.component)} {key.version} only.{use}"
                yield Statement(text, orthanc.settings.locate(key.path))


def _about_refusal(
    deployment: ObservedDeployment, findings: Sequence[Finding], refusals: Sequence[Refusal]
) -> tuple[Statement, ...]:
    del deployment, findings
    if not refusals:
        return ()
    last = refusals[0].steps[-1].statements
    return (refusals[0].steps[0].statements[0], *last)


_Answer = Callable[["ObservedDeployment", "Sequence[Finding]", "Sequence[Refusal]"], tuple[Statement, ...]]
_TOPICS: tuple[tuple[str, _Answer], ...] = (
    (r"(?i)\banonym", _about_anonymous),
    (r"(?i)\b(?:token|jeton)\b", _about_token),
    (
        (
            r"(?i)(?=.*\b(?:issue|mistake|error|wrong|problem|correct|valid|miss|erreur|probl|manque|fehl|falsch|richtig)\w*)"
            r"(?=.*(?:\b(?:config|setting|file|excerpt|fichier)|datei|konfig|einstell))"
        ),
        _about_configuration,
    ),
    (
        r"(?i)\b(?:40[13]|forbidden|refus|denie|reject|not allowed|interdit|verboten|verweiger|abgelehnt)",
        _about_refusal,
    ),
)
