"""Stores with one entry for each secret, where a table of command lines says everything."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.secret_stores.model import NotStored, StoreError, StoreKind
from orthgen.secret_stores.program import Program, filled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PEM = "-----BEGIN "
_FORBIDDEN = re.compile(r"[^A-Za-z0-9-]")


def with_dashes(name: str) -> str:
    """A name of letters, digits and dashes, which Azure and Google Cloud require."""
    return _FORBIDDEN.sub("-", name)


class EntryProgram(Struct, frozen=True):
    """Command lines about one entry; `{place}` and `{name}` are replaced. Values are on standard input and output."""

    program: Program
    show: tuple[str, ...]
    update: tuple[str, ...]
    create: tuple[str, ...] = ()
    """Empty where `update` also creates an entry."""
    is_json: bool = False
    """Whether `show` prints the value as JSON."""
    has_notes: bool = False
    """Whether lines below the first are notes, as `pass` recommends."""

    def read(self, place: str, names: Sequence[str]) -> Mapping[str, str]:
        """The values of the entries that the store has."""
        values = {}
        for name in names:
            try:
                values[name] = self._value(self.program.run(*filled(self.show, place=place, name=name)), name)
            except NotStored:
                continue
        return values

    def write(self, place: str, values: Mapping[str, str]) -> None:
        """Write each entry."""
        for name, value in values.items():
            text = f"{value}\n{self._notes(place, name)}" if self.has_notes else value
            try:
                self.program.run(*filled(self.update, place=place, name=name), stdin=text, values=(value,))
            except NotStored:
                if not self.create:
                    raise StoreError(f"`{self.program.command}` cannot write `{place}`") from None
                self.program.run(*filled(self.create, place=place, name=name), stdin=text, values=(value,))

    def _notes(self, place: str, name: str) -> str:
        """The lines below an entry's value, which stay when the value changes."""
        try:
            output = self.program.run(*filled(self.show, place=place, name=name))
        except NotStored:
            return ""
        return "" if output.startswith(_PEM) else output.partition("\n")[2]

    def _value(self, output: str, name: str) -> str:
        if self.is_json:
            try:
                output = json.loads(output)
            except ValueError:
                output = ""
            if not isinstance(output, str) or not output:
                raise StoreError(f"`{self.program.command}` printed no text for `{name}`")
        if self.has_notes and not output.startswith(_PEM):
            return output.partition("\n")[0]
        return output


_PASS = EntryProgram(
    Program(
        "pass",
        "unlock the key of the password store (`pass show` asks for it), or name the store with PASSWORD_STORE_DIR",
        "is not in the password store",
    ),
    show=("show", "{place}/{name}"),
    update=("insert", "--multiline", "--force", "{place}/{name}"),
    has_notes=True,
)
_GOPASS = EntryProgram(
    Program(
        "gopass",
        "unlock the key of the password store (`gopass show` asks for it)",
        "not in the password store",
    ),
    show=("show", "--yes", "{place}/{name}"),
    update=("insert", "--force", "--multiline", "{place}/{name}"),
    has_notes=True,
)
_AZURE = EntryProgram(
    Program("az", "sign in with `az login`; the account needs the role Key Vault Secrets Officer or User", "SecretNotFound"),
    show=("keyvault", "secret", "show", "--vault-name", "{place}", "--name", "{name}", "--query", "value", "--output", "json"),
    update=("keyvault", "secret", "set", "--vault-name", "{place}", "--name", "{name}", "--file", "/dev/stdin",
            "--encoding", "utf-8", "--output", "none"),
    is_json=True,
)  # fmt: skip
_GOOGLE = EntryProgram(
    Program("gcloud", "sign in with `gcloud auth login`; the account needs the role Secret Manager Secret Accessor", "NOT_FOUND"),
    show=("secrets", "versions", "access", "latest", "--secret={name}", "--project={place}"),
    update=("secrets", "versions", "add", "{name}", "--project={place}", "--data-file=-"),
    create=("secrets", "create", "{name}", "--project={place}", "--replication-policy=automatic", "--data-file=-"),
)  # fmt: skip

PASS = StoreKind("pass", "pass, the standard Unix password manager", "FOLDER", _PASS.read, _PASS.write)
GOPASS = StoreKind("gopass", "gopass", "FOLDER", _GOPASS.read, _GOPASS.write)
AZURE = StoreKind("azure", "Azure Key Vault", "VAULT", _AZURE.read, _AZURE.write, with_dashes)
GOOGLE = StoreKind("google", "Google Secret Manager", "PROJECT", _GOOGLE.read, _GOOGLE.write, with_dashes)
