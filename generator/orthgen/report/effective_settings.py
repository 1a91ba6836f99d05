"""The effective configuration of an observed deployment: every value with the place that it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from msgspec import Struct

from orthgen.observed.secrets import is_secret, shown
from orthgen.report.console import paint
from orthgen.secret_detection import PLACEHOLDER

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path
    from orthgen.observed.model import ObservedDeployment
    from orthgen.observed.settings import Settings

_MAX_VALUE = 60
_MAX_KEY = 48
# The layer of the values that stand in files of secrets.
_SECRETS = "secrets"


class EffectiveValue(Struct, frozen=True):
    """A value that is in force, its place, its source, and the places of the values that it replaces."""

    path: Path
    value: Any
    place: Location
    source: str
    replaces: tuple[Location, ...] = ()

    @property
    def key(self) -> str:
        """The path as people write it."""
        return ".".join(map(str, self.path))


class EffectivePart(Struct, frozen=True):
    """The values of one Orthanc, or the environment of one service."""

    name: str
    kind: str
    values: tuple[EffectiveValue, ...]


def effective_parts(deployment: ObservedDeployment) -> list[EffectivePart]:
    """The effective settings of each Orthanc, then the environment of each service that has one."""
    parts = []
    for orthanc in deployment.orthancs:
        defaults = (each for each in _values(orthanc.defaults) if not orthanc.settings.has(*each.path))
        parts.append(EffectivePart(orthanc.name, "Orthanc", (*_values(orthanc.settings), *defaults)))
    for service in deployment.services:
        # Its settings are those of Orthanc above.
        values = tuple(each for each in _values(service.environment) if each.path != ("ORTHANC_JSON",))
        if values:
            parts.append(EffectivePart(service.name, "environment", values))
    return parts


def effective_text(deployment: ObservedDeployment, stream: TextIO) -> str:
    """One line for each value: key, value, place; a line below for each value that it replaces."""
    blocks = []
    for part in effective_parts(deployment):
        title = (
            f"{part.kind} of `{part.name}`" if part.kind == "environment" else f"{part.kind} `{part.name}`"
        )
        lines = [paint(title, "bold", stream=stream), *(() if part.values else ["  nothing was read"])]
        rows = [(each.key, _short(each.value), each) for each in part.values]
        keys = min(max((len(key) for key, _, _ in rows), default=0), _MAX_KEY)
        width = min(max((len(value) for _, value, _ in rows), default=0), _MAX_VALUE)
        for key, value, each in rows:
            place = str(each.place) + (f" ({each.source})" if each.source != each.place.file else "")
            lines.append(f"  {key:<{keys}}  {value:<{width}}  {paint(place, 'dim', stream=stream)}")
            lines += [
                paint(f"  {'':<{keys}}  replaces {other}", "dim", stream=stream) for other in each.replaces
            ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) or "Nothing was read that configures Orthanc or a container."


def _values(settings: Settings) -> Iterator[EffectiveValue]:
    """The leaves of the effective tree: mappings are entered, lists are values."""
    for path, value in _leaves(settings.value, ()):
        stating = [layer for layer in settings.layers if layer.has(path)]
        places = settings.places(path)
        source = stating[-1].name if stating else ""
        hidden = source == _SECRETS or is_secret(path, value)
        yield EffectiveValue(
            path,
            PLACEHOLDER if hidden else shown(path, value),
            places[-1],
            source,
            tuple(place for place in dict.fromkeys(places[:-1]) if place != places[-1]),
        )


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif path:
        yield path, value


def _short(value: Any) -> str:
    """A value in one line of bounded length."""
    text = value if value == PLACEHOLDER else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[: _MAX_VALUE - 1]}…"
