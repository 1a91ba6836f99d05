"""
Apply a realm's plan: exactly its changes, each after the objects that it depends on.

Failures at any request, and the answer to each:

- **The run ends** (killed, server gone, timeout): each request leaves the realm complete, an object is recorded
  before it is created, and nothing is locked. The next run makes a plan from the realm as it is.
- **An answer is lost, or is 409**: the object is read again. If it exists, it is compared and updated; if not, it is
  created again.
- **A second run at the same time**: each run writes its mark into the realm first. A run stops where it finds another
  mark than the one that its plan read, or than its own before it deletes anything.
"""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orthgen.changes.model import Adopt, Create, Delete, Release, Update
from orthgen.deployment import naming
from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import OutcomeUnknown, read_realm
from orthgen.realm.admin.many_requests import MAX_AT_A_TIME, at_a_time
from orthgen.realm.admin.realm_import import Polling, create_realm, mark_of
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.leftover import goes_with_parent
from orthgen.realm.ownership import owned_text, read_owned
from orthgen.realm.planner import declared_fields
from orthgen.realm.read_context import ReadContext
from orthgen.realm.realm_file import is_recorded, representation
from orthgen.realm.resource import FlowUse, SecretUse, replace_uses, secret_uses
from orthgen.realm.snapshot_reader import managed_roles
from orthgen.realm.write_context import WriteContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from orthgen.changes.model import Change
    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.kinds.base import ResourceKind
    from orthgen.realm.ownership import Address
    from orthgen.realm.planner import PreparedPlan
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject

_MAX_ATTEMPTS = 4
# Fewer objects are created one by one, because each outcome is clearer.
_MIN_BULK_SIZE = 10


def _ignore(_: Change) -> None:
    """Ignore a change."""


