"""Plan from desired objects and a snapshot of the realm. Reads no server and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from orthgen.changes.model import Adopt, Change, Create, Delete, FieldChange, Plan, Release, Update
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.kinds.flow import superseded, unused_versions
from orthgen.realm.resource import FlowUse, SecretUse, replace_uses
from orthgen.realm.undeclared import undeclared_children, undeclared_sign_ins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from orthgen.realm.kinds.base import ResourceKind
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject, RealmSnapshot

PRECIOUS = frozenset(kind.name for kind in KINDS if kind.precious)
ADOPTED_ON_REQUEST = frozenset(kind.name for kind in KINDS if kind.adopted_on_request)


class PreparedPlan(Struct, frozen=True):
    """A plan with what it takes to carry it out."""

    plan: Plan
    resources: Mapping[Address, Resource]
    snapshot: RealmSnapshot
    aliases: Mapping[str, str]
    """The version of each flow after the plan, by its name without version."""
    options: PlanOptions


class PlanOptions(Struct, frozen=True):
    """What a plan is asked to do beside creating and changing what the profile declares."""

    prune: bool = False
    write_secrets: bool = False
    reset_undeclared: bool = False
    """Whether differences that would only be reported are put right."""
    whole_realm: bool = True
    """Whether the realm is the profile's alone; in a realm of others undeclared differences are reported."""

    @property
    def resets(self) -> bool:
        """Whether watched fields and lists of what is ours are put right."""
        return self.whole_realm or self.reset_undeclared


def prepare(
    server: str,
    realm: str,
    resources: Sequence[Resource],
    snapshot: RealmSnapshot,
    options: PlanOptions | None = None,
) -> PreparedPlan:
    """The plan that brings the realm to `resources`."""
    options = options or PlanOptions()
    by_address = {resource.address: resource for resource in resources}
    aliases: dict[str, str] = {}
    changes: list[Change] = []
    reported: list[Change] = []
    for resource in resources:
        existing = snapshot.objects.get(resource.address)
        kind = KIND_NAMED[resource.kind]
        change, told = _step(kind, resource, snapshot, aliases, options)
        if alias := kind.next_alias(resource, existing, changed=change is not None):
            aliases[resource.key] = alias
        changes.extend([change] if change is not None else ())
        reported.extend([told] if told is not None else ())
    (changes if options.resets else reported).extend(undeclared_children(snapshot, by_address))
    (changes if options.reset_undeclared else reported).extend(undeclared_sign_ins(snapshot, by_address))
    leftover = _leftover(snapshot, by_address)
    released = _released(snapshot, by_address)
    if options.prune:
        changes.extend(Delete(address, note="no longer in the profile") for address in leftover)
        changes.extend(_release(snapshot.objects[address]) for address in released)
    changes.extend(
        Delete(address, note=f"`{newer}` takes its place") for address, newer in superseded(snapshot, aliases)
    )
    plan = Plan(
        where=f"realm {realm} at {server}",
        changes=tuple(changes),
        reported=tuple(reported),
        leftover=() if options.prune else leftover,
        released=() if options.prune else released,
        foreign=tuple(_foreign(snapshot, by_address)),
        existing=sum(address in snapshot.objects for address in by_address),
        whole=snapshot.realm is None,
        is_repeated=bool(snapshot.owned or snapshot.revision),
        facts={"revision": snapshot.revision},
    )
    return PreparedPlan(plan, by_address, snapshot, aliases, options)


def _step(
    kind: ResourceKind,
    resource: Resource,
    snapshot: RealmSnapshot,
    aliases: Mapping[str, str],
    options: PlanOptions,
) -> tuple[Change | None, Change | None]:
    """What is to be done to one object, and what is only reported of it."""
    existing = snapshot.objects.get(resource.address)
    if existing is None:
        return (None if resource.theirs else _create(kind, resource, aliases)), None
    declared, secrets = declared_fields(resource, aliases)
    changed, drift = list(kind.compare(declared, existing)), list(kind.drift(declared, existing))
    if resource.theirs:
        changed, drift = [], changed + drift
    if options.resets and not (resource.theirs and not options.reset_undeclared):
        changed, drift = changed + drift, []
    told = Update(resource.address, tuple(drift), resource.because) if drift else None
    note = ""
    for path in secrets:
        if options.write_secrets or not _found(existing.representation, path):
            changed.append(FieldChange(path, None, None, sensitive=True))
            note = "a secret is written, never compared"
    if _is_of_others(kind, resource, snapshot):
        note = "; ".join(filter(None, [MADE_BY_OTHERS, note]))
        return Adopt(resource.address, tuple(changed), resource.because, note), told
    return (Update(resource.address, tuple(changed), resource.because, note) if changed else None), told


