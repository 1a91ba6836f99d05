"""`collections`: the labels that roles are limited to or that people choose from, and the rules that gather studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import name_like
from orthgen.formats.loose_values import mappings, texts
from orthgen.profile.rights import EVERY_STUDY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document

_COLLECTIONS = ("collections",)
_LIMITS = "authorized-labels"


def state_collections(original: OriginalDeployment, draft: Draft) -> None:
    """State a collection for each label, with the titles and tags that gather studies into it."""
    labels = _labels(original)
    titles = {each.name: each for each in original.own.collections}
    names = _names(list(labels), list(titles))
    for label, place in labels.items():
        name = names[label]
        path, title = (*_COLLECTIONS, name), titles.get(name)
        if title is not None and title.title != name:
            draft.state((*path, "title"), title.title, title.place)
        if name != label:
            draft.state((*path, "label"), label, place)
        if not draft.has(path):
            draft.state(path, {}, place)
    _state_titles_that_gather(original, draft, names)
    _state_tags(original, draft, names)
    _note_scripts(original, draft)


def _names(labels: list[str], known: list[str]) -> dict[str, str]:
    """The name of each collection by its label; `known` are names that stand in ACCESS.md."""
    names: dict[str, str] = {}
    for label in labels:
        name = name_like(label)
        while name in names.values():
            name += "-2"
        names[label] = name
    without_name = [label for label, name in names.items() if name not in known]
    left = [name for name in known if name not in names.values()]
    if len(without_name) == len(left) == 1:
        names[without_name[0]] = left[0]
    return names


def collection_names(draft: Draft) -> dict[str, str]:
    """The name of each stated collection by its label."""
    names = {str(path[1]): str(path[1]) for path in draft.entries if path[0] == "collections"}
    labels = {name: draft.get((*_COLLECTIONS, name, "label")) or name for name in names}
    return {label: name for name, label in labels.items()}


def _labels(original: OriginalDeployment) -> dict[str, Location]:
    """Every label that the files name: those that people choose from first."""
    labels: dict[str, Location] = {}
    anonymous = (service.anonymous_profile for service in original.deployment.auth_services)
    named = [each for document in original.permissions for each in _of_permissions(document)]
    named += [each for document in anonymous if document is not None for each in _of_anonymous(document)]
    for label, place in named:
        labels.setdefault(label, place)
    options = ("OrthancExplorer2", "UiOptions", "AvailableLabels")
    for label in texts(original.get(*options)):
        labels.setdefault(label, original.at(*options))
    for server in _servers(original):
        for label in texts(server.get("Labels")):
            labels.setdefault(label, original.at("MultitenantDicom", "Servers"))
    labels.pop(EVERY_STUDY, None)
    return labels


def _servers(original: OriginalDeployment) -> list[dict[str, Any]]:
    """The DICOM servers that label what they receive."""
    return [server for _, server in mappings(original.get("MultitenantDicom", "Servers"))]


def _of_permissions(document: Document) -> Iterator[tuple[str, Location]]:
    if not isinstance(document.value, dict):
        return
    for index, label in enumerate(texts(document.value.get("available-labels"))):
        yield label, document.locate(("available-labels", index))
    roles = document.value.get("roles")
    for role, rights in (roles if isinstance(roles, dict) else {}).items():
        for index, label in enumerate(texts(rights.get(_LIMITS) if isinstance(rights, dict) else None)):
            yield label, document.locate(("roles", role, _LIMITS, index))


def _of_anonymous(document: Document) -> Iterator[tuple[str, Location]]:
    if not isinstance(document.value, dict):
        return
    for index, label in enumerate(texts(document.value.get(_LIMITS))):
        yield label, document.locate((_LIMITS, index))


def _gather(draft: Draft, name: str, rule: dict[str, Any], place: Location) -> None:
    path = (*_COLLECTIONS, name)
    if draft.get(path) == {}:
        draft.remove(path)
    count = sum(1 for known in draft.entries if known[: len(path) + 1] == (*path, "gather"))
    draft.state((*path, "gather", count), rule, place)


def _state_titles_that_gather(original: OriginalDeployment, draft: Draft, names: dict[str, str]) -> None:
    for index, server in enumerate(_servers(original)):
        place = original.settings.locate(("MultitenantDicom", "Servers", index))
        for label in texts(server.get("Labels")):
            _gather(draft, names[label], {"called-aet": server.get("AET")}, place)


def _state_tags(original: OriginalDeployment, draft: Draft, names: dict[str, str]) -> None:
    for rule in original.own.tag_rules:
        if rule.label in names:
            _gather(draft, names[rule.label], {"tags": rule.tags}, rule.place)


def _note_scripts(original: OriginalDeployment, draft: Draft) -> None:
    """Note scripts that may put labels on studies; orthgen's own are the tag rules."""
    if original.own.tag_rules:
        return
    for key, language in (("LuaScripts", "Lua"), ("PythonScript", "Python")):
        if original.get(key):
            draft.note(
                NoteKind.LEFT_OUT,
                f"{language} scripts run in Orthanc (`{key}`)",
                "orthgen's deployment has none of them. Rules that label studies by tags become "
                "`collections.NAME.gather: [{tags: …}]`; let other programs look at `/changes` with an API key",
                original.at(key),
            )
