"""Translation of pydantic's errors into findings in the words of the profile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.field_types import WHERE_SECRETS_GO, SecretRef, fields_of, quoted
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.yaml_io import Plain
from orthgen.profile.model_lookup import field_at, model_at
from orthgen.profile.proposals import corrected, corrected_key, list_hint, mapping_hint, missing_value_hint
from orthgen.secret_detection import may_be_secret
from orthgen.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic_core import ErrorDetails

    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.sources import Sources


UNKNOWN_KEY = Rule(
    "unknown-key",
    Severity.ERROR,
    summary="The profile language has no such key at this place.",
    remedy="Correct the spelling, or look the key up in `docs/profile.md`.",
    example="""
        archive: {worklist: true}
    """,
)
MISSING_KEY = Rule(
    "missing-key",
    Severity.ERROR,
    summary="A key that is required is missing.",
    remedy="Add the key; `docs/profile.md` tells its meaning.",
    example="""
        institution: {url: null}
    """,
)
EMPTY_VALUE = Rule(
    "empty-value",
    Severity.ERROR,
    summary="A key, or an item of a list, has nothing behind it.",
    remedy="Write a value, or remove the key. In an overlay `null` removes a key of the other profile.",
    example="""
        archive: {aet: }
    """,
)
INVALID_VALUE = Rule(
    "invalid-value",
    Severity.ERROR,
    summary="A value has the wrong type or form, or is not one of the values that the key takes.",
    remedy="Write a value as the finding says; `docs/profile.md` tells what each key takes.",
    example="""
        archive: {overwrite: "yes"}
    """,
)
INVALID_NAME = Rule(
    "invalid-name",
    Severity.ERROR,
    summary="A name has characters that are not allowed.",
    remedy="Write lower-case letters, digits and dashes.",
    example="""
        collections: {Cardiology: {}}
    """,
)
SECRET_IN_PROFILE = Rule(
    "secret-in-profile",
    Severity.ERROR,
    summary="Something stands where only the place of a secret can stand. It may be the secret itself, and profiles are "
    "shared and kept in version control.",
    remedy="Write `{secret: name-of-the-secret}`. If the profile contained the secret and was shared, change the secret.",
    example="""
        identity:
          smtp: {host: mail.example.org, sender: pacs@example.org, user: pacs, password: {value: example}}
    """,
)


def finding_of(
    problem: ErrorDetails, path: Path, locate: Callable[..., Location], tree: Mapping[str, Any]
) -> Finding:
    """The finding for one of pydantic's errors at `path` of the tree; `locate` tells where a path stands."""
    loc = path
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in {"extra_forbidden", "missing"} and model_at(loc[:-1]) is SecretRef:
        # Neither the key nor its value is repeated: one of them may be the secret.
        message = f"`{loc[-2]}` can only say where the secret is found"
        return Finding(
            SECRET_IN_PROFILE,
            message,
            locate(loc[:-1], key=True),
            WHERE_SECRETS_GO,
            is_sensitive=True,
            path=path,
        )
    if kind == "extra_forbidden":
        return _unknown_key(problem, loc, locate)
    if loc and loc[-1] == "[key]":
        message, hint = _message_and_hint(kind, context, problem, "")
        key = corrected_key(loc[:-1])
        hint = f"write `{key}`: {hint}" if key is not None else hint
        return Finding(INVALID_NAME, message, locate(loc[:-1], key=True), hint, path=path[:-1])
    if kind == "missing":
        field = field_at(loc)
        description = (
            f" (it is required): {field.description}" if field is not None and field.description else ""
        )
        where = f" in `{loc[-2]}`" if len(loc) > 1 and isinstance(loc[-2], str) else ""
        message, hint = f"`{loc[-1]}` is missing{where}", f"add `{loc[-1]}:`{description}"
        return Finding(MISSING_KEY, message, locate(loc[:-1]), hint, path=path)
    name = next((str(element) for element in reversed(loc) if isinstance(element, str)), "profile")
    message, hint = _message_and_hint(kind, context, problem, name)
    is_sensitive = bool(context.get("is_sensitive")) or (
        kind in _SHAPES and _is_secret(name, problem["input"])
    )
    if kind in {"model_type", "model_attributes_type"}:
        hint = mapping_hint(loc, name, problem["input"]) or hint
    if not is_sensitive and kind in {"list_type", "dict_type", "model_type", "model_attributes_type"}:
        hint = list_hint(loc, problem["input"], tree) or hint
    if not is_sensitive and kind == "orthgen" and isinstance(problem["input"], str):
        other = corrected(loc, problem["input"])
        hint = f"write `{other}`" if other is not None else list_hint(loc, problem["input"], tree) or hint
    return Finding(INVALID_VALUE, message, locate(loc), hint, is_sensitive=is_sensitive, path=path)


