"""
Stores in which people keep secrets: SOPS, Vault, 1Password, `pass`, cloud managers, and plain places.

Each is one record, in a module of its own where its behaviour is; `entries` and `documents` are tables of command
lines. Programs get values on standard input, never as an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.secret_stores.documents import AWS, BAO, VAULT
from orthgen.secret_stores.entries import AZURE, GOOGLE, GOPASS, PASS
from orthgen.secret_stores.model import StoreError, StoreKind
from orthgen.secret_stores.one_password import ONE_PASSWORD
from orthgen.secret_stores.plain import COMMAND, ENVIRONMENT, FOLDER
from orthgen.secret_stores.sops import SOPS
from orthgen.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orthgen.secret_stores.model import Write

STORES = (SOPS, VAULT, BAO, ONE_PASSWORD, PASS, GOPASS, AWS, AZURE, GOOGLE, FOLDER, ENVIRONMENT, COMMAND)


class Store(Struct, frozen=True):
    """A place in a store, as a reference names it."""

    kind: StoreKind
    place: str

    @property
    def label(self) -> str:
        """The reference in messages; a command line may hold anything, so it is not repeated."""
        return f"{self.kind.name}:…" if self.kind is COMMAND else f"{self.kind.name}:{self.place}"

    def read(self, names: Sequence[str]) -> dict[str, str]:
        """The stored values by the secrets' names; where a store lists its names, also those of other names."""
        keys = {name: self.kind.key_of(name) for name in names}
        self._refuse_twins(keys)
        values = dict(self.kind.read(self.place, list(keys.values())))
        return {name: values.pop(key) for name, key in keys.items() if key in values} | values

    @property
    def is_writable(self) -> bool:
        """Whether orthgen writes to such a store."""
        return self.kind.write is not None

    def entry(self, name: str) -> str:
        """The name of a secret in the store, as people write it there."""
        return (self.place if self.kind is ENVIRONMENT else "") + self.kind.key_of(name)

    def require_writable(self) -> Write:
        """The function that writes; raises StoreError where orthgen does not write to such a store."""
        if self.kind.write is None:
            writable = ", ".join(f"`{kind.name}:`" for kind in STORES if kind.write is not None)
            raise StoreError(f"orthgen only reads `{self.kind.name}:`", hint=f"it writes to {writable}")
        return self.kind.write

    def write(self, values: Mapping[str, str]) -> None:
        """Write values by the secrets' names; raises StoreError where orthgen does not write to such a store."""
        write = self.require_writable()
        keys = {name: self.kind.key_of(name) for name in values}
        self._refuse_twins(keys)
        write(self.place, {keys[name]: value for name, value in values.items()})

    def _refuse_twins(self, keys: Mapping[str, str]) -> None:
        names: dict[str, str] = {}
        for name, key in keys.items():
            if key in names:
                raise StoreError(
                    f"`{names[key]}` and `{name}` have the same name `{key}` in {self.kind.title}",
                    hint="give one of them another name in the profile",
                )
            names[key] = name


def parse_store(reference: str) -> Store:
    """The store that a reference such as `sops:secrets.enc.yaml` names; raises StoreError where it names none."""
    name, colon, place = reference.partition(":")
    kind = next((kind for kind in STORES if kind.name == name), None)
    if kind is None or not colon:
        usages = ", ".join(f"`{kind.usage}`" for kind in STORES)
        hint = did_you_mean(name, [kind.name for kind in STORES]) if colon else ""
        # Not repeated: it may be the secret itself.
        raise StoreError(
            "this is not a reference to a store of secrets", hint=hint or f"write one of {usages}"
        )
    if not place.strip("/") and kind is not ENVIRONMENT:
        raise StoreError(f"`{name}:` names no place", hint=f"write `{kind.usage}`")
    if place.startswith("-"):
        raise StoreError(
            f"a place that begins with `-` would be an option of `{name}`", hint=f"write `{kind.usage}`"
        )
    return Store(kind, place.rstrip("/") if kind not in {COMMAND, ENVIRONMENT, SOPS} else place)