@dataclass(slots=True)
class Executor:
    """Application of one plan."""

    api: AdminApi
    realm: str
    prepared: PreparedPlan
    secret: Callable[[str], str]
    report: Callable[[Change], None] = _ignore
    polling: Polling = field(default_factory=Polling)
    workers: int = MAX_AT_A_TIME
    mark: str = field(default_factory=lambda: random_secrets.token_hex(8))

    def apply(self) -> None:
        """Apply the plan. Raises KeycloakError where that is not possible; completed changes stay."""
        plan = self.prepared.plan
        if plan.creates_realm:
            self._create_realm()
        elif plan.changes:
            self._change_realm()

    # ---------------------------------------------------------------------------------- creation of a realm

    def _create_realm(self) -> None:
        resources = list(self.prepared.resources.values())
        body = replace_uses(representation(self.realm, resources), self._replacement)
        body["attributes"][naming.REVISION_ATTRIBUTE] = self.mark
        create_realm(self.api, body, self.mark, self.polling)
        for change in self.prepared.plan.changes:
            self.report(change)

    def _replacement(self, use: SecretUse | FlowUse) -> str:
        if isinstance(use, FlowUse):
            return use.first
        return use.reference if use.through == "vault" else self.secret(use.name)

    # ---------------------------------------------------------------------------------------- changes of a realm

    def _change_realm(self) -> None:
        plan = self.prepared.plan
        secret_updates = frozenset(
            change.address
            for change in plan.changes
            if isinstance(change, (Update, Adopt)) and any(item.sensitive for item in change.fields)
        )
        context = WriteContext(
            self.api,
            self.realm,
            self.prepared.snapshot,
            self.secret,
            self.prepared.aliases,
            secret_updates,
            frozenset(change.address for change in plan.changes if isinstance(change, (Update, Adopt))),
            resets_undeclared=self.prepared.options.resets,
        )
        for use in self._secret_names(secret_updates):
            self.secret(use)  # a missing secret is an error before the first change
        created = [change for change in plan.changes if isinstance(change, Create)]
        updated = [change for change in plan.changes if isinstance(change, (Update, Adopt))]
        deleted = [change for change in plan.changes if isinstance(change, (Delete, Release))]
        self._claim(context, created, updated)
        for kind in KINDS:
            self._create(context, kind, [change for change in created if change.address[0] == kind.name])
            of_kind = [change for change in updated if change.address[0] == kind.name]
            self._each(kind, of_kind, lambda change: self._update(context, change))
        if deleted:
            self._check_mark()
            for change in deleted:
                kind, existing = KIND_NAMED[change.address[0]], self.prepared.snapshot.objects[change.address]
                (kind.release if isinstance(change, Release) else kind.delete)(context, existing)
                self.report(change)
        self._record(context, created, deleted)

    def _secret_names(self, updates: frozenset[Address]) -> Iterable[str]:
        creates = {
            change.address for change in self.prepared.plan.changes if isinstance(change, Create)
        } | updates
        for address in creates:
            resource = self.prepared.resources[address]
            for use in secret_uses({**resource.fields, **resource.create_only}):
                if use.through == "value":
                    yield use.name

    def _claim(self, context: WriteContext, created: Sequence[Change], updated: Sequence[Change]) -> None:
        """Write the run's mark, and record the objects that are about to be created, adopted or renamed."""
        realm = read_realm(self.api, self.realm)
        if realm is None or mark_of(realm) != self.prepared.snapshot.revision:
            raise _changed_meanwhile(self.realm)
        before = {change.address for change in created if self._recorded(change.address, "before")}
        attributes = realm.get("attributes") or {}
        owned = read_owned(str(attributes.get(naming.OWNED_ATTRIBUTE, "")))
        adopted_before = read_owned(str(attributes.get(naming.ADOPTED_ATTRIBUTE, "")))
        renamed = self._renamed(updated)
        adopted = {renamed.get(address, address) for address in adopted_before}
        adopted |= {change.address for change in updated if isinstance(change, Adopt)}
        adopted -= before
        recorded = {renamed.get(address, address) for address in owned} | before
        context.put_realm(
            {
                "attributes": {
                    naming.REVISION_ATTRIBUTE: self.mark,
                    naming.OWNED_ATTRIBUTE: owned_text(recorded),
                    naming.ADOPTED_ATTRIBUTE: owned_text(adopted) if adopted else "",
                }
            }
        )

    def _renamed(self, updated: Sequence[Change]) -> dict[Address, Address]:
        """New addresses of renamed objects, by the old ones."""
        addresses = {}
        for change in updated:
            kind, parent, _ = change.address
            addresses[kind, parent, self.prepared.resources[change.address].renamed_from] = change.address
        return addresses

    def _check_mark(self) -> None:
        """Raise where another run has written its mark since: this run must not delete its objects."""
        realm = read_realm(self.api, self.realm)
        if realm is None or mark_of(realm) != self.mark:
            raise _changed_meanwhile(self.realm)

    def _record(self, context: WriteContext, created: Sequence[Change], deleted: Sequence[Change]) -> None:
        created_addresses = {change.address for change in created if self._recorded(change.address, "after")}
        deleted_addresses = {change.address for change in deleted if isinstance(change, Delete)}
        released_addresses = {change.address for change in deleted} - deleted_addresses
        if not created_addresses and not deleted:
            return
        realm = read_realm(self.api, self.realm)
        if realm is None:
            raise _changed_meanwhile(self.realm)
        attributes = realm.get("attributes") or {}
        owned, adopted = (
            {
                address
                for address in read_owned(str(attributes.get(name, "")))
                if address not in deleted_addresses and not goes_with_parent(address, deleted_addresses)
            }
            for name in (naming.OWNED_ATTRIBUTE, naming.ADOPTED_ATTRIBUTE)
        )
        adopted -= released_addresses
        context.put_realm(
            {
                "attributes": {
                    naming.OWNED_ATTRIBUTE: owned_text(owned | created_addresses),
                    naming.ADOPTED_ATTRIBUTE: owned_text(adopted) if adopted else "",
                }
            }
        )

    def _recorded(self, address: Address, when: str) -> bool:
        kind = KIND_NAMED[address[0]]
        return kind.recorded == when and is_recorded(self.prepared.resources[address])

    # ------------------------------------------------------------------------------------------- single changes

    def _create(self, context: WriteContext, kind: ResourceKind, changes: Sequence[Change]) -> None:
        resources = [self.prepared.resources[change.address] for change in changes]
        if len(resources) > _MIN_BULK_SIZE and self._create_many(context, kind, resources):
            for change in changes:
                self.report(change)
            return
        self._each(kind, changes, lambda change: self._create_object(context, kind, change.address))

    def _create_many(self, context: WriteContext, kind: ResourceKind, resources: Sequence[Resource]) -> bool:
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return kind.create_many(context, resources)
            except OutcomeUnknown:
                if attempt == _MAX_ATTEMPTS:
                    raise
        return False

    def _each(self, kind: ResourceKind, changes: Sequence[Change], step: Callable[[Change], None]) -> None:
        steps = at_a_time(step, changes, workers=self.workers) if kind.independent else map(step, changes)
        for change, _ in zip(changes, steps, strict=True):
            self.report(change)

    def _create_object(self, context: WriteContext, kind: ResourceKind, address: Address) -> None:
        resource = self.prepared.resources[address]
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return kind.create(context, resource)
            except (KeycloakRefused, KeycloakUnavailable):
                raise
            except KeycloakError as error:
                # Another run may have been faster. Keycloak then answers 409, or 400 for a second mapper of a provider.
                existing = self._read_again(context, kind, resource)
                if existing is not None:
                    context.register_id(address, existing.id)
                    declared, _ = declared_fields(resource, self.prepared.aliases)
                    if kind.compare(declared, existing):
                        kind.update(context, existing, resource)
                    return None
                if not isinstance(error, OutcomeUnknown) or attempt == _MAX_ATTEMPTS:
                    raise
        return None

    def _update(self, context: WriteContext, change: Change) -> None:
        if not change.fields:
            return None  # adopted without a difference
        address = change.address
        kind = KIND_NAMED[address[0]]
        resource, existing = self.prepared.resources[address], self.prepared.snapshot.objects[address]
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return kind.update(context, existing, resource)
            except OutcomeUnknown:
                # Parts of an update may be POSTs (roles of a group): the rest is sent again.
                latest = self._read_again(context, kind, resource)
                if latest is None or attempt == _MAX_ATTEMPTS:
                    raise
                existing = latest
        return None

    def _read_again(
        self, context: WriteContext, kind: ResourceKind, resource: Resource
    ) -> ExistingObject | None:
        realm = read_realm(self.api, self.realm)
        if realm is None:
            return None
        objects = dict(self.prepared.snapshot.objects)
        snapshot = self.prepared.snapshot
        roles = managed_roles(self.prepared.resources.values(), snapshot.owned | snapshot.adopted)
        kinds = {*kind.reads, kind.name}
        for kind_read in KINDS:
            if kind_read.name in kinds:
                resources = tuple(
                    item for item in self.prepared.resources.values() if item.kind == kind_read.name
                )
                read_context = ReadContext(context.api, realm, resources, frozenset(), objects, roles)
                objects.update(
                    {existing.address: existing for existing in list(kind_read.read(read_context))}
                )
        return objects.get(resource.address)


def _changed_meanwhile(realm: str) -> KeycloakConflict:
    return KeycloakConflict(
        f"another run has changed the realm `{realm}` since the plan was made",
        hint="nothing was deleted; run again for a new plan",
    )
