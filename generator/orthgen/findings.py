"""
Findings: the location of a problem, a message, and a hint.

Used for a bad profile, for a rendered deployment that contradicts itself and for what is read from an
existing deployment. Nothing here prints; `views.findings_view` chooses words and colours.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


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


class Location(Struct, order=True, frozen=True):
    """A place in a file. `line` and `column` count from 1; a column counts characters, not bytes."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


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
    confidence: Confidence = Confidence.CERTAIN

    @property
    def severity(self) -> Severity:
        """The severity of the finding's rule."""
        return self.rule.severity


# Among more words than this, the nearest one is looked up instead of compared with each.
_MAX_COMPARED_WORDS = 400
# More words than this are not listed in a hint.
_MAX_LISTED_WORDS = 24


class Vocabulary:
    """The words that are known somewhere, made once where many words are looked up."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(dict.fromkeys(words))
        self._known = frozenset(self.words)
        self._folded = {word.casefold(): word for word in reversed(self.words)}
        self._shorter: dict[str, str] | None = None

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def nearest(self, word: str) -> str | None:
        """The known word that was probably meant, or None where none is close."""
        folded = word.casefold()
        if folded in self._folded:
            return self._folded[folded]
        if len(self._folded) > _MAX_COMPARED_WORDS:
            return self._looked_up(folded)
        close = get_close_matches(folded, list(self._folded), n=1, cutoff=0.6)
        return self._folded[close[0]] if close else None

    def _looked_up(self, folded: str) -> str | None:
        """A known word of which one character was left out, added, or written as another one."""
        if self._shorter is None:
            self._shorter = {
                shorter: word
                for folded_word, word in reversed(self._folded.items())
                for shorter in (*_shortened(folded_word), folded_word)
            }
        tried = (folded, *_shortened(folded))
        return next((self._shorter[shorter] for shorter in tried if shorter in self._shorter), None)


def _shortened(word: str) -> Iterable[str]:
    """The word without each of its characters."""
    return (word[:index] + word[index + 1 :] for index in range(len(word)))


def nearest(word: str, candidates: Iterable[str] | Vocabulary) -> str | None:
    """The known word that was probably meant, or None where none is close."""
    return (candidates if isinstance(candidates, Vocabulary) else Vocabulary(candidates)).nearest(word)


def did_you_mean(word: str, candidates: Iterable[str] | Vocabulary, *, otherwise: str = "") -> str:
    """A hint that names the nearest known word, or lists what is known."""
    vocabulary = candidates if isinstance(candidates, Vocabulary) else Vocabulary(candidates)
    close = vocabulary.nearest(word)
    if close is not None:
        return f"did you mean `{close}`?"
    if otherwise or not vocabulary.words:
        return otherwise
    listed = ", ".join(f"`{name}`" for name in vocabulary.words[:_MAX_LISTED_WORDS])
    more = len(vocabulary.words) - _MAX_LISTED_WORDS
    return f"known here: {listed}" + (f", and {more} more" if more > 0 else "")
