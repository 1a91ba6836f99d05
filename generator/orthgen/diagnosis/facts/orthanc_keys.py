"""Trees of the configuration keys that an observed Orthanc reads, by the versions in its image."""

from __future__ import annotations

from functools import cache, lru_cache

from orthgen.catalogue import configuration_keys, data, image_variables, load, newest, releases
from orthgen.catalogue.configuration_keys import KeyPath, Tree
from orthgen.catalogue.image_versions import components, numbered
from orthgen.catalogue.versions import at_least
from orthgen.diagnosis.facts.containers import repository, tag
from orthgen.observed.model import Orthanc

# The variable with a whole configuration.
_WHOLE = "ORTHANC_JSON"


def component_versions(orthanc: Orthanc) -> dict[str, str]:
    """The versions of all components, as far as the image tells: those of the nearest release, and of the tag itself."""
    return dict(_versions(orthanc))


def key_tree(orthanc: Orthanc) -> dict[str, Tree]:
    """The keys that the image reads; those of every release where its versions are not known."""
    return _tree(_versions(orthanc))


def meant_variable(orthanc: Orthanc, name: str) -> str | None:
    """The variable that was meant by one that sets no key: its words are those of a key, cut in another way."""
    path = image_variables.key_path(name)
    if path is not None and configuration_keys.knows(key_tree(orthanc), path):
        return None
    stem = name.removesuffix("_FILE")
    if stem != name and configuration_keys.knows(key_tree(orthanc), image_variables.key_path(stem) or ()):
        return f"{stem}_SECRET"  # the image has this ending for the names of secrets
    words = _squashed(name.upper().removeprefix("ORTHANC"))
    if words == "json":
        return None if name == _WHOLE else _WHOLE
    key = _keys_by_letters(_versions(orthanc)).get(words)
    return None if key is None else image_variables.variable(key)


def newest_versions() -> dict[str, str]:
    """The versions of the newest release."""
    return dict(newest().components)


def _versions(orthanc: Orthanc) -> tuple[tuple[str, str], ...]:
    return _versions_in(repository(orthanc.service), tag(orthanc.service))


@lru_cache(maxsize=64)
def _versions_in(image: str, image_tag: str) -> tuple[tuple[str, str], ...]:
    own = components(image, image_tag)
    if not own:
        return ()
    version = numbered(image_tag)
    older = [name for name in releases() if at_least(version, load(name).components["orthanc-image"])]
    nearest_release = load(older[0]) if older else load(releases()[-1])
    return tuple(sorted({**nearest_release.components, **own, "orthanc-image": version}.items()))


@cache
def _keys_by_letters(versions: tuple[tuple[str, str], ...]) -> dict[str, KeyPath]:
    """The keys by their letters and digits alone, without those of which two have the same."""
    keys: dict[str, list[KeyPath]] = {}
    for path in configuration_keys.paths(_tree(versions)):
        keys.setdefault(_squashed("".join(path)), []).append(path)
    return {letters: paths[0] for letters, paths in keys.items() if len(paths) == 1}


def _squashed(words: str) -> str:
    return words.replace("_", "").lower()


@cache
def _tree(versions: tuple[tuple[str, str], ...]) -> dict[str, Tree]:
    known = dict(versions)
    tree: dict[str, Tree] = {}
    for component, since in data.key_files().items():
        for each in _fitting(component, known.get(component), since):
            tree = _united(tree, data.read(f"configuration_keys/{component}-{each}")["keys"])
    return tree


def _fitting(component: str, has: str | None, since: tuple[str, ...]) -> tuple[str, ...]:
    """The files of keys that may speak for a version: one where it was looked at, those around it where it was not."""
    first = data.key_file(component, has) if has is not None else None
    if has is None or first is None:
        return since
    was_looked_at = has == first or any(load(name).components.get(component) == has for name in releases())
    return (first,) if was_looked_at else since[since.index(first) : since.index(first) + 2]


def _united(first: dict[str, Tree], second: dict[str, Tree]) -> dict[str, Tree]:
    """The keys of both trees."""
    result = dict(first)
    for name, below in second.items():
        above = result.get(name)
        result[name] = _united(above, below) if isinstance(above, dict) and isinstance(below, dict) else below
    return result
