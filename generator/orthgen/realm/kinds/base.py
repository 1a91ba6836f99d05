"""Protocol of a kind of Keycloak object: desired objects, realm.json, admin API, planning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec.structs import replace

from orthgen.changes.diff import differences
from orthgen.formats.merging import merged
from orthgen.realm.fields import UndeclaredFields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orthgen.changes.model import FieldChange
    from orthgen.deployment.model import Deployment
    from orthgen.realm.ownership import Address
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.resource import Representation, Resource
    from orthgen.realm.snapshot import ExistingObject
    from orthgen.realm.write_context import WriteContext


class ResourceKind:
    """One kind: everything that differs from kind to kind. Planning and applying are the same for all."""

    name: ClassVar[str]
    """What people call it; the first part of an address in a plan."""

    recorded: ClassVar[Literal["before", "after", "never"]] = "before"
    """When it is noted that we made an object: before, so that nothing unrecorded is left behind; after, where the
    note says that it was made once; never, where Keycloak makes it with the realm."""

    independent: ClassVar[bool] = True
    """Whether objects of this kind can be made side by side."""

    parent: ClassVar[str] = ""
    """The kind of the object that these belong to. Keycloak takes them away with it, and below an object of the
    profile's the list is complete: one that the profile does not ask for is a difference."""

    reads: ClassVar[tuple[str, ...]] = ()
    """The kinds whose objects `read` looks up in its context."""

    read_with_realm: ClassVar[bool] = False
    """Whether objects are read wherever the realm is the profile's, because others may have added some."""

    precious: ClassVar[bool] = False
    """Whether deleting an object takes something away that people use."""

    built_in: ClassVar[frozenset[str]] = frozenset()
    """The keys of objects that Keycloak makes with every realm and that the profile does not name."""

    listed_as_foreign: ClassVar[bool] = True
    """Whether a plan lists objects of others beside the profile's."""

    undeclared_note: ClassVar[str] = ""
    """The danger of an enabled object of others; empty where it is none."""

    holder_note: ClassVar[str] = "held by {}"
    """How a plan says that people hold an object."""

    adopted_on_request: ClassVar[bool] = False
    """Whether an object of this name that others made is taken over only with `--adopt`."""

    undeclared: ClassVar[UndeclaredFields] = UndeclaredFields()
    """What happens to the fields that `desired` does not declare."""

    def desired(self, deployment: Deployment) -> Iterable[Resource]:
        """The objects of this kind that the deployment needs, in the profile's order."""
        raise NotImplementedError

    def place(self, representation: Representation, resource: Resource) -> None:
        """Put `resource` where Keycloak's import looks for it in a realm's representation."""
        raise NotImplementedError

    def is_recorded(self, key: str) -> bool:  # noqa: ARG002 - some kinds decide by key
        """Whether the object with this key may be one that we made."""
        return self.recorded != "never"

    def is_removable(self, key: str) -> bool:
        """Whether provisioning may take the object away when the profile no longer asks for it."""
        return self.recorded == "before" and self.is_recorded(key)

    def is_built_in(self, existing: ExistingObject) -> bool:
        """Whether Keycloak made the object with the realm."""
        return existing.key in self.built_in

    def owner(self, address: Address) -> Address | None:
        """The address of the object that Keycloak takes this one away with."""
        return (self.parent, "", address[1]) if self.parent else None

    def next_alias(self, resource: Resource, existing: ExistingObject | None, *, changed: bool) -> str:  # noqa: ARG002 - only flows have versions
        """The name of the version that a plan makes or keeps; empty where a kind has no versions."""
        return ""

    def holder_paths(self, existing: ExistingObject) -> tuple[tuple[str, ...], ...]:  # noqa: ARG002 - few are held
        """The lists, below the realm, of the people who hold the object and of the groups that do."""
        return ()

    def read(self, context: ReadContext) -> Iterable[ExistingObject]:
        """The objects of this kind in the realm: those that are wanted or ours, and others that come with them."""
        raise NotImplementedError

    def compare(self, declared: Mapping[str, Any], existing: ExistingObject) -> tuple[FieldChange, ...]:
        """Which declared fields differ."""
        return differences(declared, existing.representation)

    def shown(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a plan shows of the declared fields of an object that is to be made."""
        return declared

    def drift(self, declared: Mapping[str, Any], existing: ExistingObject) -> tuple[FieldChange, ...]:
        """Which watched fields are not as they have to be."""
        return self.undeclared.differences(declared, existing.representation)

    def whole(
        self, context: WriteContext, existing: ExistingObject, declared: Mapping[str, Any]
    ) -> Representation:
        """What to send for an update: everything that is there, watched fields put right, what is declared over it."""
        before = existing.representation
        if context.resets_undeclared:
            before = self.undeclared.reset(declared, before)
        result: Representation = merged(before, dict(declared))
        return result

    def create(self, context: WriteContext, resource: Resource) -> None:
        """Make the object."""
        raise NotImplementedError

    def create_many(self, context: WriteContext, resources: Sequence[Resource]) -> bool:  # noqa: ARG002 - few kinds can
        """Make many objects at once, where Keycloak has a way that skips what exists; False where it has none."""
        return False

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        """Bring the object to what is declared."""
        raise NotImplementedError

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        """Take the object away."""
        raise NotImplementedError

    def grants(self, existing: ExistingObject) -> tuple[FieldChange, ...]:  # noqa: ARG002 - only groups hold roles of ours
        """What an object that others made still holds of ours; `release` takes it away."""
        return ()

    def release(self, context: WriteContext, existing: ExistingObject) -> None:
        """Take away what an object that others made holds of ours."""


def under_new_keys(wanted: Iterable[Resource], found: Iterable[ExistingObject]) -> Iterator[ExistingObject]:
    """
    What was found, under its new key where a wanted object says which key it had before.

    Where both are there, the old one is an object of its own.
    """
    listed = list(found)
    taken = {(existing.parent, existing.key) for existing in listed}
    new = {
        (resource.parent, resource.renamed_from): resource.key
        for resource in wanted
        if resource.renamed_from and (resource.parent, resource.key) not in taken
    }
    for existing in listed:
        yield replace(existing, key=new.get((existing.parent, existing.key), existing.key))


def without(representation: Representation, *names: str) -> Representation:
    """The representation without some members."""
    return {name: value for name, value in representation.items() if name not in names}
