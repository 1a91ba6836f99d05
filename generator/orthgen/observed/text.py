"""
Reader of a text as people paste it: prose, excerpts of configuration, requests and responses, tokens, log lines.

`observe_text` sets the parts apart. Excerpts of configuration are returned as text, because the readers of files read
them; everything else is read here.
"""

from __future__ import annotations

import re

from msgspec import Struct

from orthgen.findings import Finding
from orthgen.observed.block_text import read_block
from orthgen.observed.http_text import read_http, read_prose_line
from orthgen.observed.json_excerpt import read_pasted_json
from orthgen.observed.log_text import MAX_LINES, read_log
from orthgen.observed.model import Source, SourceKind
from orthgen.observed.pasted import Excerpt, PastedText
from orthgen.observed.recording_model import Exchange, LogLine, ObservedToken, Question
from orthgen.observed.redaction import redacted
from orthgen.observed.service_model import Product
from orthgen.observed.token_text import tokens_in

# In this order: a log line may hold JSON, a request's header looks like YAML.
_READERS = (read_http, read_log, read_pasted_json, read_block)
# Nobody asks in longer paragraphs, or more often.
_MAX_PARAGRAPH, _MAX_QUESTIONS = 20_000, 50
_MAX_PROSE_LINES, _MAX_PROSE_LENGTH = 1_000, 1_000
MAX_TEXT_LINES = 500_000
# A longer text is shown by places alone.
_MAX_SHOWN = 4_000_000


class TextParts(Struct, frozen=True):
    """The parts of a text. `sources` has no entry for `excerpts`, whose kind the readers of files recognise."""

    excerpts: tuple[Excerpt, ...] = ()
    sources: tuple[Source, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    tokens: tuple[ObservedToken, ...] = ()
    log_lines: tuple[LogLine, ...] = ()
    prose: tuple[LogLine, ...] = ()
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    unseen: tuple[str, ...] = ()
    is_shown: bool = True
    """Whether the text may be shown, without secrets; a recording and a long log are not."""


_SEPARATOR = r"(?m)^==> (?P<name>.+) <==[ \t\r]*\n"


def split_files(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text before the first separator as `head` writes it (`==> orthanc.json <==`), and each file with its name."""
    separators = list(re.finditer(_SEPARATOR, text))
    if not separators:
        return text, ()
    ends = [separator.start() for separator in separators[1:]] + [len(text)]
    files = tuple(
        (separator["name"].strip(), text[separator.end() : end])
        for separator, end in zip(separators, ends, strict=True)
    )
    return text[: separators[0].start()], files


def observe_text(text: str, file: str) -> TextParts:
    """The parts of a text of one file."""
    end = _end_of_lines(text, MAX_TEXT_LINES)
    pasted = PastedText(file, text[:end])
    if end < len(text):
        pasted.unseen.append(f"`{file}` is a long text: its first {MAX_TEXT_LINES:,} lines were read.")
    index = 0
    paragraph: list[int] = []
    while index < len(pasted.lines):
        is_blank = not pasted.lines[index].strip()
        lines = 0 if is_blank else next((count for read in _READERS if (count := read(pasted, index))), 0)
        if lines or is_blank:
            _read_prose(pasted, paragraph)
            paragraph = []
        else:
            paragraph.append(index)
        index += lines or 1
    _read_prose(pasted, paragraph)
    if max(len(pasted.log_lines), len(pasted.exchanges)) >= MAX_LINES:
        pasted.unseen.append(f"`{file}` is a long log: its first {MAX_LINES:,} lines were read.")
    return TextParts(
        tuple(pasted.excerpts),
        tuple(pasted.sources),
        tuple(pasted.exchanges),
        tuple(pasted.tokens),
        tuple(pasted.log_lines),
        tuple(pasted.prose),
        tuple(pasted.questions),
        unseen=tuple(pasted.unseen),
        is_shown=len(text) <= _MAX_SHOWN,
    )


def _end_of_lines(text: str, count: int) -> int:
    """The position behind so many lines; the length of a text that has fewer."""
    if text.count("\n") <= count:
        return len(text)
    position = -1
    for _ in range(count):
        position = text.index("\n", position + 1)
    return position


# A sentence, ended by a stop and a blank; a stop inside a path or a version ends none.
_SENTENCE = r"(?s)\S.*?(?:[.?!](?=\s|$)|$)"
_ASKS = r"(?i)\?\s*$|\bexpect(?:ed|ing)?\b|^\s*(?:why|how|pourquoi|comment|warum|wieso|weshalb|woran|wie)\b"


def _read_prose(pasted: PastedText, lines: list[int]) -> None:
    """Read a paragraph: its questions, and the tokens and requests that it names."""
    if not lines:
        return
    for index in lines:
        if len(pasted.lines[index]) > _MAX_PARAGRAPH:
            continue
        tokens = list(tokens_in(pasted.lines[index], pasted.location(index)))
        if tokens:
            pasted.note_source(SourceKind.TOKEN, index)
            pasted.tokens += tokens
        read_prose_line(pasted, index)
        if len(pasted.prose) < _MAX_PROSE_LINES:
            message = redacted(pasted.lines[index].strip()[:_MAX_PROSE_LENGTH])
            pasted.prose.append(LogLine(Product.OTHER, message, pasted.location(index)))
    paragraph = "\n".join(pasted.lines[index] for index in lines)
    if len(paragraph) > _MAX_PARAGRAPH or len(pasted.questions) > _MAX_QUESTIONS:
        return
    for match in re.finditer(_SENTENCE, paragraph):
        if re.search(_ASKS, match[0]) is not None:
            line = lines[0] + paragraph.count("\n", 0, match.start())
            column = match.start() - (paragraph.rfind("\n", 0, match.start()) + 1)
            question = " ".join(redacted(match[0]).split())
            pasted.questions.append(Question(question, pasted.location(line, column)))
