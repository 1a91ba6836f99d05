"""
Desired object of the realm, by kind and key, with its secrets and flows as references.

`fields` holds the declared fields and no other, so provisioning neither compares nor changes a field that a newer
server adds or a person sets. A secret appears in it only as a `SecretUse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Representation = dict[str, Any]


class SecretUse(Struct, frozen=True):
    """
    Where a secret of the deployment is used, never its value.

    `vault`: Keycloak itself reads it from its file vault, and the realm holds only the reference, which is no
    secret. `value`: Keycloak has no vault for this field; the import replaces a placeholder by an environment
    variable, and provisioning writes the value.
    """

    name: str
    through: Literal["vault", "value"]

    @property
    def reference(self) -> str:
        """What the realm holds instead of the value, where the vault has it."""
        return f"${{vault.{self.name}}}"

    @property
    def variable(self) -> str:
        """The environment variable that the import takes the value from."""
        return self.name.upper().replace("-", "_")


class FlowUse(Struct, frozen=True):
    """A flow of ours by its name without version; which version is settled when the realm is known."""

    name: str

    @property
    def first(self) -> str:
        """The flow in a new realm."""
        return f"{self.name} v1"


class Resource(Struct, frozen=True):
    """
    One object that has to exist.

    `parent` is the key of the object that it belongs to, where its kind has a parent; `create_only` are fields
    that matter when it is made and are left alone afterwards; `because` is the key of the profile that asks
    for it; `theirs` is an object of a realm of others, in which a difference is told and changed only on request;
    `renamed_from` is the key that the object had before, where it is to be kept under another.
    """

    kind: str
    key: str
    fields: Mapping[str, Any]
    parent: str = ""
    because: str = ""
    create_only: Mapping[str, Any] = field(default_factory=dict)
    theirs: bool = False
    renamed_from: str = ""

    @property
    def address(self) -> tuple[str, str, str]:
        """What identifies it in a realm."""
        return (self.kind, self.parent, self.key)


def replace_uses(value: Any, replacement: Callable[[SecretUse | FlowUse], Any]) -> Any:
    """`value` as plain JSON; `settle` says what stands for a secret and for a flow."""
    if isinstance(value, (SecretUse, FlowUse)):
        return replacement(value)
    if isinstance(value, dict):
        return {name: replace_uses(item, replacement) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_uses(item, replacement) for item in value]
    return value
