"""
Desired object of the realm, by kind and key, with its secrets and flows as references.

`fields` holds the declared fields and no other, so provisioning neither compares nor changes a field that a newer
server adds or a person sets. A secret appears in it only as a `SecretUse`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Representation = dict[str, Any]


class SecretUse(Struct, frozen=True):
    """
    Reference to a secret of the deployment, without its value.

    `vault`: Keycloak itself reads it from its file vault, and the realm holds only the reference, which is no
    secret. `value`: Keycloak has no vault for this field; the import replaces a placeholder by an environment
    variable, and provisioning writes the value.
    """

    name: str
    through: Literal["vault", "value"]

    @property
    def reference(self) -> str:
        """The text in the realm that stands for the vault's value."""
        return f"${{vault.{self.name}}}"

    @property
    def variable(self) -> str:
        """The environment variable from which the import reads the value."""
        return self.name.upper().replace("-", "_")


class FlowUse(Struct, frozen=True):
    """Reference to a flow by its name without version; the snapshot decides the version."""

    name: str

    @property
    def first(self) -> str:
        """The flow's alias in a new realm."""
        return f"{self.name} v1"


class Resource(Struct, frozen=True):
    """
    One object that has to exist.

    `parent` is the key of the parent object, where its kind has one. `create_only` are fields that only a creation
    sends. `because` is the key of the profile that asks for the object. `foreign` marks an object of a shared realm: a
    difference is reported, and corrected only on request. `renamed_from` is the object's previous key.
    """

    kind: str
    key: str
    fields: Mapping[str, Any]
    parent: str = ""
    because: str = ""
    create_only: Mapping[str, Any] = field(default_factory=dict)
    foreign: bool = False
    renamed_from: str = ""

    @property
    def address(self) -> tuple[str, str, str]:
        """The object's identity in the realm."""
        return (self.kind, self.parent, self.key)


def replace_uses(value: Any, replacement: Callable[[SecretUse | FlowUse], Any]) -> Any:
    """`value` as plain JSON; `replacement` gives the text for a secret or a flow."""
    if isinstance(value, (SecretUse, FlowUse)):
        return replacement(value)
    if isinstance(value, dict):
        return {name: replace_uses(item, replacement) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_uses(item, replacement) for item in value]
    return value


def secret_uses(value: Any) -> Iterator[SecretUse]:
    """Every reference to a secret in a resource's fields."""
    if isinstance(value, SecretUse):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from secret_uses(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from secret_uses(item)