def _create(kind: ResourceKind, resource: Resource, aliases: Mapping[str, str]) -> Change:
    # What matters when it is made and is left alone afterwards belongs to what is looked at before.
    whole = structs.replace(resource, fields={**resource.fields, **resource.create_only})
    declared, secrets = declared_fields(whole, aliases)
    fields = [FieldChange(path, None, value) for path, value in _leaves(kind.shown(declared))]
    fields += [FieldChange(path, None, None, sensitive=True) for path in secrets]
    return Create(resource.address, tuple(fields), resource.because)


MADE_BY_OTHERS = "it exists and was made by others"


def _is_of_others(kind: ResourceKind, resource: Resource, snapshot: RealmSnapshot) -> bool:
    """Whether the object was there before us; what belongs to an object of ours is ours."""
    if kind.parent or kind.recorded != "before" or not kind.is_recorded(resource.key):
        return False
    names = {resource.address, (resource.kind, resource.parent, resource.renamed_from)}
    return names.isdisjoint(snapshot.owned | snapshot.adopted)


def declared_fields(resource: Resource, aliases: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields to compare, and the paths of those that hold a secret's value and are not compared."""
    secrets: list[str] = []

    def replacement(use: SecretUse | FlowUse) -> str:
        return aliases.get(use.name, use.first) if isinstance(use, FlowUse) else use.reference

    def comparable(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            return value
        kept = {}
        for name, item in value.items():
            if _holds_value(item):
                secrets.append(f"{path}{name}")
            else:
                kept[name] = comparable(item, f"{path}{name}.")
        return kept

    fields = comparable(dict(resource.fields), "")
    return replace_uses(fields, replacement), tuple(secrets)


def _holds_value(item: Any) -> bool:
    if isinstance(item, list):
        parts = [part.values() if isinstance(part, dict) else (part,) for part in item]
        return any(_holds_value(value) for part in parts for value in part)
    return isinstance(item, SecretUse) and item.through == "value"


def _found(representation: Mapping[str, Any], path: str) -> bool:
    """Whether there is anything at `path`; names may hold dots, so the longest name wins."""
    name, _, rest = path.partition(".")
    if rest and isinstance(representation.get(name), dict):
        return _found(representation[name], rest)
    return bool(representation.get(path))


def _leaves(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, dict) and item:
            yield from _leaves(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", item


def _released(snapshot: RealmSnapshot, wanted: Mapping[Address, Resource]) -> tuple[Address, ...]:
    """Objects of others that the profile used once and does not name any more."""
    return tuple(
        sorted(
            address
            for address in snapshot.adopted
            if address in snapshot.objects and address not in wanted and address not in snapshot.owned
        )
    )


def _release(existing: ExistingObject) -> Change:
    kind = KIND_NAMED[existing.kind]
    note = "no longer in the profile; made by others, so it stays"
    return Release(existing.address, kind.grants(existing), note=note)


def _leftover(snapshot: RealmSnapshot, wanted: Mapping[Address, Resource]) -> tuple[Address, ...]:
    """Objects of ours that are there and no longer wanted, those first that others depend on last."""
    kinds = {kind.name: (position, kind) for position, kind in enumerate(KINDS)}
    found = [
        address
        for address in snapshot.objects
        if address in snapshot.owned
        and address not in wanted
        and address[0] in kinds
        and kinds[address[0]][1].is_removable(address[2])
    ]
    gone = set(found)
    # What goes with its parent needs no step of its own.
    found = [address for address in found if not goes_with_parent(address, gone)]
    found += unused_versions(snapshot, wanted)
    return tuple(sorted(found, key=lambda address: (-kinds[address[0]][0], address[1:])))


def goes_with_parent(address: Address, gone: Collection[Address]) -> bool:
    """Whether Keycloak takes the object away together with one of `gone`."""
    kind = KIND_NAMED.get(address[0])
    return kind is not None and kind.owner(address) in gone


def _foreign(snapshot: RealmSnapshot, wanted: Mapping[Address, Resource]) -> Iterator[Address]:
    """Objects beside the profile's, except those that every realm has."""
    for address, existing in snapshot.objects.items():
        kind = KIND_NAMED.get(address[0])
        if kind is None or not kind.listed_as_foreign or address in wanted or address in snapshot.owned:
            continue
        if not _is_default_role(snapshot, existing) and not kind.is_built_in(existing):
            yield address


def _is_default_role(snapshot: RealmSnapshot, existing: ExistingObject) -> bool:
    role = snapshot.realm.get("defaultRole") if snapshot.realm is not None else None
    return role is not None and role["id"] == existing.id
