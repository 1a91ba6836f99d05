"""Proposals of hints: values that fit where an author wrote one that does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from orthgen.field_types import REORDERING, fields_of
from orthgen.formats.yaml_writer import flow
from orthgen.profile.model_lookup import annotation_at, field_at, kind_at, model_at
from orthgen.secret_detection import may_be_secret
from orthgen.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.formats.yaml_io import Path

GROUP = "group"
"""The source of a grant that is no sign-in method: a group of Keycloak's."""

# A value that is longer is not repeated in a hint.
_MAX_TEXT = 120


def fits(path: Path, value: Any) -> bool:
    """Whether the profile's models accept a value at a path; checks that need more than one key are not asked."""
    return accepts(annotation_at(path), value)


def accepts(annotation: Any, value: Any) -> bool:
    """Whether a type with its validators accepts a value."""
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return True


def is_required(path: Path) -> bool:
    """Whether the key at a path has to be written."""
    field = field_at(path)
    return field is not None and field.is_required()


def missing_value_hint(path: Path) -> str:
    """A hint for a key that has no value."""
    key, required = path[-1], is_required(path)
    ending = "" if required else ", or remove the key"
    kind = kind_at(path)
    model = model_at(path)
    if model is not None:
        keys = {name: field.is_required() for name, field in fields_of(model).items()}
        if not any(keys.values()) and not required and fits(path, {}):
            return f"write `{key}: {{}}` for the defaults{ending}"
        names = [name for name, is_needed in keys.items() if is_needed] or list(keys)
        return f"write its keys below it ({', '.join(f'`{name}:`' for name in names)}){ending}"
    origin = get_origin(kind)
    if origin in {list, dict} and not required and fits(path, origin()):
        return f"write `{key}: {'[]' if origin is list else '{}'}` for none{ending}"
    contents = {list: "its items in brackets", dict: "a name and its value in each line below it"}
    return f"write {contents.get(origin, 'a value')}{ending}"


def list_hint(path: Path, value: Any, tree: Mapping[str, Any]) -> str:
    """A hint for a list, or for an item of it, that was written as something else; empty where nothing fits."""
    if value is None or isinstance(value, list):
        return ""
    if path and isinstance(path[-1], int):
        item = next((item for item in _items(path, value, tree) if fits(path, item)), None)
        return "" if item is None else f"write `{flow(item)}`"
    if get_origin(kind_at(path)) is not list:
        return ""
    choices = kind_at((*path, 0))
    for written in _split(value, at_blanks=get_origin(choices) is Literal):
        items = [
            next((item for item in _items((*path, index), each, tree) if fits((*path, index), item)), None)
            for index, each in enumerate(written)
        ]
        if None not in items and fits(path, items):
            how = "as a list" if isinstance(value, dict) else "in brackets"
            return f"write it {how}: `{flow(items)}`"
    if get_origin(choices) is Literal:
        return f"write its items in brackets; {did_you_mean('', get_args(choices))}"
    return ""


def _split(value: Any, *, at_blanks: bool) -> Iterator[list[Any]]:
    """The items that an author may have meant by one value: the words of a text, or the value alone."""
    words = re.split(r"\s*,\s*|\s+" if at_blanks else r"\s*,\s*", str(value).strip())
    if isinstance(value, str) and len(words) > 1:
        yield words
    yield [value]


def mapping_hint(path: Path, name: str, value: Any) -> str:
    """A hint for a mapping that was written as something else: with the listed items as keys, or the known keys."""
    model = model_at(path)
    names = [field.alias or key for key, field in model.model_fields.items()] if model is not None else []
    listed = value if isinstance(value, list) else [value]
    if listed and all(isinstance(item, str) and item in names for item in listed):
        if fits(path, {str(item): {} for item in listed}):
            return f"write `{name}: {{{', '.join(f'{item}: {{}}' for item in listed)}}}`"
        names = [str(item) for item in listed]
    keys = ", ".join(f"`{key}`" for key in names)
    ending = "" if is_required(path) or (path and isinstance(path[-1], int)) else f", or remove `{name}`"
    return f"write its keys below it ({keys}){ending}" if keys else ""


def corrected(path: Path, value: Any) -> Any | None:
    """A value near the written one that fits: one of the closed list, in one line, in small letters, with dashes."""
    text = re.sub(f"[{REORDERING}]", "", str(value)).strip()
    kind = kind_at(path)
    if get_origin(kind) is Literal:
        return nearest(text, [str(choice) for choice in get_args(kind)])
    if not text:
        return None
    folded = text.lower()
    # A path leads to what has its name already.
    dashed = () if "/" in text else (re.sub(r"[\s_]+", "-", folded),)
    body = re.sub(r"-----[A-Z ]+-----|\s", "", text) if text.startswith(("-----BEGIN", "MII")) else text
    candidates = (text, body, " ".join(text.split()), folded, *dashed, f"/{folded.strip('/')}/")
    return next((each for each in candidates if each != value and fits(path, each)), None)


def corrected_key(path: Path) -> str | None:
    """A name near the one that the author chose at a path and that is not allowed: in small letters, with dashes."""
    kind = kind_at(path[:-1])
    if get_origin(kind) is not dict:
        return None
    folded = str(path[-1]).strip().lower()
    candidates = (folded, re.sub(r"[\s_]+", "-", folded))
    return next((each for each in candidates if accepts(get_args(kind)[0], each)), None)


def _items(path: Path, value: Any, tree: Mapping[str, Any]) -> Iterator[Any]:
    """Values that the author may have meant by `value`, for an item of a list."""
    is_grant = path[-2:-1] == ("granted-by",)
    if isinstance(value, dict):
        (first, written), *others = value.items() or [("", None)]
        if others or not isinstance(written, str | int) or may_be_secret(str(first), written):
            return
        key = nearest(str(first), [*_sign_in_methods(tree), GROUP]) if is_grant else first
        yield from () if key is None else ({key: written},)
        return
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return
    names = _names(path, tree)
    if names is not None:
        yield nearest(str(value), names)
        return
    yield value
    if (other := corrected(path, value)) is not None:
        yield other
    if is_grant:
        source = next(iter(_sign_in_methods(tree)), GROUP)
        yield {source: f"/{str(value).lstrip('/')}" if source == GROUP else value}
    elif (model := model_at(path)) is not None:
        name, *_ = fields_of(model)
        yield {name: value}


def _names(path: Path, tree: Mapping[str, Any]) -> list[str] | None:
    """The names that an item of a list can be, where it names something that the profile defines."""
    section = {"collections": "collections", "roles": "roles"}.get(str(path[-2])) if len(path) > 2 else None
    if section is None:
        return None
    defined = tree.get(section)
    return list(map(str, defined)) if isinstance(defined, dict) else []


def _sign_in_methods(tree: Mapping[str, Any]) -> Iterator[str]:
    """The names in `granted-by` of the profile's sign-in methods that grant roles."""
    identity = tree.get("identity")
    methods = identity.get("sign-in") if isinstance(identity, dict) else None
    for method in methods if isinstance(methods, list) else []:
        for kind, settings in method.items() if isinstance(method, dict) else ():
            if kind != "accounts":
                alias = settings.get("alias") if isinstance(settings, dict) else None
                yield str(alias or kind)
