"""What pydantic found, in the author's words: one finding for each of its errors."""

from __future__ import annotations

import re
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from generator.findings import Finding, did_you_mean, nearest
from generator.profile.base import WHERE_SECRETS_GO, SecretRef, quoted
from generator.profile.root import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic_core import ErrorDetails

    from generator.findings import Location


def complaint(problem: ErrorDetails, locate: Callable[..., Location]) -> Finding:
    """The finding for one of pydantic's errors; `locate` tells where a path of keys stands."""
    loc = tuple(problem["loc"])
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in {"extra_forbidden", "missing"} and _model_at(loc[:-1]) is SecretRef:
        # Neither the key nor its value is repeated: one of them may be the secret.
        message = f"`{loc[-2]}` can only say where the secret is found"
        return Finding("value", message, locate(loc[:-1], key=True), WHERE_SECRETS_GO, is_sensitive=True)
    if kind == "extra_forbidden":
        return _unknown_key(loc, locate)
    if loc and loc[-1] == "[key]":
        message, hint = _words(kind, context, problem, "")
        return Finding("name", message, locate(loc[:-1], key=True), hint)
    if kind == "missing":
        field = _field_at(loc)
        what = f" (it is required): {field.description}" if field is not None and field.description else ""
        where = f" in `{loc[-2]}`" if len(loc) > 1 and isinstance(loc[-2], str) else ""
        return Finding(
            "missing", f"`{loc[-1]}` is missing{where}", locate(loc[:-1]), f"add `{loc[-1]}:`{what}"
        )
    name = next((str(element) for element in reversed(loc) if isinstance(element, str)), "profile")
    message, hint = _words(kind, context, problem, name)
    return Finding("value", message, locate(loc), hint, is_sensitive=bool(context.get("is_sensitive")))


def _unknown_key(loc: tuple[str | int, ...], locate: Callable[..., Location]) -> Finding:
    model = _model_at(loc[:-1])
    known = [field.alias or name for name, field in model.model_fields.items()] if model is not None else []
    parent = next((str(element) for element in reversed(loc[:-1]) if isinstance(element, str)), "")
    where = f" in `{parent}`" if parent else ""
    meant = nearest(str(loc[-1]), known)
    # A misspelled `password:` has a password behind it.
    is_sensitive = meant is not None and any(word in meant for word in ("secret", "password", "key"))
    hint = did_you_mean(str(loc[-1]), known)
    place = locate(loc, key=True)
    return Finding("unknown-key", f"unknown key `{loc[-1]}`{where}", place, hint, is_sensitive=is_sensitive)


def _words(kind: str, context: Mapping[str, Any], problem: ErrorDetails, name: str) -> tuple[str, str]:
    """Message and hint for an error of this kind."""
    value = problem["input"]
    shown = quoted(value) if isinstance(value, str | int | float) else "this"
    if kind == "orthgen":
        prefix = f"{name}: " if name and not str(context["message"]).startswith("`") else ""
        return f"{prefix}{context['message']}", str(context["hint"])
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return f"{shown} is not a value of `{name}`", did_you_mean(str(value), known)
    if kind in _SHAPES:
        wanted, example = _SHAPES[kind]
        if value is None:
            return f"`{name}` is empty", f"write {example}, or remove the key"
        return f"`{name}` should be {wanted}, not {_shape(value)}", f"write {example}"
    if kind in _NUMBERS:
        return f"{shown} is too {_NUMBERS[kind][0]} for `{name}`", _NUMBERS[kind][1].format(**context)
    if kind in {"too_short", "string_too_short"}:
        return f"`{name}` is empty", "name at least one"
    return f"{shown} does not fit `{name}`: {problem['msg'][:1].lower()}{problem['msg'][1:]}", ""


_SHAPES = {
    "model_type": ("a mapping", "`{}` for the defaults"),
    "model_attributes_type": ("a mapping", "`{}` for the defaults"),
    "dict_type": ("a mapping", "`key: value`, or `{}` for none"),
    "list_type": ("a list", "it in brackets: `[one, two]`"),
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


def _model_at(loc: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model whose keys stand at `loc`."""
    kind: Any = Profile
    for element in loc:
        kind = _step(kind, element)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _field_at(loc: tuple[str | int, ...]) -> Any:
    model = _model_at(loc[:-1])
    fields = model.model_fields if model is not None else {}
    return next((field for field in fields.values() if field.alias == loc[-1]), None)


def _step(kind: Any, element: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        annotation = next(
            (field.annotation for field in kind.model_fields.values() if field.alias == element), None
        )
        return _bare(annotation)
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return _bare(arguments[1])
    return _bare(arguments[0]) if get_origin(kind) is list else None


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated[…]` and `| None`."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation
