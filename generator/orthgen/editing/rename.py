"""Another name of a role, a collection or a label, with every reference to it in the profile and in its overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orthgen.editing.profiles import Edit, chains_with, documents_of, file_edits
from orthgen.errors import OrthgenError, Refused
from orthgen.formats.yaml_edits import insert, rename
from orthgen.formats.yaml_io import parse_yaml
from orthgen.profile.sources import value_at
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.editing.profiles import Chain
    from orthgen.formats.document import Document
    from orthgen.formats.yaml_io import Path

Kind = Literal["role", "collection"]
_Names = dict["Path", str]


def rename_entry(
    chain: Chain, kind: Kind, old: str, new: str, *, provisioned: bool = False
) -> tuple[Edit, list[Chain]]:
    """
    The edit that gives a role or collection another name, and the profiles that it concerns.

    `provisioned`: every realm has the role under its present name, so that `renamed-from` can name that one.
    """
    section = f"{kind}s"
    settings = value_at(chain.tree, (section, old))
    origin = chain.origin((section, old))
    if settings is None or origin is None:
        return _already_renamed(chain, kind, old, new), [chain]
    chains = chains_with(chain, origin)
    for each in chains:
        if new in (each.tree.get(section) or {}):
            raise OrthgenError(f"`{each.path}` has a {kind} `{new}` already", hint="choose another name")
    former = _former_name(kind, old, new, settings, provisioned=provisioned)
    texts: dict[str, tuple[Document, str]] = {}
    count = 0
    for place, document in documents_of(chains).items():
        is_origin = document.file == origin.file
        keys, values = _references(document.value, kind, old, new)
        if is_origin and former is not None and _has_former_name(settings):
            values[(section, old, "renamed-from")] = former
        count += len(keys) + len(values)
        text = rename(document, keys, values)
        if is_origin and former is not None and not _has_former_name(settings):
            text = insert(parse_yaml(text, document.file)[0], (section, new, "renamed-from"), former)
        texts[place] = document, text
    return (
        Edit(
            file_edits(texts),
            f"{kind} `{old}` is `{new}` now, in {count} {'place' if count == 1 else 'places'}",
            _notes(kind, old, new, settings),
            ("orthgen render", "orthgen provision-keycloak") if kind == "role" else ("orthgen render",),
        ),
        chains,
    )


def _already_renamed(chain: Chain, kind: Kind, old: str, new: str) -> Edit:
    """An edit of nothing, where the profile has the new name; raises OrthgenError where it has neither."""
    entries: dict[str, Any] = chain.tree.get(f"{kind}s") or {}
    settings = entries.get(new) or {}
    if old in (settings.get("renamed-from"), settings.get("label")):
        return Edit((), f"{kind} `{old}` has the name `{new}` already: nothing was changed")
    raise OrthgenError(f"`{chain.path}` has no {kind} `{old}`", hint=did_you_mean(old, tuple(entries)))


def _has_former_name(settings: Any) -> bool:
    return isinstance(settings, dict) and "renamed-from" in settings


def _former_name(kind: Kind, old: str, new: str, settings: Any, *, provisioned: bool) -> str | None:
    """The value of `renamed-from`; None where it stays as it is, or is not needed."""
    former = settings.get("renamed-from") if isinstance(settings, dict) else None
    if kind == "collection":
        return None if former is not None or (isinstance(settings, dict) and "label" in settings) else old
    if former in (None, new) or provisioned:
        return old
    raise Refused(
        f"`{old}` was renamed from `{former}`: in a realm that still has `{former}`, people would lose the role",
        [],
        hint="run `orthgen provision-keycloak` for every realm of the profile, then pass `--provisioned`",
    )


def _references(tree: Any, kind: Kind, old: str, new: str) -> tuple[_Names, _Names]:
    """The keys and the scalars of a file that are the name."""
    section = f"{kind}s"
    keys: _Names = {(section, old): new} if old in (value_at(tree, (section,)) or {}) else {}
    paths = _role_places(tree) if kind == "role" else _collection_places(tree)
    values: _Names = {path: new for path, value in paths if value == old}
    for path, value in _items(tree, ("silence",)):
        at = value.get("at") if isinstance(value, dict) else None
        start = f"{section}.{old}"
        if isinstance(at, str) and (at == start or at.startswith(f"{start}.")):
            values[(*path, "at")] = f"{section}.{new}{at.removeprefix(start)}"
    return keys, values


def _items(tree: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The entries of the list or mapping at `path`."""
    node = tree
    for element in path:
        try:
            node = node[element]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(node, dict):
        yield from (((*path, key), item) for key, item in node.items())
    elif isinstance(node, list):
        yield from (((*path, index), item) for index, item in enumerate(node))


