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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orthgen.changes.model import Adopt, Create, Delete, Release, Update
from orthgen.deployment import naming
from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import OutcomeUnknown, read_realm
from orthgen.realm.admin.realm_import import Polling, make_realm, mark_of
from orthgen.realm.desired import is_recorded, representation
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.ownership import owned_text, read_owned
from orthgen.realm.planner import declared_fields, goes_with_parent
from orthgen.realm.read_context import ReadContext
from orthgen.realm.resource import FlowUse, SecretUse, replace_uses
from orthgen.realm.snapshot_reader import our_roles
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
# Below this many, one request each is quick enough and its outcome plainer.
_MIN_BULK_SIZE = 10


def _nothing(_: Change) -> None:
    """Report nothing."""


@dataclass(slots=True)
class Executor:
    """One run of one plan."""

    api: AdminApi
    realm: str
    prepared: PreparedPlan
    secret: Callable[[str], str]
    report: Callable[[Change], None] = _nothing
    polling: Polling = field(default_factory=Polling)
    workers: int = 4
    mark: str = field(default_factory=lambda: random_secrets.token_hex(8))

    def apply(self) -> None:
        """Carry the plan out. Raises KeycloakError where that is not possible; what was done stays done."""
        plan = self.prepared.plan
        if plan.whole:
            self._make_realm()
        elif plan.changes:
            self._change_realm()

    # ---------------------------------------------------------------------------------- a realm in one piece

    def _make_realm(self) -> None:
        resources = list(self.prepared.resources.values())
        body = replace_uses(representation(self.realm, resources), self._replacement)
        body["attributes"][naming.REVISION_ATTRIBUTE] = self.mark
        make_realm(self.api, body, self.mark, self.polling)
        for change in self.prepared.plan.changes:
            self.report(change)

    def _replacement(self, use: SecretUse | FlowUse) -> str:
        if isinstance(use, FlowUse):
            return use.first
        return use.reference if use.through == "vault" else self.secret(use.name)

    # ---------------------------------------------------------------------------------------- change by change

    def _change_realm(self) -> None:
        plan = self.prepared.plan
        secrets_wanted = frozenset(
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
            secrets_wanted,
            resets_undeclared=self.prepared.options.resets,
        )
        for use in self._secrets_needed(secrets_wanted):
            self.secret(use)  # a secret that is missing is missed before anything is changed
        created = [change for change in plan.changes if isinstance(change, Create)]
        updated = [change for change in plan.changes if isinstance(change, (Update, Adopt))]
        deleted = [change for change in plan.changes if isinstance(change, (Delete, Release))]
        self._claim(context, created, updated)
        for kind in KINDS:
            self._create(context, kind, [change for change in created if change.address[0] == kind.name])
            of_kind = [change for change in updated if change.address[0] == kind.name]
            self._each(kind, of_kind, lambda change: self._update(context, change))
        if deleted:
            self._insist()
            for change in deleted:
                kind, existing = KIND_NAMED[change.address[0]], self.prepared.snapshot.objects[change.address]
                (kind.release if isinstance(change, Release) else kind.delete)(context, existing)
                self.report(change)
        self._record(context, created, deleted)

    def _secrets_needed(self, updates: frozenset[Address]) -> Iterable[str]:
        creates = {
            change.address for change in self.prepared.plan.changes if isinstance(change, Create)
        } | updates
        for address in creates:
            resource = self.prepared.resources[address]
            for use in _values({**resource.fields, **resource.create_only}):
                yield use.name

    def _claim(self, context: WriteContext, created: Sequence[Change], updated: Sequence[Change]) -> None:
        """Leave our mark, and note what is about to be made, taken over, or called otherwise."""
        realm = read_realm(self.api, self.realm)
        if realm is None or mark_of(realm) != self.prepared.snapshot.revision:
            raise _changed_meanwhile(self.realm)
        before = {change.address for change in created if self._recorded(change.address, "before")}
        attributes = realm.get("attributes") or {}
        owned = read_owned(str(attributes.get(naming.OWNED_ATTRIBUTE, "")))
        taken_over = read_owned(str(attributes.get(naming.ADOPTED_ATTRIBUTE, "")))
        renamed = self._renamed(updated)
        adopted = {renamed.get(address, address) for address in taken_over}
        adopted |= {change.address for change in updated if isinstance(change, Adopt)}
        adopted -= before
        ours = {renamed.get(address, address) for address in owned} | before
        context.put_realm(
            {
                "attributes": {
                    naming.REVISION_ATTRIBUTE: self.mark,
                    naming.OWNED_ATTRIBUTE: owned_text(ours),
                    naming.ADOPTED_ATTRIBUTE: owned_text(adopted) if adopted else "",
                }
            }
        )

    def _renamed(self, updated: Sequence[Change]) -> dict[Address, Address]:
        """The new addresses of objects that had another key, by the old ones."""
        found = {}
        for change in updated:
            kind, parent, _ = change.address
            found[kind, parent, self.prepared.resources[change.address].renamed_from] = change.address
        return found

    def _insist(self) -> None:
        """Stop where another run left its mark since: its objects are not ours to take away."""
        realm = read_realm(self.api, self.realm)
        if realm is None or mark_of(realm) != self.mark:
            raise _changed_meanwhile(self.realm)

    def _record(self, context: WriteContext, created: Sequence[Change], deleted: Sequence[Change]) -> None:
        after = {change.address for change in created if self._recorded(change.address, "after")}
        gone = {change.address for change in deleted}
        if not after and not gone:
            return
        realm = read_realm(self.api, self.realm)
        if realm is None:
            raise _changed_meanwhile(self.realm)
        attributes = realm.get("attributes") or {}
        owned, taken_over = (
            {
                address
                for address in read_owned(str(attributes.get(name, "")))
                if address not in gone and not goes_with_parent(address, gone)
            }
            for name in (naming.OWNED_ATTRIBUTE, naming.ADOPTED_ATTRIBUTE)
        )
        context.put_realm(
            {
                "attributes": {
                    naming.OWNED_ATTRIBUTE: owned_text(owned | after),
                    naming.ADOPTED_ATTRIBUTE: owned_text(taken_over) if taken_over else "",
                }
            }
        )

    def _recorded(self, address: Address, when: str) -> bool:
        kind = KIND_NAMED[address[0]]
        return kind.recorded == when and is_recorded(self.prepared.resources[address])

    # ------------------------------------------------------------------------------------------- single steps

    def _create(self, context: WriteContext, kind: ResourceKind, changes: Sequence[Change]) -> None:
        resources = [self.prepared.resources[change.address] for change in changes]
        if len(resources) > _MIN_BULK_SIZE and self._create_many(context, kind, resources):
            for change in changes:
                self.report(change)
            return
        self._each(kind, changes, lambda change: self._make(context, kind, change.address))

    def _create_many(self, context: WriteContext, kind: ResourceKind, resources: Sequence[Resource]) -> bool:
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return kind.create_many(context, resources)
            except OutcomeUnknown:
                if attempt == _MAX_ATTEMPTS:
                    raise
        return False

    def _each(self, kind: ResourceKind, changes: Sequence[Change], step: Callable[[Change], None]) -> None:
        if not kind.independent or len(changes) < 2:
            for change in changes:
                step(change)
                self.report(change)
            return
        with ThreadPoolExecutor(max_workers=self.workers) as pool:
            for change, _ in zip(changes, pool.map(step, changes), strict=True):
                self.report(change)

    def _make(self, context: WriteContext, kind: ResourceKind, address: Address) -> None:
        resource = self.prepared.resources[address]
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return kind.create(context, resource)
            except (KeycloakRefused, KeycloakUnavailable):
                raise
            except KeycloakError as error:
                # Not only 409 says that another run was faster: a second mapper of a provider is answered by 400.
                existing = self._look_again(context, kind, resource)
                if existing is not None:
                    context.made(address, existing.id)
                    declared, _ = declared_fields(resource, self.prepared.aliases)
                    if kind.compare(declared, existing):
                        kind.update(context, existing, resource)
                    return None
                if not isinstance(error, OutcomeUnknown) or attempt == _MAX_ATTEMPTS:
                    raise
        return None

    def _update(self, context: WriteContext, change: Change) -> None:
        if not change.fields:
            return None  # taken over as it is
        address = change.address
        kind = KIND_NAMED[address[0]]
        resource, existing = self.prepared.resources[address], self.prepared.snapshot.objects[address]
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return kind.update(context, existing, resource)
            except OutcomeUnknown:
                # Parts of an update may be POSTs (roles of a group): what is still missing is asked for again.
                again = self._look_again(context, kind, resource)
                if again is None or attempt == _MAX_ATTEMPTS:
                    raise
                existing = again
        return None

    def _look_again(
        self, context: WriteContext, kind: ResourceKind, resource: Resource
    ) -> ExistingObject | None:
        realm = read_realm(self.api, self.realm)
        if realm is None:
            return None
        found = dict(self.prepared.snapshot.objects)
        snapshot = self.prepared.snapshot
        roles = our_roles(self.prepared.resources.values(), snapshot.owned | snapshot.adopted)
        needed = {*kind.reads, kind.name}
        for other in KINDS:
            if other.name in needed:
                wanted = tuple(item for item in self.prepared.resources.values() if item.kind == other.name)
                read_context = ReadContext(context.api, realm, wanted, frozenset(), found, roles)
                found.update({existing.address: existing for existing in list(other.read(read_context))})
        return found.get(resource.address)


def _values(value: Any) -> Iterable[SecretUse]:
    if isinstance(value, SecretUse):
        if value.through == "value":
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _values(item)


def _changed_meanwhile(realm: str) -> KeycloakConflict:
    return KeycloakConflict(
        f"another run has changed the realm `{realm}` since the plan was made",
        hint="nothing was taken away; run again for a fresh plan",
    )
