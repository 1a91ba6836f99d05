"""Addition of a role, a collection, a modality or a viewer to a profile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.editing.profiles import SECTIONS, Edit, chains_with, file_edits
from orthgen.errors import OrthgenError, Refused
from orthgen.formats.yaml_edits import append, insert
from orthgen.formats.yaml_io import parse_yaml, untyped
from orthgen.formats.yaml_writer import Raw
from orthgen.profile.sources import value_at
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.editing.profiles import Chain
    from orthgen.formats.document import Document
    from orthgen.formats.yaml_io import Path

_NEXT = {"role": ("orthgen render", "orthgen provision-keycloak")}
_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")


def add_entry(
    chain: Chain, kind: str, path: Path, settings: Mapping[str, Any], roles: Sequence[str] = ()
) -> tuple[Edit, list[Chain]]:
    """
    The edit that adds an entry at `path` to the file of the profile, and the profiles that it concerns.

    `roles` get the entry as one more of their collections.
    """
    name = path[-1]
    document = chain.documents[0]
    value = {key: _written(item) for key, item in settings.items() if item not in (None, [], ())}
    present = value_at(chain.tree, path)
    if present is None:
        text = insert(document, path, value, SECTIONS, block=path[0] in {"roles", "collections"})
    elif present == untyped(value):
        text = document.text
    else:
        raise Refused(
            f"`{chain.path}` has a {kind} `{name}` already, with other settings",
            [],
            hint="change it in an editor",
        )
    for role in roles:
        text = _with_collection(chain, role, str(name), parse_yaml(text, document.file)[0])
    files = file_edits({document.file: (document, text)})
    if not files:
        return Edit((), f"{kind} `{name}` is in the profile already: nothing was changed"), [chain]
    commands = _NEXT.get(kind, ("orthgen render",))
    edit = Edit(files, f"{kind} `{name}` added", _notes(kind, str(name), roles), commands)
    return edit, chains_with(chain, document)


def _written(value: Any) -> Any:
    """The value as people write it: an address without quotes."""
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_written(item) for item in value]
    return Raw(value) if isinstance(value, str) and _ADDRESS.fullmatch(value) else value


def _with_collection(chain: Chain, role: str, collection: str, document: Document) -> str:
    """The text of the profile's file with one more collection of a role; its list is copied where another file has it."""
    path: Path = ("roles", role, "collections")
    roles: dict[str, Any] = chain.tree.get("roles") or {}
    if role not in roles:
        raise OrthgenError(f"`{chain.path}` has no role `{role}`", hint=did_you_mean(role, tuple(roles)))
    present = value_at(chain.tree, path)
    if not isinstance(present, list) or collection in present:  # `all`
        return document.text
    if isinstance(value_at(document.value, path), list):
        return append(document, path, collection)
    return insert(document, path, [*present, collection], SECTIONS)


def _notes(kind: str, name: str, roles: Sequence[str]) -> tuple[str, ...]:
    if kind == "collection" and not roles:
        return (
            f"only roles with `collections: all` see its studies: `--role` of this command gives `{name}` to others",
        )
    return ()
