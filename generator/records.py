"""
Frozen records with slots: what `@dataclass(frozen=True, slots=True)` makes, in a fifth of the time.

The standard decorator writes the source of eight methods for each class and compiles it: half a millisecond in
Python 3.11, an eighth of a whole render for our hundred records. Here only `__init__` is compiled; the other methods
are closures over the fields' names. `fields`, `replace` and the like of `dataclasses` work on records.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import Field

Kind = TypeVar("Kind")


@overload
def record(cls: type[Kind]) -> type[Kind]: ...


@overload
def record(*, kw_only: bool) -> Callable[[type[Kind]], type[Kind]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[Any] | None = None, *, kw_only: bool = False) -> Any:
    """
    The class as a record: frozen, with slots, compared and hashed by its fields.

    Its fields are written as a dataclass's are. `kw_only`: they are given by name only.
    """
    if cls is None:
        return lambda decorated: _record(decorated, kw_only=kw_only)
    return _record(cls, kw_only=kw_only)


def _record(cls: type[Any], *, kw_only: bool) -> type[Any]:
    described = fields(dataclass(init=False, repr=False, eq=False, kw_only=kw_only)(cls))
    names = [each.name for each in described]
    inherited = {slot for base in cls.__mro__ for slot in getattr(base, "__slots__", ())}
    namespace = {
        name: value for name, value in vars(cls).items() if name not in {*names, "__dict__", "__weakref__"}
    }
    # A class with slots has to be made anew: slots are decided when it is.
    namespace |= {
        "__slots__": tuple(name for name in names if name not in inherited),
        "__init__": _initialiser(described),
        "__repr__": _representation([each.name for each in described if each.repr]),
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__getstate__": _state,
        "__setstate__": _restore,
        **_comparison([each.name for each in described if each.compare]),
    }
    made: type[Any] = type(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    return made


def _initialiser(described: Sequence[Field[Any]]) -> Callable[..., None]:
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    positional: list[str] = []
    by_name: list[str] = []
    body: list[str] = []
    for number, each in enumerate(described):
        name = value = parameter = each.name
        if each.default_factory is not MISSING:
            known[f"_make{number}"] = each.default_factory
            parameter = f"{name}=_MISSING"
            value = f"_make{number}() if {name} is _MISSING else {name}"
        elif each.default is not MISSING:
            known[f"_default{number}"] = each.default
            parameter = f"{name}=_default{number}"
        (by_name if each.kw_only else positional).append(parameter)
        body.append(f" _set(self, {name!r}, {value})\n")
    parameters = ", ".join(["self", *positional, *(["*", *by_name] if by_name else [])])
    exec(f"def __init__({parameters}):\n{''.join(body) or ' pass'}", known)  # noqa: S102 - as dataclasses does
    initialiser: Callable[..., None] = known["__init__"]
    return initialiser


def _comparison(names: Sequence[str]) -> dict[str, Any]:
    # A tuple for one name, too: `attrgetter` gives the bare value then.
    values: Callable[[Any], Any] = attrgetter(*names) if len(names) > 1 else _values_of(names)

    def equal(self: object, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed}


def _values_of(names: Sequence[str]) -> Callable[[Any], Any]:
    return lambda self: tuple(getattr(self, name) for name in names)


def _representation(names: Sequence[str]) -> Callable[[Any], str]:
    def representation(self: object) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({shown})"

    return representation


def _refuse(self: object, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"`{name}` of a {self.__class__.__qualname__} cannot be changed")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)
