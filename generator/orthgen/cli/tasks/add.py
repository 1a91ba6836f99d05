"""Entries of a profile from the options of `orthgen add`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_origin

import click

from orthgen.cli.edit_options import words
from orthgen.editing.add import add_entry
from orthgen.profile.model_lookup import kind_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.cli.tasks.edit import Editor
    from orthgen.formats.yaml_io import Path

_Words = tuple[str, ...]


def _editor(kind: str, path: Path, settings: Mapping[str, Any], roles: Sequence[str] = ()) -> Editor:
    return partial(add_entry, kind=kind, path=path, settings=settings, roles=roles)


def add_role(name: str, options: Mapping[str, Any]) -> Editor:
    """The editor that adds a role."""
    collections = words(options["collections"])
    settings = {
        **options,
        "can": words(options["can"]),
        "collections": "all" if collections == ["all"] else collections,
        "beyond-collections": words(options["beyond-collections"]),
        "granted-by": [
            dict([_pair(grant, "--granted-by", "METHOD=VALUE")]) for grant in options["granted-by"]
        ],
    }
    return _editor("role", ("roles", name), settings)


def add_collection(name: str, options: Mapping[str, Any], roles: _Words) -> Editor:
    """The editor that adds a collection, also to the roles."""
    rules: list[dict[str, Any]] = [{"called-aet": aet} for aet in options["called-aet"]]
    rules += [
        {"tags": dict(_pair(tag, "--tags", "TAG=VALUE") for tag in rule.split(","))}
        for rule in options["tags"]
    ]
    settings = {"title": options["title"], "label": options["label"], "gather": rules}
    return _editor("collection", ("collections", name), settings, words(roles))


def add_modality(name: str, options: Mapping[str, Any]) -> Editor:
    """The editor that adds a modality."""
    return _editor("modality", ("archive", "modalities", name), {**options, "may": words(options["may"])})


def add_viewer(name: str, settings: _Words) -> Editor:
    """The editor that adds a viewer."""
    path: Path = ("viewers", name)
    values: dict[str, Any] = {}
    for setting in settings:
        key, value = _pair(setting, "--set", "KEY=VALUE")
        values[key] = words((value,)) if get_origin(kind_at((*path, key))) is list else value
    return _editor("viewer", path, values)


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key.strip() and equals and value.strip()):
        raise click.UsageError(f"{option} takes {form}, not `{text}`")
    return key.strip(), value.strip()
