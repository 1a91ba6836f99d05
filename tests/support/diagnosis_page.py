"""The page about the rules of `orthgen diagnose`, `docs/diagnosis-rules.md`."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from orthgen.diagnosis.rules import rules
from tests.support.findings_page import language, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Rule

_INTRODUCTION = """\
# Rules of the diagnosis

`orthgen diagnose` reads a deployment that somebody else wrote ([diagnose.md](diagnose.md)), and applies these rules. An **error**
breaks something, or gives access to people who should have none. A **warning** names a risk. A **note** is worth knowing. A
finding is *likely* if a part that was not in the input could make it harmless.

An example with several files has the name of each file above its lines. Findings about the files themselves (syntax, repeated
keys) are in [findings.md](findings.md).

Generated from the rules in `generator/orthgen/diagnosis/rules/` by `python -m tests.support.regenerate`; do not edit.
"""
# The headings, by the file in which a rule finds fault.
_HEADINGS = {
    "orthanc.json": "Orthanc",
    "permissions.json": "Permissions",
    "realm.json": "Keycloak's realm",
    "nginx.conf": "Reverse proxy",
    "app-config.js": "OHIF",
    "docker-compose.yml": "Containers and their environment",
    "token.txt": "Tokens",
    "request.http": "Requests",
    "nginx.log": "Logs",
}
_FILE = re.compile(r"^==> (?P<name>.*) <==\n", re.MULTILINE)


def diagnosis_page() -> str:
    """The whole page, Markdown, with a final newline."""
    lines = [_INTRODUCTION]
    for file, heading in _HEADINGS.items():
        members = sorted((rule for rule in rules() if rule.file == file), key=lambda rule: rule.id)
        lines += [f"## {heading}", ""] if members else []
        for rule in members:
            lines += _entry(rule)
    return "\n".join(lines)


def files_of(text: str, file: str) -> dict[str, str]:
    """The files of an example, by name: one of the name `file`, or those that lines as of `head` set apart."""
    parts = _FILE.split(dedent(text).strip("\n") + "\n")
    return dict(zip(parts[1::2], parts[2::2], strict=True)) if len(parts) > 1 else {file: parts[0]}


def _entry(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield from wrapped(f"{rule.severity.value.capitalize()}. {rule.summary} {rule.consequence}")
    yield ""
    for name, text in files_of(rule.example, rule.file).items():
        yield f"`{name}`:"
        yield ""
        yield f"```{language(name)}"
        yield text.strip("\n")
        yield "```"
        yield ""
    if rule.also:
        yield f"The example also has {' and '.join(f'[{name}](#{name})' for name in rule.also)}."
        yield ""
    yield from wrapped(f"**Remedy:** {rule.remedy}")
    yield ""
