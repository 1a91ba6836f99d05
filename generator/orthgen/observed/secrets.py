"""Secrets of an observed deployment: which values are secret, and what is shown in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orthgen.observed.files import TextFile
from orthgen.observed.json_text import read_json
from orthgen.observed.redaction import redacted_address
from orthgen.secret_detection import MIN_SECRET_LENGTH, PLACEHOLDER, may_be_secret

if TYPE_CHECKING:
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path
    from orthgen.observed.proxy_model import Proxy
    from orthgen.observed.settings import Settings

# Sections whose values are passwords, under the names of people.
_ACCOUNTS = frozenset({"RegisteredUsers", "USERS"})
# Sections whose entries may be lists of an address, a name and a password.
_SERVERS = frozenset({"OrthancPeers", "Servers", "PEERS", "DW_SERVERS"})
_SHORT_NAME = r"(?i)(?:^|_)(?:PWD|PASS|PW|KEY)$"
# A variable whose value is another name: of a file, of a variable.
_NAMES_A_PLACE = r"(?:_FILE|_SECRET|_PATH|_URL|_URI)$"
_AUTHORIZATION = r"(?i)(?:basic|bearer)\s+(\S{4,})"
_IN_ADDRESS = r"://[^/\s:@]*:([^@\s/]+)@|(?i:\bpassword=)([^;\s&]+)"


def is_secret(path: Sequence[str | int], value: object) -> bool:
    """Whether the text at this path of a configuration or of an environment is a secret."""
    if not isinstance(value, str) or not value or (value.startswith("${") and value.endswith("}")):
        return False
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return False
    if any(name in _ACCOUNTS for name in names[:-1]):
        return True
    if any(name in _SERVERS for name in names) and path[-1] == 2:
        return True
    name = names[-1]
    if re.search(_NAMES_A_PLACE, name):
        return False
    return may_be_secret(name, value) or re.search(_SHORT_NAME, name) is not None


def shown(path: Path, value: Any) -> Any:
    """The value with placeholders for the secrets in it."""
    if isinstance(value, Mapping):
        return {key: shown((*path, key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown((*path, index), item) for index, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    if is_secret(path, value):
        return PLACEHOLDER
    inner = _json_of(value)
    if inner is not None:
        return json.dumps(shown(path, inner), ensure_ascii=False)
    return re.sub(
        _IN_ADDRESS, lambda match: match[0].replace(match[1] or match[2], "…"), redacted_address(value)
    )


def secrets_in(settings: Settings) -> Iterator[tuple[Location, str]]:
    """Every secret text of all layers, with its place."""
    for layer in settings.layers:
        for path, outer, text in _texts(layer.value, (), None):
            if is_secret(path, text):
                yield layer.locate(outer), text
            for match in re.finditer(_IN_ADDRESS, text):
                yield layer.locate(outer), match[1] or match[2]


def _texts(value: Any, path: Path, outer: Path | None) -> Iterator[tuple[Path, Path, str]]:
    """The path and the text of every leaf; `outer` is the path of the text that holds the leaf as JSON."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, (*path, key), outer)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index), outer)
    elif isinstance(value, str):
        inner = _json_of(value) if outer is None else None
        if inner is None:
            yield path, path if outer is None else outer, value
        else:
            yield from _texts(inner, path, path)


def _json_of(text: str) -> Any:
    """The mapping or list that a text holds as JSON; None where it holds none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    return read_json(TextFile("", text)).document.value


def secrets_in_proxy(proxy: Proxy) -> Iterator[tuple[Location, str]]:
    """Passwords and tokens that a proxy sends along."""
    directives = dict.fromkeys(
        directive
        for server in proxy.servers
        for listed in (server.directives, *(location.directives for location in server.locations))
        for directive in listed
    )
    for directive in directives:
        for argument in directive.arguments:
            for match in re.finditer(_AUTHORIZATION, argument):
                yield directive.location, match[1]


def without(text: str, secrets: Iterable[tuple[Location, str]]) -> str:
    """The text of a file without the secrets that stand at these places in it."""
    lines = text.split("\n")
    for place, secret in secrets:
        pieces = [piece for piece in secret.split("\n") if len(piece) >= MIN_SECRET_LENGTH] or [secret]
        for number in range(place.line - 1, min(place.line - 1 + _MAX_BELOW, len(lines))):
            if any(piece in lines[number] for piece in pieces):
                # In front of the value is its name, which may be the same word.
                start = place.column - 1 if number == place.line - 1 else 0
                name, value = lines[number][:start], lines[number][start:]
                if not any(piece in value for piece in pieces):
                    name, value = "", lines[number]
                for piece in pieces:
                    value = value.replace(piece, PLACEHOLDER)
                lines[number] = name + value
                if len(pieces) == 1:
                    break
    return "\n".join(lines)


# A text of several lines begins where its place says, and the secret stands below.
_MAX_BELOW = 60
