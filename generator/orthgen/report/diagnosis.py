"""A diagnosis as text and JSON: what was read, the findings, the refused requests, the answers."""

from __future__ import annotations

from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from orthgen.authz.plugin_config import FILTER_URLS
from orthgen.findings import Severity
from orthgen.report.console import paint
from orthgen.report.diagnosis_forms import (
    AnsweredForm,
    DiagnosisForm,
    FindingForm,
    ReasonStepForm,
    RefusalForm,
    SourceForm,
    StatementForm,
)
from orthgen.report.findings import count_text, findings_text, printable, related_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from orthgen.adoption.recognised_guard import ObservedGuard
    from orthgen.diagnosis.answers import Answer
    from orthgen.diagnosis.diagnose import Diagnosis
    from orthgen.diagnosis.filter_model import ObservedFilter
    from orthgen.diagnosis.refusal import Refusal
    from orthgen.diagnosis.statements import Statement
    from orthgen.findings import Finding
    from orthgen.observed.model import ObservedDeployment, Source

_WIDTH = 110
_MAX_SOURCES = 40
_MAX_UNSEEN = 40


def diagnosis_text(diagnosis: Diagnosis, stream: TextIO, *, with_silenced: bool = False) -> str:
    """The whole diagnosis for people; the counts are in the last line."""
    blocks = [_sources_text(diagnosis.deployment, stream)]
    findings = findings_text(
        diagnosis.findings, diagnosis.deployment.texts, stream, with_silenced=with_silenced
    )
    blocks += [findings] if findings else []
    blocks += [_refusal_text(each, stream) for each in diagnosis.refusals]
    blocks += [_answer_text(each, stream) for each in diagnosis.answers]
    if diagnosis.profile:
        blocks.append(_profile_text(diagnosis.profile, stream))
    if diagnosis.deployment.unseen:
        blocks.append(_unseen_text(diagnosis.deployment.unseen, stream))
    blocks.append(_last_line(diagnosis))
    return "\n\n".join(blocks)


def _unseen_text(unseen: Sequence[str], stream: TextIO) -> str:
    lines = [_indented(printable(text)) for text in unseen[:_MAX_UNSEEN]]
    more = len(unseen) - len(lines)
    lines += [f"  and {more} more (`--format json` lists them)"] if more else []
    return "\n".join([paint("Not seen", "bold", stream=stream), *lines])


def _last_line(diagnosis: Diagnosis) -> str:
    counts = count_text(diagnosis.findings) or "no finding"
    refused = len(diagnosis.refusals)
    return counts if not refused else f"{counts}; {refused} refused request{'s' * (refused != 1)} explained"


def assumptions_text(
    path: str, observed: ObservedFilter, guard: ObservedGuard, others: Sequence[str], *, has_proxy: bool
) -> str:
    """A line about what the answers on an observed deployment rest on; `others` are Orthancs that they are not about."""
    if others:
        names = ", ".join(f"`{name}`" for name in others)
        path = f"{path}: `{observed.orthanc.name}` (not {names})"
    if not any(observed.orthanc.settings.get("Authorization", key) for key in FILTER_URLS):
        return f"{path}: {_without_plugin(observed)}"
    parts = [f"plugin {observed.version.release} ({observed.version.reason})"]
    if guard.rendered_roles is not None:
        parts.append(f"the roles of {guard.rendered_roles.file}, which people can edit while it runs")
    elif not observed.has_roles:
        parts.append("permissions.json was not seen, so there are no roles")
    if observed.takes_authentication_as_off:
        parts.append("`AuthenticationEnabled` was not seen and is taken as false")
    errors = [each for each in observed.service.findings if each.severity is Severity.ERROR]
    parts += [
        f"without an answer of the auth-service: {each.message} ({each.location})" for each in errors[:1]
    ]
    parts += ["the roles of the image"] if observed.has_shipped_roles else []
    parts += [] if observed.has_anonymous_profile else ["the anonymous profile of the image"]
    if guard.deployment is not None:
        parts.append("with the guard of nginx")
    elif guard.problem:
        parts.append(f"without the guard of nginx, because {guard.problem}")
    elif has_proxy:
        parts.append("without the rules of the reverse proxy")
    return f"{path}: {'; '.join(parts)}"


def _without_plugin(observed: ObservedFilter) -> str:
    """A clause about an Orthanc that has no rights of persons."""
    has_plugin = observed.orthanc.settings.has("Authorization")
    plugin = (
        "the authorization plugin asks for no rights" if has_plugin else "without the authorization plugin"
    )
    users = observed.orthanc.settings.get("RegisteredUsers")
    if isinstance(users, dict) and users:
        names = ", ".join(f"`{name}`" for name in users)
        return f"{plugin}; Orthanc's own users may do everything, and are in no role: {names}"
    return f"{plugin}; a person who reaches Orthanc may do everything"


# ---------------------------------------------------------------------------------------------- what was read


