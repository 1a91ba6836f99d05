"""
Values of a draft that `orthgen validate` refuses: they are taken out and noted, until the rest is valid.

A value that a person has to fill in gets a placeholder, so that the check reaches everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from orthgen.adoption.draft import DraftEntry, NoteKind
from orthgen.adoption.profile_text import profile_text
from orthgen.errors import OrthgenError, ProfileError
from orthgen.field_types import fields_of
from orthgen.findings import Severity
from orthgen.profile.model_lookup import field_at, model_at, placeholder
from orthgen.profile.validation_errors import MISSING_KEY
from orthgen.rendering.pipeline import resolve_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orthgen.adoption.draft import Draft
    from orthgen.deployment.model import Deployment
    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path

# What is taken out may leave its parent incomplete, which is then taken out too.
_ROUNDS = 12
_FILLED = DraftEntry("")
# Required keys up to this depth are those of every profile: `roles`, `institution.name`.
_MAX_DEPTH_OF_NEEDED = 2


def valid_deployment(draft: Draft, name: str) -> Deployment | None:
    """Take out of the draft what is not valid; the deployment of the rest, None where there is none."""
    for _ in range(_ROUNDS):
        try:
            return _resolved(draft, name)
        except ProfileError as error:
            errors = [finding for finding in error.findings if finding.severity is Severity.ERROR]
            # Of two errors about one value, the second would take out the mapping around it.
            once = {finding.path: finding for finding in reversed(errors)}
            if not any([_take_out(draft, once[path]) for path in _deepest_first(once)]):  # noqa: C419 - each is taken out
                return None
        except OrthgenError as error:
            draft.note(NoteKind.LEFT_OUT, error.message, error.hint)
            return None
    return None


def _deepest_first(paths: Iterable[Path]) -> list[Path]:
    """Paths in an order in which each can be taken out: the last item of a list first, so that the places of the others stay."""
    return sorted(paths, key=lambda path: [str(element).zfill(4) for element in path], reverse=True)


def in_order_of_the_profile(
    entries: Mapping[Path, DraftEntry], order: Mapping[Path, int]
) -> dict[Path, DraftEntry]:
    """The entries with the keys of each mapping as docs/profile.md has them; names that people chose stay in their order."""

    def rank(path: Path) -> tuple[tuple[int, int], ...]:
        return tuple(
            (element, 0)
            if isinstance(element, int)
            else (_position(path[:length], element), order.get(path[: length + 1], 0))
            for length, element in enumerate(path)
        )

    return {path: entries[path] for path in sorted(entries, key=rank)}


def _position(above: Path, key: str) -> int:
    """The position of a key in its model; 0 for names, and for viewers, whose order is that of their buttons."""
    model = model_at(above)
    if model is None or above == ("viewers",):
        return 0
    keys = list(fields_of(model))
    return keys.index(key) if key in keys else len(keys)


def _resolved(draft: Draft, name: str) -> Deployment:
    entries = {
        path: DraftEntry(entry.stand_in) if entry.value is None else entry
        for path, entry in draft.entries.items()
    }
    text = profile_text(in_order_of_the_profile(entries, draft.order), ()).encode()
    return resolve_profile(name, read=lambda _: text)[0]


def _take_out(draft: Draft, finding: Finding) -> bool:
    """Take out what a finding is about, with a note; or have a person fill in what is missing."""
    if finding.rule is MISSING_KEY:
        return _fill_in_or_drop(draft, finding)
    path = finding.path
    while path and not draft.has(path):
        path = path[:-1]
    if not path:
        return False
    if draft.entries.get(path, _FILLED).value is None:
        # What stands in for a person's value may not go with the rest.
        return False
    removed = _without_item(draft, path, finding.path[len(path) :]) or draft.remove(path)
    places = tuple(dict.fromkeys(place for entry in removed for place in entry.places))
    field = field_at(path)
    if len(path) <= _MAX_DEPTH_OF_NEEDED and field is not None and field.is_required():
        # Nothing could be checked without it, and the raw settings would be lost.
        needed = finding.hint.removeprefix("write ")
        stand_in = placeholder(field)
        draft.fill_in(path, needed, *places[:3], stand_in=stand_in, reason=f": {finding.message}")
        return True
    key = ".".join(str(element) for element in path)
    draft.note(
        NoteKind.LEFT_OUT, f"`{key}`: {finding.message}", finding.hint or finding.rule.remedy, *places[:3]
    )
    return True


def _without_item(draft: Draft, path: Path, below: Path) -> tuple[DraftEntry, ...]:
    """Take one item out of a list that is one value; nothing where the path leads to no such item, or to the last one."""
    entry = draft.entries.get(path)
    if entry is None or not isinstance(entry.value, list) or len(entry.value) < 2 or not below:
        return ()
    index = below[0]
    if not isinstance(index, int) or index >= len(entry.value):
        return ()
    draft.entries[path] = replace(entry, value=[*entry.value[:index], *entry.value[index + 1 :]])
    return (entry,)


def _fill_in_or_drop(draft: Draft, finding: Finding) -> bool:
    """A required key that is missing makes the mapping around it useless, unless the whole profile needs it."""
    around = finding.path[:-1]
    if len(finding.path) <= _MAX_DEPTH_OF_NEEDED:
        return False
    removed = draft.remove(around)
    key = ".".join(str(element) for element in around)
    places = tuple(dict.fromkeys(place for entry in removed for place in entry.places))
    draft.note(NoteKind.LEFT_OUT, f"`{key}`: {finding.message}", finding.hint, *places[:3])
    return bool(removed)
