"""Exchange of a deployment's secrets with a store: compared, refused where values differ, carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from orthgen.errors import Refused
from orthgen.report.secret_exchange import exchange_form, exchange_text
from orthgen.secret_stores import Store, parse_store
from orthgen.secret_stores.model import StoreError
from orthgen.workspace.secret_exchange import (
    SecretComparison,
    compare,
    read_files,
    stored_secrets,
    write_files,
)

if TYPE_CHECKING:
    from pathlib import Path

    from orthgen.deployment.model import Deployment
    from orthgen.report.secrets_forms import Direction, ExchangeForm


class SecretExchange(Struct, frozen=True):
    """The secrets of a deployment's folder, compared with those of a store."""

    profile: str
    folder: Path
    store: Store
    direction: Direction
    comparison: SecretComparison

    @classmethod
    def of(
        cls, deployment: Deployment, profile: str, folder: Path, reference: str, direction: Direction
    ) -> SecretExchange:
        """Read both sides; nothing is written."""
        store = parse_store(reference)
        stored = stored_secrets(deployment)
        names = [item.secret.name for item in stored]
        files, values = read_files(stored, folder), store.read(names)
        if direction == "from" and not any(name in values for name in names):
            first = (
                f"`orthgen secrets {profile} --to {store.label}` stores them for the first time"
                if store.is_writable
                else f"the names there are those of the secrets, such as `{store.entry(names[0])}`"
            )
            raise StoreError(
                f"`{store.label}` holds none of the deployment's secrets", hint=f"check the name; {first}"
            )
        superfluous = sorted(set(values) - set(names)) if store.kind.is_listed else ()
        source, target = (values, files) if direction == "from" else (files, values)
        return cls(profile, folder, store, direction, compare(stored, source, target, superfluous))

    @property
    def is_possible(self) -> bool:
        """Whether every secret has a value that it can have."""
        return not self.comparison.of("missing", "invalid")

    @property
    def is_needed(self) -> bool:
        """Whether the two sides differ."""
        return bool(self.comparison.superfluous) or len(self.comparison.of("same")) < len(
            self.comparison.entries
        )

    def carry_out(self, *, replace: bool) -> None:
        """Write every value that the target lacks. Raises Refused where one differs, unless it is to be replaced and may be."""
        different = self.comparison.of("different")
        keys = [entry.secret.name for entry in different if entry.is_key]
        if keys:
            raise Refused(
                f"`{keys[0]}` is another key in `{self.store.label}` than in the files, and nothing was written",
                keys,
                hint="files in the bucket cannot be read without the right key, and one of the two may be its only copy: find out which one "
                "it is, and put that one in the place of the other by hand",
            )
        if different and not replace:
            names = [entry.secret.name for entry in different]
            raise Refused(
                f"these secrets differ between `{self.store.label}` and the files, and nothing was written",
                names,
                hint=f"`orthgen rotate {self.profile} {names[0]} --from {self.store.label}` also changes the running "
                "products; `--replace` writes the values only"
                if self.direction == "from"
                else "`--replace` overwrites those in the store",
            )
        if not self.comparison.values:
            return
        if self.direction == "from":
            write_files(self.folder, self.comparison.values)
        else:
            self.store.write(self.comparison.values)

    def text(self, *, done: bool) -> str:
        """The comparison for people."""
        return exchange_text(self.comparison, self.store, self.direction, self.profile, done=done)

    def form(self, *, done: bool) -> ExchangeForm:
        """The comparison for JSON."""
        return exchange_form(self.comparison, self.store.label, self.direction, done=done)
