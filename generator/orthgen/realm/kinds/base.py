"""Protocol of a kind of Keycloak object: desired objects, realm.json, admin API, planning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from msgspec.structs import replace

from orthgen.changes.diff import differences
from orthgen.formats.merging import merged
from orthgen.realm.field_decisions import UndeclaredFields

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
    """One kind of Keycloak object. Planner and executor are the same for all kinds."""

    name: ClassVar[str]
    """The name of the kind; the first part of an address in a plan."""

    recorded: ClassVar[Literal["before", "after", "never"]] = "before"
    """When an object enters the ownership record: before its creation, so that an interrupted run leaves no unrecorded
    object; after it, where the record means that the object was created once; never, where Keycloak creates it."""

    independent: ClassVar[bool] = True
    """Whether objects of this kind can be created in parallel."""

    parent: ClassVar[str] = ""
    """The kind of the parent objects. Keycloak deletes children with their parent. Below a parent of the profile, a
    child that the profile does not declare is a difference."""

    reads: ClassVar[tuple[str, ...]] = ()
    """The kinds whose objects `read` looks up in its context."""

    read_with_realm: ClassVar[bool] = False
    """Whether an exclusive realm's objects are always read, because others may have added some."""

    precious: ClassVar[bool] = False
    """Whether people use objects of this kind, so that a deletion needs an option."""

    built_in: ClassVar[frozenset[str]] = frozenset()
    """The keys of objects that Keycloak creates with every realm and that the profile does not declare."""

    listed_as_foreign: ClassVar[bool] = True
    """Whether a plan lists objects of others."""

    only_grants: ClassVar[bool] = False
    """Whether an object is nothing but rights: they are taken back as soon as the profile does not declare it."""

    undeclared_note: ClassVar[str] = ""
    """The danger of an enabled object of others; empty where there is none."""

    holder_note: ClassVar[str] = "held by {}"
    """A plan's note about the people who hold an object."""

    adopted_on_request: ClassVar[bool] = False
    """Whether an object of others is adopted only with `--adopt`."""

    undeclared: ClassVar[UndeclaredFields] = UndeclaredFields()
    """Rules for the fields that `desired` does not declare."""

    def desired(self, deployment: Deployment) -> Iterable[Resource]:
        """The deployment's objects of this kind, in the profile's order."""
        raise NotImplementedError

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        """Add `resource` to a realm's representation, at its place for Keycloak's import."""
        raise NotImplementedError

    def is_recorded(self, key: str) -> bool:  # noqa: ARG002 - some kinds decide by key
        """Whether the object with this key is in the ownership record."""
        return self.recorded != "never"

    def is_removable(self, key: str) -> bool:
        """Whether provisioning may delete the object when the profile no longer declares it."""
        return self.recorded == "before" and self.is_recorded(key)

    def is_built_in(self, existing: ExistingObject) -> bool:
        """Whether Keycloak created the object with the realm."""
        return existing.key in self.built_in

    def owner(self, address: Address) -> Address | None:
        """The address of the parent, with which Keycloak deletes the object."""
        return (self.parent, "", address[1]) if self.parent else None

    def next_alias(self, resource: Resource, existing: ExistingObject | None, *, changed: bool) -> str:  # noqa: ARG002 - only flows have versions
        """The alias of the version after the plan; empty where a kind has no versions."""
        return ""

    def holder_paths(self, existing: ExistingObject) -> tuple[tuple[str, ...], ...]:  # noqa: ARG002 - few are held
        """Paths below the realm that list the object's holders: people, then groups."""
        return ()

    def read(self, context: ReadContext) -> Iterable[ExistingObject]:
        """The realm's objects of this kind: desired, recorded, and others in the same lists."""
        raise NotImplementedError

    def compare(self, declared: Mapping[str, Any], existing: ExistingObject) -> tuple[FieldChange, ...]:
        """Differences of declared fields."""
        return differences(declared, existing.representation)

    def plan_fields(self, declared: Mapping[str, Any]) -> Mapping[str, Any]:
        """The declared fields of a new object, as a plan shows them."""
        return declared

    def drift(self, resource: Resource, existing: ExistingObject) -> tuple[FieldChange, ...]:
        """Differences of watched fields. Only the names of the declared ones matter, those of secrets too."""
        return self.undeclared.differences(resource.fields, existing.representation)

    def update_body(
        self, context: WriteContext, existing: ExistingObject, resource: Resource
    ) -> Representation:
        """The body of an update: the existing fields, watched fields corrected, declared fields merged in."""
        result: Representation = merged(
            self.existing_fields(context, existing, resource), context.fields(resource)
        )
        return result

    def existing_fields(
        self, context: WriteContext, existing: ExistingObject, resource: Resource
    ) -> Representation:
        """The existing fields, with watched fields corrected where the run does that."""
        if not context.resets_undeclared:
            return existing.representation
        # By the resource: a secret that this update does not send is declared all the same.
        return self.undeclared.reset(resource.fields, existing.representation)

    def create(self, context: WriteContext, resource: Resource) -> None:
        """Create the object."""
        raise NotImplementedError

    def create_many(self, context: WriteContext, resources: Sequence[Resource]) -> bool:  # noqa: ARG002 - few kinds can
        """Create many objects in one request that skips existing ones; False where Keycloak has no such request."""
        return False

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        """Update the object to its declared fields."""
        raise NotImplementedError

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        """Delete the object."""
        raise NotImplementedError

    def deletion_effect(self, existing: ExistingObject) -> str:  # noqa: ARG002 - few deletions have one
        """What people lose by the deletion, as a plan's note; empty where they lose nothing."""
        return ""

    def grants(self, existing: ExistingObject) -> tuple[FieldChange, ...]:  # noqa: ARG002 - few kinds hold roles
        """Roles that orthgen gave to an object; `release` removes them."""
        return ()

    def release(self, context: WriteContext, existing: ExistingObject) -> None:
        """Remove the roles that orthgen gave from an object that stays."""


def with_current_keys(
    desired: Iterable[Resource], objects: Iterable[ExistingObject]
) -> Iterator[ExistingObject]:
    """
    The existing objects, with the new key where a desired object has a previous key.

    Where objects with both keys exist, the old one is an object of its own.
    """
    existing_objects = list(objects)
    existing_keys = {(existing.parent, existing.key) for existing in existing_objects}
    new_keys = {
        (resource.parent, resource.renamed_from): resource.key
        for resource in desired
        if resource.renamed_from and (resource.parent, resource.key) not in existing_keys
    }
    for existing in existing_objects:
        yield replace(existing, key=new_keys.get((existing.parent, existing.key), existing.key))


def without(representation: Representation, *names: str) -> Representation:
    """The representation without the named members."""
    return {name: value for name, value in representation.items() if name not in names}
