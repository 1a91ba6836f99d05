"""The texts of sources as excerpts may show them: without secrets and tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from orthgen.observed.redaction import redacted
from orthgen.observed.secrets import without

if TYPE_CHECKING:
    from orthgen.findings import Location

# A variable in a Compose file; two dollars are one dollar of the text.
_BARE_DOLLAR = re.compile(r"(?<!\$)(?:\$\$)*+\$(?![${])(\w*)")
_REFERENCE = re.compile(r"(?<!\$)(?:\$\$)*\$(?:\{|[A-Za-z_])")


class ShownTexts(Mapping[str, str]):
    """
    Texts by file name, each redacted when it is asked for: most findings show few files.

    `secrets` gives the secrets that the readers know, with their places.
    """

    def __init__(
        self, texts: Mapping[str, str], secrets: Callable[[], Iterator[tuple[Location, str]]]
    ) -> None:
        self._texts = texts
        self._secrets = secrets
        self._shown: dict[str, str] = {}

    @cached_property
    def _places(self) -> dict[str, list[tuple[Location, str]]]:
        places: dict[str, list[tuple[Location, str]]] = {}
        for place, secret in dict.fromkeys(self._secrets()):
            places.setdefault(place.file, []).append((place, secret))
        return places

    def __getitem__(self, file: str) -> str:
        if file not in self._shown:
            self._shown[file] = without(redacted(self._texts[file]), self._places.get(file, ()))
        return self._shown[file]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def begins_with(self, file: str, beginning: str) -> bool:
        """Whether a file begins with a text, as it was read: to redact every file would cost more than all rules."""
        return self._texts.get(file, "").startswith(beginning)

    def inserts(self, file: str, variable: str) -> bool:
        """Whether a file, as it was read, has a reference to a variable: `${NAME}` or `$NAME`."""
        reference = rf"\$\{{?{re.escape(variable)}(?![A-Za-z0-9_])"
        return re.search(reference, self._texts.get(file, "")) is not None

    def first_difference(self, file: str, other: str, *, skipped: int) -> int:
        """
        The number of the first line, after the skipped ones, in which a file differs from another text; 0: in none.

        The lines as they were read are compared, because an excerpt hides parts of them.
        """
        lines, others = self._texts[file].splitlines(), other.splitlines()
        for index in range(skipped, max(len(lines), len(others))):
            if lines[index : index + 1] != others[index : index + 1]:
                return index + 1
        return 0

    def bare_dollars(self, place: Location) -> list[str]:
        """The words behind each single dollar without braces, from a place to the end of its line."""
        lines = self._texts.get(place.file, "").split("\n")
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        return [match[1] for match in _BARE_DOLLAR.finditer(line, place.column - 1)]

    def has_reference(self, place: Location) -> bool:
        """Whether a variable is written at a place or behind it in the same line, and not the value itself."""
        lines = self._texts.get(place.file, "").split("\n")
        line = lines[place.line - 1] if place.line <= len(lines) else ""
        return _REFERENCE.search(line, place.column - 1) is not None
