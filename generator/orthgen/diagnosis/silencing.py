"""Findings about a deployment that somebody accepts, each with a reason: in a file of its own, or in a comment."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.diagnosis.rules import rules
from orthgen.errors import InputError
from orthgen.findings import UNKNOWN_FINDING, UNUSED_SILENCE, Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import Document, parse_yaml
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FILE_NAME = ".orthgen-diagnose.yaml"
INVALID_SILENCE = Rule(
    "invalid-silence",
    Severity.ERROR,
    summary="The file that silences findings of `orthgen diagnose` is not a list of findings and reasons.",
    remedy="Write `silence: [{finding: ID, reason: TEXT}]`; `at: FILE` is optional.",
    file=FILE_NAME,
    example="""
        silence: [{finding: published-database}]
    """,
)
_KEYS = ("finding", "reason", "at")
# `# orthgen: silence published-database: the firewall closes the port`, in the finding's line or in the line above.
_COMMENT = r"(?:#|//)\s*orthgen:\s*silence\s+(?P<finding>[a-z0-9-]+)\s*:\s*(?P<reason>\S.*?)\s*(?:\*/)?\s*$"


class Silence(Struct, frozen=True):
    """A finding that is accepted, the reason, and the files that it is about: a name or a pattern (`*.yml`)."""

    finding: str
    reason: str
    location: Location
    at: str = "*"

    def applies(self, finding: Finding) -> bool:
        """Whether this is about a finding."""
        file = finding.location.file
        names = {file, file.rpartition("/")[2], f"{file}:{finding.location.line}"}
        return finding.rule.id == self.finding and any(fnmatchcase(name, self.at) for name in names)


def read_silences(text: str, file: str) -> tuple[Silence, ...]:
    """The silences of a file. Raises `InputError` where it is not what it should be."""
    document, findings = parse_yaml(text, file)
    if not findings:
        findings = list(_problems(document))
    if findings:
        raise InputError(f"`{file}` is not valid", findings, texts={file: text})
    return tuple(
        Silence(
            str(item["finding"]),
            str(item["reason"]),
            document.locate(("silence", index)),
            str(item.get("at", "*")),
        )
        for index, item in enumerate(document.value["silence"])
    )


def _problems(document: Document) -> Iterator[Finding]:
    def problem(path: tuple[str | int, ...], message: str, hint: str = INVALID_SILENCE.remedy) -> Finding:
        return Finding(INVALID_SILENCE, message, document.locate(path), hint)

    value: Any = document.value
    items = value.get("silence") if isinstance(value, dict) else None
    if not isinstance(items, list):
        yield problem((), "there is no list `silence`")
        return
    for key in value.keys() - {"silence"}:
        yield problem((key,), f"unknown key `{key}`")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            yield problem(("silence", index), "not a finding with a reason")
            continue
        for key in item.keys() - set(_KEYS):
            yield problem(("silence", index, key), f"unknown key `{key}`", did_you_mean(key, _KEYS))
        for key in ("finding", "reason"):
            if not isinstance(item.get(key), str) or not item[key].strip():
                yield problem(("silence", index), f"`{key}` is missing")


def silence(
    findings: Iterable[Finding], silences: Sequence[Silence], texts: Mapping[str, str]
) -> tuple[Finding, ...]:
    """The findings with the reasons of those that are accepted; a warning for a silence without a finding."""
    every = list(findings)
    # A text is redacted when it is read.
    files = {each.location.file for each in every} & texts.keys()
    lines = {file: texts[file].split("\n") for file in files}
    silenced = [
        replace(
            each, silenced=_reason(each, silences) or _reason_beside(each, lines.get(each.location.file, []))
        )
        for each in every
    ]
    return (*silenced, *_unused(every, silences))


def _reason(finding: Finding, silences: Sequence[Silence]) -> str:
    return next((each.reason for each in silences if each.applies(finding)), "")


def _reason_beside(finding: Finding, lines: Sequence[str]) -> str:
    """The reason in a comment at the finding's line or above it."""
    number = finding.location.line
    for line in lines[max(0, number - 2) : number]:
        comment = re.search(_COMMENT, line)
        if comment is not None and comment["finding"] == finding.rule.id:
            return comment["reason"]
    return ""


def _unused(findings: Sequence[Finding], silences: Sequence[Silence]) -> Iterator[Finding]:
    known = {rule.id for rule in rules()} | {finding.rule.id for finding in findings}
    for each in silences:
        if each.finding not in known:
            hint = did_you_mean(each.finding, sorted(known), otherwise="docs/diagnosis-rules.md lists them")
            yield Finding(UNKNOWN_FINDING, f"no finding is called `{each.finding}`", each.location, hint)
        elif not any(each.applies(finding) for finding in findings):
            message = f"nothing to silence: there is no finding `{each.finding}`"
            at = f" in `{each.at}`" if each.at != "*" else ""
            yield Finding(UNUSED_SILENCE, message + at, each.location, "remove the item")
