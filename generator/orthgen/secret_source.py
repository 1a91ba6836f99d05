"""
Sources of secret values: references to files, variables and commands.

`env:NAME`, `file:PATH`, `prompt`, `command:LINE` (its first line of output; sops, vault and the like). Without a
reference a secret is looked for in the deployment's `secrets/` folder, then asked for where somebody is there.
"""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import OrthgenError, system_reason
from orthgen.secret_detection import MIN_SECRET_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TIMEOUT_SECONDS = 60
_PLACES = "`env:NAME`, `file:PATH`, `command:LINE`"
_MAX_BYTES = 65536


@dataclass(slots=True)
class SecretSource:
    """Secrets by name. Each is read once, when it is first needed; nothing of it is shown or kept on disk."""

    folder: Path
    references: Mapping[str, str] = field(default_factory=dict)
    ask: Callable[[str], str] | None = getpass.getpass
    """How to ask a person; None where nobody is there."""
    _values: dict[str, str] = field(default_factory=dict, repr=False)
    _values_read: set[str] = field(default_factory=set, repr=False)

    def __call__(self, name: str) -> str:
        """The value of the secret `name`; raises OrthgenError where it is not available."""
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    def hide(self, text: str) -> str:
        """The text without any secret that was read so far, longest first."""
        for value in sorted(self._values_read, key=len, reverse=True):
            if len(value) >= MIN_SECRET_LENGTH:
                text = text.replace(value, "(sensitive value)")
        return text

    def has(self, name: str) -> bool:
        """Whether there is anything to read it from, without asking a person."""
        return name in self.references or (self.folder / name).is_file()

    def _read(self, name: str) -> str:
        if name in self.references:
            return self.resolve(self.references[name], name)
        path = self.folder / name
        if path.is_file():
            return self.resolve(f"file:{path}", name)
        if self.ask is not None:
            return self.resolve("prompt", name)
        raise OrthgenError(
            f"the secret `{name}` is missing",
            hint=f"put it into `{path}`, or name its place: `--secret {name}=env:NAME` (or file:, command:)",
        )

    def resolve(self, reference: str, secret: str) -> str:
        """The value that a reference leads to."""
        kind, _, argument = reference.partition(":")
        if kind == "env" and argument:
            value = os.environ.get(argument, "")
        elif kind == "file" and argument:
            value = _from_file(Path(argument), secret)
        elif kind == "command" and argument:
            value = _from_command(argument, secret)
        elif reference == "prompt":
            if self.ask is None:
                raise OrthgenError(
                    f"standard input is not a terminal, so no prompt for the secret `{secret}`",
                    hint=f"name its place instead: {_PLACES}",
                )
            value = _from_person(self.ask, secret)
        else:
            # Not repeated: it may be the secret itself.
            raise OrthgenError(
                f"what was given for the secret `{secret}` is not a reference",
                hint=f"write {_PLACES} or `prompt`; other users can read a command line",
            )
        if not value:
            raise OrthgenError(
                f"the secret `{secret}` is empty ({kind})",
                hint="write the value there, or name another place",
            )
        try:
            value.encode()
        except UnicodeEncodeError:
            raise OrthgenError(f"the secret `{secret}` is not text in UTF-8 ({kind})") from None
        self._values_read.add(value)
        return value


def _from_person(ask: Callable[[str], str], secret: str) -> str:
    try:
        return ask(f"{secret}: ")
    except (EOFError, OSError, UnicodeDecodeError):
        raise OrthgenError(f"no answer to the prompt for the secret `{secret}`") from None


def _from_file(path: Path, secret: str) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        value = content.decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else "it is not text in UTF-8"
        raise OrthgenError(f"cannot read the secret `{secret}` from `{path}`: {reason}") from None
    if len(content) > _MAX_BYTES:
        raise OrthgenError(f"`{path}` is larger than {_MAX_BYTES} bytes: that is not the secret `{secret}`")
    return value


def _from_command(line: str, secret: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(line), stdout=subprocess.PIPE, check=True, timeout=_TIMEOUT_SECONDS, text=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise OrthgenError(
            f"the command for the secret `{secret}` failed ({type(error).__name__})",
            hint="run it by hand to see why",
        ) from None
    return done.stdout.partition("\n")[0]
