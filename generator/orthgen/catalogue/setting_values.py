"""
The values that Orthanc and its plugins accept at a key, where these are few words or numbers within limits.

`setting_values.json` was read from the default configurations and the sources of Orthanc 1.13.0, its plugins and Orthanc
Explorer 2 1.14. With another word or number, Orthanc 1.12.7 and 1.13.0 and most plugins end at once with
`Parameter out of range`; Orthanc Explorer 2 ignores it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct, convert
from msgspec.structs import replace

from orthgen.catalogue import data
from orthgen.catalogue.prerequisites import values_at
from orthgen.catalogue.versions import at_least
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.catalogue.configuration_keys import KeyPath


class AcceptedValues(Struct, frozen=True, rename="kebab"):
    """
    What a component accepts at `keys`, from version `since` of `component` on.

    Either words (`values`, and `obsolete` ones, which still work), texts that fit a `pattern`, or a number from `least` to `most`. `flag` tells that
    `true` and `false` are accepted as well. `what` says what the words are, where they are too many for a list; `fatal`,
    that Orthanc does not start with another value.
    """

    keys: tuple[str, ...]
    component: str = "orthanc"
    since: str = "0"
    values: tuple[str, ...] = ()
    obsolete: tuple[str, ...] = ()
    ignores_case: bool = False
    flag: bool = False
    what: str = ""
    pattern: str = ""
    list_only: bool = False
    """Elsewhere Orthanc and its plugins take one text for a list."""
    fatal: bool = True
    least: int | None = None
    most: int | None = None

    def accept(self, value: object) -> bool:
        """Whether the component accepts `value`. Other checks judge a value of another kind, or with a variable (`${…}`)."""
        if self.flag and not isinstance(value, bool | str):
            return False
        if self.list_only:
            items = value if isinstance(value, list) else ()
            return not isinstance(value, str) and not any(isinstance(item, int | float) for item in items)
        if isinstance(value, str) and self.pattern and "$" not in value:
            return re.fullmatch(self.pattern, value) is not None
        if isinstance(value, str) and self.values and "$" not in value:
            words = (*self.values, *self.obsolete)
            if self.ignores_case:
                return value.casefold() in {word.casefold() for word in words}
            return value in words
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)
        return True

    @property
    def expected(self) -> str:
        """What the component accepts, as the object of "takes"."""
        if self.what or self.values:
            switch = "`true`, `false` or " if self.flag else ""
            return self.what or f"{switch}one of {len(self.values)} words"
        if self.most is None:
            return f"a number of at least {self.least}"
        return f"a number from {self.least} to {self.most}"

    def remedy(self, value: object) -> str:
        """What to write instead of `value`, which the component refuses."""
        if self.list_only:
            return "write its items in brackets, those of digits in quotes"
        if self.pattern:
            return f"write {self.what}"
        if not self.values:
            return "write a number within these limits"
        otherwise = f"write {self.what}, such as `{self.values[0]}`" if self.what else ""
        return did_you_mean(value if isinstance(value, str) else "", self.values, otherwise=otherwise)


def refused_values(
    config: Mapping[str, Any], components: Mapping[str, str]
) -> Iterator[tuple[KeyPath, Any, AcceptedValues]]:
    """Each value of an Orthanc configuration that its component refuses: its path, the value, and what is accepted."""
    for key, accepted in accepted_values(components).items():
        for path, value in values_at(config, tuple(key.split("."))):
            if not accepted.accept(value):
                yield path, value, accepted


def accepted_values(components: Mapping[str, str]) -> dict[str, AcceptedValues]:
    """What components of these versions accept, by key (a path with dots, in which `*` stands for any name)."""
    return _by_key(tuple(components.items()))


@cache
def _by_key(components: tuple[tuple[str, str], ...]) -> dict[str, AcceptedValues]:
    """Merge the entries: a later one about a key adds to its words."""
    versions = dict(components)
    by_key: dict[str, AcceptedValues] = {}
    for entry in data.read("setting_values")["settings"]:
        accepted = convert(entry, AcceptedValues)
        if not at_least(versions.get(accepted.component, "0"), accepted.since):
            continue
        for key in accepted.keys:
            earlier = by_key.get(key)
            by_key[key] = (
                accepted if earlier is None else replace(earlier, values=(*earlier.values, *accepted.values))
            )
    return by_key
