"""Stores with one document for all secrets: HashiCorp Vault, OpenBao, AWS Secrets Manager."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from orthgen.secret_stores.model import NotStored, StoreError, StoreKind
from orthgen.secret_stores.program import Program, filled, json_object, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class DocumentProgram(Struct, frozen=True):
    """Command lines about a document; `{place}` is replaced. `path` leads to the secrets in the printed JSON."""

    program: Program
    show: tuple[str, ...]
    path: tuple[str, ...]
    update: tuple[str, ...]
    create: tuple[str, ...] = ()
    """Empty where `update` also creates the document."""
    is_text: bool = False
    """Whether the JSON holds the document as text."""

    def read(self, place: str, _names: Sequence[str]) -> Mapping[str, str]:
        """Every value of the document; none where the store does not hold it."""
        try:
            answer: Any = self.program.document(*filled(self.show, place=place))
        except NotStored:
            return {}
        for key in self.path:
            answer = answer.get(key) if isinstance(answer, dict) else None
        source = f"`{place}`"
        if self.is_text and isinstance(answer, str):
            answer = json_object(answer, source)
        if not isinstance(answer, dict):
            raise StoreError(
                f"{source} holds no secrets by name",
                hint="`orthgen secrets --to` writes the form that orthgen reads",
            )
        return texts(answer, source)

    def write(self, place: str, values: Mapping[str, str]) -> None:
        """Add the values to the document; what else it holds stays."""
        document = {**self.read(place, ()), **values}
        text, secrets = json.dumps(document, ensure_ascii=False), tuple(document.values())
        try:
            self.program.run(*filled(self.update, place=place), stdin=text, values=secrets)
        except NotStored:
            self.program.run(*filled(self.create, place=place), stdin=text, values=secrets)


def _key_value(command: str, variable: str) -> DocumentProgram:
    """The KV engine, version 2, of HashiCorp Vault and OpenBao, whose programs take the same arguments."""
    remedy = f"sign in with `{command} login`; {variable} has the server's address"
    return DocumentProgram(
        Program(command, remedy, "No value found at"),
        show=("kv", "get", "-format=json", "{place}"),
        path=("data", "data"),
        update=("kv", "put", "{place}", "-"),
    )


_VAULT = _key_value("vault", "VAULT_ADDR")
_BAO = _key_value("bao", "BAO_ADDR")
_AWS = DocumentProgram(
    Program("aws", "sign in with `aws sso login`, and choose profile and region (AWS_PROFILE, AWS_REGION)", "ResourceNotFoundException"),
    show=("secretsmanager", "get-secret-value", "--secret-id", "{place}", "--output", "json"),
    path=("SecretString",),
    update=("secretsmanager", "put-secret-value", "--secret-id", "{place}", "--secret-string", "file:///dev/stdin", "--output", "json"),
    create=("secretsmanager", "create-secret", "--name", "{place}", "--secret-string", "file:///dev/stdin", "--output", "json"),
    is_text=True,
)  # fmt: skip

VAULT = StoreKind(
    "vault", "HashiCorp Vault (KV version 2)", "MOUNT/PATH", _VAULT.read, _VAULT.write, is_listed=True
)
BAO = StoreKind("bao", "OpenBao (KV version 2)", "MOUNT/PATH", _BAO.read, _BAO.write, is_listed=True)
AWS = StoreKind("aws", "AWS Secrets Manager", "SECRET-ID", _AWS.read, _AWS.write, is_listed=True)
