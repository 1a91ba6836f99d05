"""
YAML writer: block style, lists indented below their key, one spelling for each value.

PyYAML's emitter takes as long for a compose file as everything else that a render does; this one writes only what
our files hold (mappings, lists, text, numbers, truth values, nothing). Anybody who reads YAML 1.1 or 1.2 gets the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.formats.document import Plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Text that stands without quotes: it begins with nothing that means something, and holds neither `: ` nor ` #`.
_PLAIN = re.compile(r"(?:[A-Za-z0-9_./$]|--?(?=[A-Za-z]))(?:[^\s#:]|:(?=\S)|(?<=\S)#| (?=[^\s#]))*(?<!:)")

# What begins like a number and has nothing in it that no number, date or time of YAML 1.1 has.
_NUMBER_LIKE = re.compile(r"[0-9.][0-9._:eEoxXa-fA-FiInNtTzZ+ -]*")

# What ends a scalar inside braces and brackets.
_FLOW_SIGN = re.compile(r"[\[\]{},]")

_YAML_CONSTANTS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})

_MAX_WORD_LENGTH = 60


class Word(str):
    """A text without blanks that may be too long for the line of its key; it then stands alone in the next."""

    __slots__ = ()


class Raw(str):
    """A piece of YAML itself, written as it stands: the merge key `<<`, an alias, a value with a comment."""

    __slots__ = ()


def dump_yaml(value: Mapping[str, Any]) -> str:
    """The text of one YAML document, without a marker before it, in the order in which it was built."""
    return "".join(f"{line}\n" for line in _mapping(value, ""))


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(f"{indent}{scalar(key)}:", item, indent)


def _sequence(value: list[Any] | tuple[Any, ...], indent: str) -> Iterator[str]:
    for item in value:
        if isinstance(item, dict | list | tuple) and item:
            # The first line of what is inside stands behind the dash.
            deeper = f"{indent}  "
            first, *following = _mapping(item, deeper) if isinstance(item, dict) else _sequence(item, deeper)
            yield f"{indent}- {first.lstrip()}"
            yield from following
        else:
            yield from _entry(f"{indent}-", item, indent)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    """The value after a key or a dash, in its line or in those below."""
    if isinstance(value, dict) and value:
        yield start
        yield from _mapping(value, f"{indent}  ")
    elif isinstance(value, list | tuple) and value:
        yield start
        yield from _sequence(value, f"{indent}  ")
    elif isinstance(value, Word) and len(value) > _MAX_WORD_LENGTH:
        yield f"{start} >-"
        yield f"{indent}  {value}"
    elif isinstance(value, str) and _is_block(value):
        yield f"{start} |" if value.endswith("\n") else f"{start} |-"
        yield from (f"{indent}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
    else:
        yield f"{start} {scalar(value)}"


def _is_block(text: str) -> bool:
    """Whether a text of several lines can be written line by line."""
    if "\n" not in text or text[0] in " \n" or text.endswith("\n\n"):
        return False
    return all(line.isprintable() and not line.isspace() for line in text.split("\n"))


def scalar(value: Any) -> str:
    """A scalar in one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "null" if value is None else "{}" if isinstance(value, dict) else "[]"


def flow(value: Any) -> str:
    """A value in one line, mappings in braces and lists in brackets, as people write them."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{flow(key)}: {flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, Plain):
        return str(value)
    written = scalar(value)
    if not _FLOW_SIGN.search(written) or written.startswith(('"', "'")):
        return written
    return f'"{written}"' if not re.search(r'["\\]', written) else "'" + written.replace("'", "''") + "'"


def _text(text: str) -> str:
    if isinstance(text, Raw):
        return text
    if not text.isprintable():
        return '"' + "".join(map(_escaped, text)) + '"'
    is_plain = (
        _PLAIN.fullmatch(text) and text.lower() not in _YAML_CONSTANTS and not _NUMBER_LIKE.fullmatch(text)
    )
    return text if is_plain else "'" + text.replace("'", "''") + "'"


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"