def _role_places(tree: Any) -> Iterator[tuple[Path, Any]]:
    for path, _ in _items(tree, ("expectations",)):
        yield from (each for each in _items(tree, path) if each[0][-1] == "role")
    methods = list(_items(tree, ("identity", "sign-in")))
    if isinstance(value_at(tree, ("identity", "sign-in")), dict):
        methods = [(("identity", "sign-in"), None)]
    for path, _ in methods:
        for person, _ in _items(tree, (*path, "accounts", "people")):
            yield from _items(tree, (*person, "roles"))


def _collection_places(tree: Any) -> Iterator[tuple[Path, Any]]:
    for path, _ in _items(tree, ("expectations",)):
        yield from (each for each in _items(tree, path) if each[0][-1] == "on")
    for path, _ in _items(tree, ("roles",)):
        yield from _items(tree, (*path, "collections"))
    yield from _items(tree, ("signed-out", "collections"))


def _notes(kind: Kind, old: str, new: str, settings: Any) -> tuple[str, ...]:
    if kind == "role":
        note = (
            f"`renamed-from: {old}` lets `orthgen provision-keycloak` rename Keycloak's role, whose holders keep it; keep "
            "the key until every realm has been provisioned"
        )
        return (note,)
    label = _label(settings) or old
    return (
        f"studies keep the label `{label}`; `orthgen rename label` begins a move to another label",
        *((f"people read `{label}` in Orthanc Explorer 2",) if label != new else ()),
    )


def _label(settings: Any) -> str:
    return (
        str(settings.get("label") or settings.get("renamed-from") or "") if isinstance(settings, dict) else ""
    )


def rename_label(chain: Chain, old: str, new: str) -> tuple[Edit, list[Chain]]:
    """The edit that gives a collection another label, whose studies a person then moves."""
    collections: dict[str, Any] = chain.tree.get("collections") or {}
    labels = {_label(settings) or name: name for name, settings in collections.items()}
    if new in labels and old not in labels:
        return Edit((), f"collection `{labels[new]}` has the label `{new}` already: nothing was changed"), [
            chain
        ]
    if old not in labels:
        raise OrthgenError(
            f"no collection of `{chain.path}` has the label `{old}`", hint=did_you_mean(old, tuple(labels))
        )
    name = labels[old]
    key = next((key for key in ("label", "renamed-from") if chain.owner(("collections", name, key))), None)
    owner = (
        chain.owner(("collections", name, key)) if key is not None else chain.origin(("collections", name))
    )
    assert owner is not None  # noqa: S101 - the collection has a definition
    chains = chains_with(chain, owner)
    path: Path = ("collections", name, key or "label")
    if key is None:
        text = insert(owner, path, new)
    else:
        text = rename(owner, {path: "label"} if key != "label" else {}, {path: new})
    note = (
        f'studies carry `{old}`: before the next render, add `{new}` to them (docs/collections.md, "Moving studies to another '
        'label"), or else people who are limited to collections no longer see them'
    )
    message = f"collection `{name}` has the label `{new}` instead of `{old}`"
    return Edit(
        file_edits({owner.file: (owner, text)}), message, (note,), ("orthgen render --hide-studies",)
    ), chains
