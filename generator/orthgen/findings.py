"""
Findings: the location of a problem, a message, and a hint.

Used for a bad profile, for a rendered deployment that contradicts itself and for what is read from an
existing deployment. Nothing here prints; `report.findings` chooses layout and colours.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """Severity of a finding, the gravest first: an error stops the work, a warning does not, a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """The position among the severities, 0 for the gravest."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """Confidence in a finding: `likely` where a part of the deployment that was not seen could make it harmless."""

    CERTAIN = "certain"
    LIKELY = "likely"


class EditKind(StrEnum):
    """The text that a replacement takes the place of."""

    VALUE = "value"
    """The value at the location, or the part of it that the finding names."""
    NAME = "name"
    """The name of the setting at the location."""
    DIRECTIVE = "directive"
    """The directive at the location, with its semicolon."""
    ADDITION = "addition"
    """None: it is a new entry of the mapping, object or block at the location."""


class Location(Struct, order=True, frozen=True):
    """A place in a file. `line` and `column` count from 1; a column counts characters, not bytes."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @classmethod
    def at(cls, file: str, text: str, position: int) -> Location:
        """The place of a position in the text of a file; positions count characters from 0."""
        return cls(file, text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position))


class Rule(Struct, frozen=True):
    """
    A kind of finding: its id, and the text of its entry in docs/findings.md.

    A rule stands beside the check that yields it. `id` names the bad thing in kebab-case. `summary` and `remedy` are
    sentences of Markdown.
    """

    id: str
    severity: Severity
    summary: str
    remedy: str
    example: str
    """
    What has this finding: an overlay of profiles/minimal.yaml, without its line `extends: minimal.yaml`.

    Where lines begin with `-` and `+` it is a difference in a file that has no such finding.
    """
    file: str = "example.yaml"
    """The file of the example."""
    also: tuple[str, ...] = ()
    """Ids of other findings that the example has."""
    consequence: str = ""
    """Sentences about what people suffer because of it, in their words; for rules about observed deployments."""
    counterexample: str = ""
    """The example as it should be, which does not have this finding; for rules about observed deployments."""
    is_advice: bool = False
    """Whether the finding is about a risk that breaks nothing, as in most copies of a sample: it stands behind the others."""
    is_about_absence: bool = False
    """Whether the finding is about something that is not written: it stands behind the findings about what is."""


class Finding(Struct, frozen=True):
    """
    A problem at one position of a file.

    `message` is lower-case, has no final stop and puts the author's words in back-ticks; `hint` says what
    to do about it and is empty only where the message leaves no doubt. `related` are other places that
    the message speaks of.
    """

    rule: Rule
    message: str
    location: Location
    hint: str = ""
    related: tuple[tuple[Location, str], ...] = ()
    is_sensitive: bool = False
    """Whether a secret may stand at the location; then no excerpt shows the rest of that line."""
    path: tuple[str | int, ...] = ()
    """The keys that lead to the place, where the file is a profile."""
    silenced: str = ""
    """The reason with which the profile silences the finding; empty where it does not."""
    replacement: str = ""
    """The exact text to write instead; empty where it is not certain."""
    change: EditKind = EditKind.VALUE
    """The text that `replacement` takes the place of."""
    replaced: str = ""
    """The part of the value that `replacement` takes the place of; empty for the whole value."""
    confidence: Confidence = Confidence.CERTAIN

    @property
    def severity(self) -> Severity:
        """The severity of the finding's rule."""
        return self.rule.severity


# Of a profile, and of the accepted findings of `orthgen diagnose`.
UNKNOWN_FINDING = Rule(
    "unknown-finding",
    Severity.ERROR,
    summary="`silence` names an id that no finding has.",
    remedy="Correct the spelling. Each message ends with the id of the finding, in brackets.",
    example="""
        silence: [{finding: clear-text-smpt, reason: the relay is in the same rack}]
    """,
)
UNUSED_SILENCE = Rule(
    "unused-silence",
    Severity.WARNING,
    summary="`silence` names a warning that the profile does not have, or does not have at that place.",
    remedy="Remove the item: it would hide the warning where it comes up again.",
    example="""
        silence: [{finding: clear-text-smtp, reason: the relay is in the same rack}]
    """,
)
