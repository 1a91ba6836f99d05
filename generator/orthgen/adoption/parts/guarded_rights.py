"""Rights that the authorization plugin gives beyond permissions.json, and the guard of nginx does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.parts.sign_in import note_open_orthanc
from orthgen.adoption.profile_values import truth
from orthgen.authz.plugin_config import FILTER_URLS
from orthgen.formats.loose_values import mapping, texts

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment


def note_guarded_rights(original: OriginalDeployment, draft: Draft) -> None:
    """Note what people lose because nginx has a guard: docs/security.md has the weaknesses that it closes."""
    has_filter = any(original.get("Authorization", key) for key in FILTER_URLS)
    is_open = truth(original.get("AuthenticationEnabled")) is False and original.settings.has("Authorization")
    if not has_filter and is_open:
        note_open_orthanc(draft, original.at("Authorization"))
    if original.is_rendered or not has_filter:
        return
    draft.note(
        NoteKind.CHANGED,
        "the authorization plugin gives more rights than permissions.json names: with a link, people also change and delete its study, "
        "and everybody with `view` makes links and reads the worklists",
        "links only read, and making links and reading worklists are rights of a role (`share`, `worklists`); `orthgen access --diff` "
        "lists what each person loses",
        original.at("Authorization"),
    )
    limited = [
        (f"`{name}`", document.locate(("roles", name)))
        for document in original.permissions
        for name, role in mapping(mapping(document.value).get("roles")).items()
        if (labels := texts(mapping(role).get("authorized-labels"))) and "*" not in labels
    ]
    if limited:
        draft.note(
            NoteKind.CHANGED,
            f"the authorization plugin compares labels for studies alone, so that {', '.join(name for name, _ in limited)} can also read "
            "whole patients, the list of changes and counts of the archive",
            "these roles see the studies of their collections, and nothing else",
            *(place for _, place in limited),
        )
