"""Secrets in a folder, in environment variables, or from a command of any kind."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import system_reason
from orthgen.secret_stores.model import NotStored, StoreError, StoreKind
from orthgen.secret_stores.program import Program, decoded, json_object, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MAX_BYTES = 65536


def _read_folder(place: str, names: Sequence[str]) -> Mapping[str, str]:
    """One file for each secret, as Docker, Kubernetes and systemd mount them."""
    folder = Path(place)
    if not folder.is_dir():
        raise StoreError(f"`{place}` is not a folder")
    values = {}
    for name in names:
        path = folder / name
        try:
            with path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreError(f"cannot read `{path}`: {system_reason(error)}") from None
        if len(content) > _MAX_BYTES:
            raise StoreError(f"`{path}` is larger than {_MAX_BYTES} bytes: it is not a secret")
        values[name] = decoded(content, f"`{path}`")
    return values


def variable(name: str) -> str:
    """The environment variable of a secret, without the prefix."""
    return "".join(char if char.isalnum() else "_" for char in name).upper()


def _read_environment(place: str, names: Sequence[str]) -> Mapping[str, str]:
    """Environment variables: the prefix, then the name in capitals with `_` for every other character."""
    return {name: os.environ[place + name] for name in names if place + name in os.environ}


def _read_command(place: str, names: Sequence[str]) -> Mapping[str, str]:
    """A command for each secret where its line has `{name}`, else one command that prints a JSON object."""
    try:
        program, *arguments = shlex.split(place)
    except ValueError:
        raise StoreError("the line after `command:` is not a command line", hint="close the quotes") from None
    tool = Program(program, "run it by hand to see why", r"(?!)")
    if not any("{name}" in argument for argument in arguments):
        return texts(json_object(tool.run(*arguments), f"`{program}`"), f"the output of `{program}`")
    values = {}
    for name in names:
        try:
            output = tool.run(*(argument.replace("{name}", name) for argument in arguments))
        except NotStored:
            continue
        if output:
            values[name] = output
    return values


FOLDER = StoreKind("folder", "a folder with a file for each secret", "DIR", _read_folder)
ENVIRONMENT = StoreKind("env", "environment variables", "PREFIX", _read_environment, key_of=variable)
COMMAND = StoreKind(
    "command", "a command that prints a JSON object, or each secret by `{name}`", "LINE", _read_command
)
