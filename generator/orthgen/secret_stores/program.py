"""
The client program of a store: one run, values on standard input and output, never in an argument.

Standard error reaches a message with every known value taken out, because it holds the reason of a refusal.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.errors import system_reason
from orthgen.secret_detection import PLACEHOLDER
from orthgen.secret_stores.model import NotStored, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Time for a person who unlocks a key or confirms on a telephone.
TIMEOUT_SECONDS = 120.0
_MAX_REASON = 300
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]|\x1b\[[0-9;]*m")


class Program(Struct, frozen=True):
    """A store's client program. `remedy` helps where it refuses; `not_stored` is its answer about a missing entry."""

    command: str
    remedy: str
    not_stored: str
    timeout: float = TIMEOUT_SECONDS

    def run(self, *arguments: str, stdin: str | None = None, values: Sequence[str] = ()) -> str:
        """
        The output of one run; `values` are the secrets that the input holds.

        Raises NotStored where the entry is missing, and StoreError for every other failure.
        """
        shown = f"{self.command} {arguments[0]}" if arguments else self.command
        try:
            done = subprocess.run(
                (self.command, *arguments),
                stdin=subprocess.DEVNULL if stdin is None else None,
                input=None if stdin is None else stdin.encode(),
                capture_output=True,
                check=False,
                timeout=self.timeout,
            )
        except FileNotFoundError:
            raise StoreError(
                f"`{self.command}` is not installed on this machine",
                hint=f"install `{self.command}`, or run orthgen where it is; `command:` and `folder:` need no client",
            ) from None
        except subprocess.TimeoutExpired:
            raise StoreError(
                f"`{shown}` did not end within {self.timeout:g} seconds", hint=self.remedy
            ) from None
        except OSError as error:
            reason = system_reason(error)
            raise StoreError(f"`{self.command}` cannot be started: {reason}") from None
        if done.returncode:
            reason = _reason(done.stderr.decode(errors="replace"), values)
            if re.search(self.not_stored, reason):
                raise NotStored
            raise StoreError(f"`{shown}` failed (exit code {done.returncode}): {reason}", hint=self.remedy)
        return decoded(done.stdout, f"`{shown}`")

    def document(self, *arguments: str) -> dict[str, Any]:
        """The JSON object that one run prints."""
        return json_object(self.run(*arguments), f"`{self.command} {arguments[0]}`")


def decoded(content: bytes, source: str) -> str:
    """Text of UTF-8; raises StoreError where the content is binary."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise StoreError(f"{source} printed binary data, and not text in UTF-8") from None


def json_object(text: str, source: str) -> dict[str, Any]:
    """The object that a text holds; raises StoreError, without the text, where it holds none."""
    if not text.strip():
        raise StoreError(f"{source} printed nothing", hint="run it by hand to see why")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise StoreError(
            f"{source} printed no JSON object", hint="the secrets belong into one object, by their names"
        )
    return value


def texts(document: Mapping[str, Any], source: str) -> dict[str, str]:
    """The values of a document, all texts; raises StoreError for a number, a list or an object."""
    for name, value in document.items():
        if not isinstance(value, str):
            kind = {bool: "a truth value", int: "a number", float: "a number", type(None): "empty"}
            raise StoreError(
                f"`{name}` in {source} is {kind.get(type(value), 'a list or an object')}, and no text",
                hint="write the value in quotes",
            )
    return dict(document)


def _reason(stderr: str, values: Sequence[str]) -> str:
    for value in sorted(values, key=len, reverse=True):
        stderr = stderr.replace(value, PLACEHOLDER)
    lines = [line.strip() for line in _CONTROL.sub("", stderr).splitlines() if line.strip()]
    text = " ".join(lines) or "it gives no reason"
    return text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]}…"


def filled(line: tuple[str, ...], **values: str) -> tuple[str, ...]:
    """A command line with `{place}` and the like replaced by their values."""
    for key, value in values.items():
        line = tuple(part.replace(f"{{{key}}}", value) for part in line)
    return line
