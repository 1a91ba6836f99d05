"""Lookup in the profile's models by path: model, field, placeholder value."""

from __future__ import annotations

import re
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator

from orthgen.field_types import Matching, fields_of
from orthgen.formats.yaml_io import Plain
from orthgen.profile.root import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic.fields import FieldInfo

    from orthgen.formats.yaml_io import Path as KeyPath


def model_at(path: KeyPath) -> type[BaseModel] | None:
    """The model whose keys stand at `path`."""
    kind = kind_at(path)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def field_at(path: KeyPath) -> FieldInfo | None:
    """The field at `path`, where a model's key stands there."""
    model = model_at(path[:-1]) if path else None
    return _field(model, path[-1]) if model is not None else None


def is_of_the_language(path: KeyPath) -> bool:
    """Whether the key at `path` is one that the model around it knows, or is a name that the author chose."""
    return model_at(path[:-1]) is None or field_at(path) is not None


def kind_at(path: KeyPath) -> Any:
    """The type of what stands at `path`, without `Annotated[…]` and `| None`; None where nothing is known."""
    return _bare(annotation_at(path))


def annotation_at(path: KeyPath) -> Any:
    """The whole type of what stands at `path`, with its validators; None where nothing is known."""
    annotation: Any = Profile
    for element in path:
        annotation = _step(_bare(annotation), element)
    return annotation


def loose_scalars(tree: Any) -> list[tuple[KeyPath, str]]:
    """
    The paths of texts that pydantic would convert to a truth value or a number, with the expected type.

    `yes` and `"104"` are texts to every reader of YAML 1.2, editors among them.
    """
    return list(_loose(tree, Profile, (), ()))


def _loose(node: Any, kind: Any, metadata: Sequence[Any], path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(node, dict):
        fields = fields_of(kind) if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        arguments = get_args(kind) if get_origin(kind) is dict else ()
        for key, value in node.items():
            if fields is None and arguments:
                yield from _loose(value, _bare(arguments[1]), (), (*path, key))
            elif fields is not None and key in fields:
                field = fields[key]
                yield from _loose(value, _bare(field.annotation), field.metadata, (*path, key))
    elif isinstance(node, list) and get_origin(kind) is list:
        for index, value in enumerate(node):
            yield from _loose(value, _bare(get_args(kind)[0]), (), (*path, index))
    elif isinstance(node, str) and (expected := _expected_type(node, kind, metadata)):
        yield path, expected


def _expected_type(text: str, kind: Any, metadata: Sequence[Any]) -> str:
    """The type expected instead of a text that pydantic would convert; empty for other texts."""
    is_plain, lowered = isinstance(text, Plain), text.lower()
    if kind is bool and lowered in _TRUTHS:
        return "" if is_plain and lowered in _TRUTHS[:2] else "true or false"
    # A port and a time span have words of their own.
    is_bound = bool(metadata) and not any(isinstance(each, BeforeValidator) for each in metadata)
    is_number = kind is int and is_bound
    if is_number and re.fullmatch(_NUMBER, text) and not (is_plain and re.fullmatch(_PLAIN_NUMBER, text)):
        return "a number"
    return ""


# What pydantic takes for a truth value and for a number.
_TRUTHS = ("true", "false", "0", "1", "off", "on", "f", "t", "n", "y", "no", "yes")
_NUMBER = r"\s*[-+]?[\d_]+(?:\.0*)?\s*"
_PLAIN_NUMBER = r"[-+]?[0-9]+"


def placeholder(field: FieldInfo) -> Any:
    """A value that fits a field, or None where none is known."""
    return _placeholder(_bare(field.annotation), [*field.metadata, *_metadata(field.annotation)])


def _placeholder(kind: Any, metadata: list[Any]) -> Any:
    origin = get_origin(kind) or kind
    if origin is Literal:
        return get_args(kind)[0]
    if origin in {list, dict}:
        return origin()
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = {key: placeholder(field) for key, field in fields_of(kind).items() if field.is_required()}
        return None if None in fields.values() else fields
    if kind is int:
        return next((each.ge for each in metadata if hasattr(each, "ge")), None)
    return next((each.example for each in metadata if isinstance(each, Matching) and each.example), None)


def _field(model: type[BaseModel], key: str | int) -> FieldInfo | None:
    return fields_of(model).get(str(key))


def _step(kind: Any, element: str | int) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = _field(kind, element)
        if field is None:
            return None
        return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1]
    return arguments[0] if get_origin(kind) is list else None


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated[…]` and `| None`."""
    while get_origin(annotation) in {Annotated, Union, UnionType}:
        annotation = next((part for part in get_args(annotation) if part is not type(None)), None)
    return annotation


def _metadata(annotation: Any) -> list[Any]:
    """What `Annotated[…]` says besides the type, also below `| None`, where pydantic leaves it."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return [*arguments[1:], *_metadata(arguments[0])]
    if get_origin(annotation) in {Union, UnionType}:
        return [each for argument in arguments for each in _metadata(argument)]
    return []
