"""One item of 1Password, with one concealed field for each secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orthgen.secret_stores.model import NotStored, StoreError, StoreKind
from orthgen.secret_stores.program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OP = Program(
    "op",
    "sign in with `op signin`, or set OP_SERVICE_ACCOUNT_TOKEN; `op vault list` shows the vaults",
    "isn't an item",
)


def _parts(place: str) -> tuple[str, str]:
    vault, slash, item = place.removeprefix("//").partition("/")
    if not (vault and slash and item) or "/" in item:
        raise StoreError(f"`op:{place}` does not name an item", hint="write `op://VAULT/ITEM`")
    return vault, item


def _item(place: str) -> dict[str, Any]:
    vault, item = _parts(place)
    return _OP.document("item", "get", item, "--vault", vault, "--format", "json")


def _read(place: str, _names: Sequence[str]) -> Mapping[str, str]:
    """The values of the concealed fields, by their labels; none where the vault has no such item."""
    try:
        fields = _item(place).get("fields", [])
    except NotStored:
        return {}
    return {
        str(field.get("label")): str(field["value"])
        for field in fields
        if field.get("type") == "CONCEALED" and field.get("value") is not None
    }


def _write(place: str, values: Mapping[str, str]) -> None:
    """Give the item its fields; other fields stay."""
    vault, title = _parts(place)
    fields = [
        {"id": name, "label": name, "type": "CONCEALED", "value": value} for name, value in values.items()
    ]
    secrets = tuple(values.values())
    try:
        item = _item(place)
    except NotStored:
        item = {"title": title, "category": "SECURE_NOTE", "fields": fields}
        _OP.run("item", "create", "--vault", vault, "-", stdin=json.dumps(item), values=secrets)
        return
    others = [field for field in item.get("fields", []) if field.get("label") not in values]
    text = json.dumps({**item, "fields": [*others, *fields]})
    _OP.run("item", "edit", title, "--vault", vault, stdin=text, values=secrets)


ONE_PASSWORD = StoreKind("op", "an item of 1Password", "//VAULT/ITEM", _read, _write, is_listed=True)
