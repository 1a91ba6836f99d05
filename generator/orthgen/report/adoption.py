"""An adoption as text and JSON: the notes by kind, each with its places and what becomes of it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.report.adoption_forms import AdoptionForm, AdoptionNoteForm
from orthgen.report.console import paint
from orthgen.report.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from orthgen.adoption.adopt import Adoption
    from orthgen.adoption.draft import Note

_TITLES = {
    NoteKind.FILL_IN: "To fill in before the profile is valid",
    NoteKind.SECRET: "Secrets: what to put into the files of `secrets/`",
    NoteKind.DATA: "Data: what to take along (OLD: the folder of today's compose file; NEW: that of the rendered deployment)",
    NoteKind.CHANGED: "What changes",
    NoteKind.LEFT_OUT: "What the profile does not say",
}
_MAX_PLACES = 3


def adoption_text(
    adoption: Adoption, unseen: Sequence[str], paths: Sequence[str], name: str, stream: TextIO
) -> str:
    """The list for people, to be followed from top to bottom; `paths` were read, and `name` is the profile's file."""
    lines: list[str] = []
    for kind, notes in groupby(adoption.notes, key=lambda note: note.kind):
        lines += [paint(_TITLES[kind], "bold", stream=stream)]
        for note in notes:
            lines += _note_lines(note)
        lines.append("")
    if unseen:
        lines += [
            paint("What could not be read", "bold", stream=stream),
            *(f"- {printable(each)}" for each in unseen),
            "",
        ]
    return "\n".join([*lines, *_next_steps(adoption, paths, name)])


def _note_lines(note: Note) -> Iterator[str]:
    places = ", ".join(str(place) for place in note.places[:_MAX_PLACES])
    more = len(note.places) - _MAX_PLACES
    where = f" ({places}{f' and {more} more' if more > 0 else ''})" if places else ""
    yield printable(f"- {note.message}{where}")
    yield printable(f"  {note.outcome}")
    yield from (printable(f"    {command}") for command in note.commands)


def _next_steps(adoption: Adoption, paths: Sequence[str], name: str) -> Iterator[str]:
    source = paths[0] if len(paths) == 1 else "PATH"
    if not adoption.is_valid:
        yield f"Not valid before it is filled in: `orthgen validate {name}` names the lines."
    yield f"Next: `orthgen access --diff {source} {name}` shows what each person gains and loses."


def adoption_form(adoption: Adoption, unseen: Sequence[str]) -> AdoptionForm:
    """The same for JSON."""
    notes = (
        AdoptionNoteForm(
            kind=note.kind.value,
            message=note.message,
            outcome=note.outcome,
            places=tuple(str(place) for place in note.places),
            commands=note.commands,
        )
        for note in adoption.notes
    )
    return AdoptionForm(
        profile=adoption.text, valid=adoption.is_valid, notes=tuple(notes), unseen=tuple(unseen)
    )