def empty_value(path: Path, sources: Sources) -> Finding:
    """
    The finding for a key, or an item of a list, with nothing behind it.

    In an overlay that is how one removes a key of the other profile; there may be none.
    """
    place = sources.locate(path, key=True)
    key = path[-1] if path else "profile"
    if isinstance(key, int):
        list_name = next((str(element) for element in reversed(path) if isinstance(element, str)), "profile")
        message = f"an item of `{list_name}` is empty"
        return Finding(EMPTY_VALUE, message, place, "write a value, or remove the item", path=path)
    siblings = sources.keys_below(path[:-1], place.file)
    if siblings is not None:
        message = f"`{key}: null` removes nothing: there is no `{key}` in what this profile extends"
        hint = did_you_mean(key, siblings, otherwise="remove the line")
        return Finding(EMPTY_VALUE, message, place, hint, path=path)
    return Finding(EMPTY_VALUE, f"`{key}` is empty", place, missing_value_hint(path), path=path)


def mistyped_value(path: Path, expected: str, tree: Any, sources: Sources) -> Finding:
    """The finding for a truth value or a number that YAML takes for a text."""
    for element in path:
        tree = tree[element]
    name = next((str(element) for element in reversed(path) if isinstance(element, str)), "profile")
    text = "" if isinstance(tree, Plain) else "the text "
    message = f"`{name}` should be {expected}, not {text}{quoted(tree)}"
    quotes = "" if isinstance(tree, Plain) else ", without quotes"
    hint = f"write `true` or `false`{quotes}" if "true" in expected else f"write the digits alone{quotes}"
    return Finding(INVALID_VALUE, message, sources.locate(path), hint, path=path)


def _unknown_key(problem: ErrorDetails, loc: Path, locate: Callable[..., Location]) -> Finding:
    model = model_at(loc[:-1])
    keys = list(fields_of(model)) if model is not None else []
    parent = next((str(element) for element in reversed(loc[:-1]) if isinstance(element, str)), "")
    where = f" in `{parent}`" if parent else ""
    key, value = str(loc[-1]), problem["input"]
    # A misspelled `password:` has a password behind it.
    is_sensitive = any(may_be_secret(name, value) for name in (key, nearest(key, keys)) if name)
    is_glued = key.startswith("-") and key.strip("-") in keys
    hint = f"write a blank after the dash: `- {key.strip('-')}`" if is_glued else did_you_mean(key, keys)
    place = locate(loc, key=True)
    message = f"unknown key `{key}`{where}"
    return Finding(UNKNOWN_KEY, message, place, hint, is_sensitive=is_sensitive, path=loc)


def _message_and_hint(
    kind: str, context: Mapping[str, Any], problem: ErrorDetails, name: str
) -> tuple[str, str]:
    """Message and hint for an error of this kind."""
    value = problem["input"]
    shown = quoted(value) if isinstance(value, str | int | float) else "this"
    if kind == "orthgen":
        if name and value in ("", None):
            return f"`{name}` is empty", str(context["hint"])
        prefix = f"{name}: " if name and not str(context["message"]).startswith("`") else ""
        return f"{prefix}{context['message']}", str(context["hint"])
    if kind == "literal_error":
        values = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{shown} is not a value of `{name}`", did_you_mean(str(value), values)
    if kind in _SHAPES:
        expected, example = _SHAPES[kind]
        if value is None:
            return f"`{name}` is empty", f"write {example}, or remove the key"
        written = "a text" if _is_secret(name, value) else _shape(value)
        return f"`{name}` should be {expected}, not {written}", f"write {example}"
    if kind in _NUMBERS:
        return f"{shown} is too {_NUMBERS[kind][0]} for `{name}`", _NUMBERS[kind][1].format(**context)
    if kind in {"too_short", "string_too_short"}:
        return f"`{name}` is empty", "name at least one"
    return f"{shown} does not fit `{name}`: {problem['msg'][:1].lower()}{problem['msg'][1:]}", ""


def _is_secret(name: str, value: Any) -> bool:
    """Whether a value of the wrong shape could be a secret: `api-keys: <the key>`, or a long token elsewhere."""
    is_token = isinstance(value, str) and re.fullmatch(r"(?=.*[0-9])(?=.*[A-Za-z])[\w+/=.~-]{16,}", value)
    return bool(is_token) or may_be_secret(name, value)


_SHAPES = {
    "model_type": ("a mapping", "its keys below it"),
    "model_attributes_type": ("a mapping", "its keys below it"),
    "dict_type": ("a mapping", "a name and its value in each line below it"),
    "list_type": ("a list", "its items in brackets"),
    "string_type": ("text", "a text; quote it where it could be read as something else"),
    "bool_parsing": ("true or false", "`true` or `false`"),
    "bool_type": ("true or false", "`true` or `false`"),
    "int_parsing": ("a whole number", "a whole number"),
    "int_type": ("a whole number", "a whole number"),
}
_NUMBERS = {
    "greater_than_equal": ("small", "the least is {ge}"),
    "less_than_equal": ("large", "the most is {le}"),
}


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else quoted(value)