def _sources_text(deployment: ObservedDeployment, stream: TextIO) -> str:
    lines = [paint("Read", "bold", stream=stream)]
    sources = sorted(deployment.sources, key=lambda source: (source.file, source.first_line))
    several = Counter(source.file for source in sources)
    rows = []
    for source in sources[:_MAX_SOURCES]:
        place = f"{source.file}:{source.first_line}" if several[source.file] > 1 else source.file
        rows.append((printable(place), _kind(source)))
    width = max((len(place) for place, _ in rows), default=0)
    lines += [f"  {place:<{width}}  {kind}" for place, kind in rows]
    more = len(sources) - len(rows)
    lines += [f"  and {more} more"] if more else []
    lines += ["  nothing"] if not rows else []
    return "\n".join(lines)


def _kind(source: Source) -> str:
    return source.kind.value if source.is_complete else f"{source.kind.value}, an excerpt"


# ------------------------------------------------------------------------------------------- refused requests


def _refusal_text(refusal: Refusal, stream: TextIO) -> str:
    exchange = refusal.exchange
    request = printable(f"{exchange.method} {exchange.target} → {exchange.status}")
    head = f"{paint(request, 'bold', 'red', stream=stream)}  {exchange.location}"
    lines = [head]
    if refusal.alike:
        lines.append(f"  and {refusal.alike} more like it")
    for number, step in enumerate(refusal.steps, start=1):
        lines.append(f"  {number}. {paint(step.title, 'bold', stream=stream)}")
        lines += _statement_lines(step.statements, "     ", exchange.location.file)
    if refusal.remedies:
        lines.append(f"  {paint('What to do', 'bold', 'green', stream=stream)}")
        for remedy in refusal.remedies:
            lines += wrap(
                printable(remedy), _WIDTH, initial_indent="     - ", subsequent_indent="       ", **_WRAPPING
            )
    return "\n".join(lines)


_WRAPPING: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def _statement_lines(statements: Iterable[Statement], indent: str, file: str) -> Iterator[str]:
    """Each statement with its place; a place in `file`, which the heading names, is a line alone."""
    for statement in statements:
        location = statement.location
        place = "" if location is None else f" ({location})"
        if location is not None and location.file == file:
            place = f" (line {location.line})"
        yield from wrap(
            printable(statement.text) + place,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            **_WRAPPING,
        )


def _indented(text: str) -> str:
    return "\n".join(wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", **_WRAPPING))


def _answer_text(answer: Answer, stream: TextIO) -> str:
    asked = printable(f"“{answer.question.text}”")
    head = f"{paint(asked, 'bold', 'cyan', stream=stream)}  {answer.question.location}"
    return "\n".join([head, *_statement_lines(answer.statements, "  ", answer.question.location.file)])


def _profile_text(profile: str, stream: TextIO) -> str:
    head = paint("A profile of orthgen with which this request is allowed", "bold", stream=stream)
    return "\n".join([head, *(f"  {line}" for line in profile.rstrip("\n").split("\n"))])


# -------------------------------------------------------------------------------------------------------- JSON


def diagnosis_form(diagnosis: Diagnosis) -> DiagnosisForm:
    """The whole diagnosis for JSON."""
    return DiagnosisForm(
        read=tuple(map(_source_form, diagnosis.deployment.sources)),
        unseen=tuple(diagnosis.deployment.unseen),
        findings=tuple(map(_finding_form, diagnosis.findings)),
        refusals=tuple(map(_refusal_form, diagnosis.refusals)),
        answers=tuple(map(_answer_form, diagnosis.answers)),
        profile=diagnosis.profile or None,
    )


def _source_form(source: Source) -> SourceForm:
    return SourceForm(
        file=source.file, line=source.first_line, kind=source.kind.value, complete=source.is_complete
    )


def _finding_form(finding: Finding) -> FindingForm:
    place = finding.location
    return FindingForm(
        id=finding.rule.id,
        severity=finding.severity.value,
        confidence=finding.confidence.value,
        message=finding.message,
        consequence=finding.rule.consequence or None,
        remedy=finding.hint or finding.rule.remedy,
        replacement=finding.replacement or None,
        change=finding.change.value if finding.replacement else None,
        replaced=finding.replaced or None,
        file=place.file,
        line=place.line,
        column=place.column,
        related=related_forms(finding),
        silenced=finding.silenced or None,
    )


def _refusal_form(refusal: Refusal) -> RefusalForm:
    exchange = refusal.exchange
    return RefusalForm(
        method=exchange.method,
        path=exchange.target,
        status=exchange.status,
        file=exchange.location.file,
        line=exchange.location.line,
        column=exchange.location.column,
        alike=refusal.alike,
        refused_by=refusal.refused_by.value,
        steps=tuple(
            ReasonStepForm(title=step.title, statements=_statement_forms(step.statements))
            for step in refusal.steps
        ),
        remedies=tuple(refusal.remedies),
    )


def _answer_form(answer: Answer) -> AnsweredForm:
    place = answer.question.location
    return AnsweredForm(
        question=answer.question.text,
        file=place.file,
        line=place.line,
        column=place.column,
        statements=_statement_forms(answer.statements),
    )


def _statement_forms(statements: Sequence[Statement]) -> tuple[StatementForm, ...]:
    return tuple(
        StatementForm(text=each.text, location=str(each.location) if each.location is not None else None)
        for each in statements
    )
