"""A file that SOPS encrypts, of YAML, JSON, dotenv or INI, with one value for each secret."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from orthgen.errors import system_reason
from orthgen.secret_stores.model import StoreError, StoreKind
from orthgen.secret_stores.program import Program, json_object, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SOPS = Program(
    "sops",
    "SOPS_AGE_KEY_FILE names your age key; `.sops.yaml` names who can decrypt the file (docs/sops.md)",
    r"(?!)",  # a missing file is seen before the program runs
)


def _read(place: str, _names: Sequence[str]) -> Mapping[str, str]:
    """Every value of the file; none where there is no file."""
    path = Path(place)
    if not path.exists():
        return {}
    text = _SOPS.run("decrypt", "--output-type", "json", str(path))
    return texts(json_object(text, "`sops decrypt`"), f"`{place}`")


def _write(place: str, values: Mapping[str, str]) -> None:
    """Set values of an existing file one by one, so that the others keep their lines; else encrypt a new file."""
    path = Path(place)
    if not path.exists():
        _create(path, values)
        return
    for name, value in values.items():
        index = f"[{json.dumps(name)}]"
        _SOPS.run("set", "--value-stdin", str(path), index, stdin=json.dumps(value), values=(value,))


def _create(path: Path, values: Mapping[str, str]) -> None:
    secrets = tuple(values.values())
    text = json.dumps(dict(values), indent=2, ensure_ascii=False)
    encrypted = _SOPS.run(
        "encrypt", "--filename-override", str(path), "--input-type", "json", stdin=text, values=secrets
    )
    if any(value in encrypted for value in secrets):
        raise StoreError(
            f"`sops encrypt` leaves secrets unencrypted for `{path}`: nothing was written",
            hint="`encrypted_regex` and similar keys of `.sops.yaml` leave values out: remove them",
        )
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(encrypted, encoding="utf-8")
        with new.open("rb") as file:
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write `{path}`: {system_reason(error)}") from None


SOPS = StoreKind("sops", "a file encrypted by SOPS", "FILE", _read, _write, is_listed=True)
