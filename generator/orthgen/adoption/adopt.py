"""Adoption of an observed deployment: the text of a profile, and the notes about what it does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.adoption.draft import Draft, Note, NoteKind
from orthgen.adoption.invalid_values import in_order_of_the_profile, valid_deployment
from orthgen.adoption.original_deployment import OriginalDeployment
from orthgen.adoption.parts import PARTS
from orthgen.adoption.parts.cluster import state_rendered_profile
from orthgen.adoption.parts.data import note_data
from orthgen.adoption.parts.secrets import note_secrets
from orthgen.adoption.places import Folder
from orthgen.adoption.profile_text import profile_text
from orthgen.adoption.remaining_settings import state_remaining_settings
from orthgen.errors import InputError

if TYPE_CHECKING:
    from orthgen.deployment.model import Deployment
    from orthgen.observed.model import ObservedDeployment

_MAX_LISTED_FILES = 6
_NAME = "profile.yaml"


class Adoption(Struct, frozen=True):
    """A profile as text, and the notes of each kind in their order. `is_valid`: nothing is left to fill in."""

    text: str
    notes: tuple[Note, ...]
    is_valid: bool


def adopt(deployment: ObservedDeployment, name: str) -> Adoption:
    """
    The profile that says what a deployment's files say; `name` is that of the profile's file.

    Raises InputError where the files are of no deployment.
    """
    if not (deployment.orthancs or deployment.keycloaks or deployment.auth_services):
        read = ", ".join(f"`{source.file}` ({source.kind})" for source in deployment.sources) or "nothing"
        raise InputError(
            "there is no deployment in what was read",
            deployment.findings,
            texts=deployment.texts,
            hint=f"name the folder of its compose file, or its orthanc.json; this was read: {read}",
        )
    draft, resolved = _settled(deployment, name)
    folder = Folder(source.file for source in deployment.sources)
    entries = in_order_of_the_profile(folder.entries(draft.entries), draft.order)
    text = profile_text(entries, _heading(deployment, folder))
    kinds = list(NoteKind)
    notes = folder.notes(sorted(draft.notes, key=lambda note: kinds.index(note.kind)))
    is_complete = all(entry.value is not None for entry in draft.entries.values())
    return Adoption(text, notes, is_valid=resolved is not None and is_complete)


def adopted_deployment(deployment: ObservedDeployment) -> Deployment | None:
    """The deployment that the adopted profile renders; None where the profile cannot be completed from the files."""
    return _settled(deployment, _NAME)[1]


def _settled(deployment: ObservedDeployment, name: str) -> tuple[Draft, Deployment | None]:
    """The draft of the profile with everything that the files say and a profile can say, and what it renders."""
    original, draft = OriginalDeployment.of(deployment), Draft()
    profile = deployment.rendered_profile
    if profile is not None and original.service_in_cluster is not None:
        state_rendered_profile(draft, profile)
        note_secrets(original, draft)
        note_data(original, draft)
        return draft, valid_deployment(draft, name)
    draft.state(("orthgen",), 1)
    for state in PARTS:
        state(original, draft)
    resolved = valid_deployment(draft, name)
    if resolved is not None:
        state_remaining_settings(original, draft, resolved)
        resolved = valid_deployment(draft, name)
    return draft, resolved


def _heading(deployment: ObservedDeployment, folder: Folder) -> list[str]:
    files = list(dict.fromkeys(folder.without(source.file) for source in deployment.sources))
    shown = ", ".join(files[:_MAX_LISTED_FILES]) + (
        f" and {len(files) - _MAX_LISTED_FILES} more" if len(files) > _MAX_LISTED_FILES else ""
    )
    return [f"Adopted from {shown}. Behind each value stands the place that says so."]
