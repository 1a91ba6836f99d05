"""Plan from desired objects and a snapshot of the realm. Reads no server and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from orthgen.changes.model import Adopt, Change, Create, Delete, FieldChange, Plan, Update
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.kinds.flow import bound_elsewhere, superseded
from orthgen.realm.leftover import leftover_objects, released_objects, removals, withdrawals
from orthgen.realm.resource import FlowUse, SecretUse, replace_uses
from orthgen.realm.undeclared import undeclared_children, undeclared_sign_ins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orthgen.realm.kinds.base import ResourceKind
    from orthgen.realm.ownership import Address
    from orthgen.realm.resource import Resource
    from orthgen.realm.snapshot import ExistingObject, RealmSnapshot

PRECIOUS = frozenset(kind.name for kind in KINDS if kind.precious)
ADOPTED_ON_REQUEST = frozenset(kind.name for kind in KINDS if kind.adopted_on_request)


class PreparedPlan(Struct, frozen=True):
    """A plan with everything that its application needs."""

    plan: Plan
    resources: Mapping[Address, Resource]
    snapshot: RealmSnapshot
    aliases: Mapping[str, str]
    """The alias of each flow after the plan, by its name without version."""
    options: PlanOptions


class PlanOptions(Struct, frozen=True):
    """Options of a plan, beside creations and updates of declared objects."""

    prune: bool = False
    write_secrets: bool = False
    reset_undeclared: bool = False
    """Whether differences that a plan would only report are corrected."""
    exclusive: bool = True
    """Whether the realm belongs to the profile alone; in a shared realm, undeclared differences are only reported."""

    @property
    def resets(self) -> bool:
        """Whether undeclared fields and children of the profile's objects are corrected."""
        return self.exclusive or self.reset_undeclared


DEFAULT_OPTIONS = PlanOptions()


def prepare(
    server: str,
    realm: str,
    resources: Sequence[Resource],
    snapshot: RealmSnapshot,
    options: PlanOptions = DEFAULT_OPTIONS,
) -> PreparedPlan:
    """The plan that brings the realm to `resources`."""
    by_address = {resource.address: resource for resource in resources}
    aliases: dict[str, str] = {}
    changes: list[Change] = []
    reported: list[Change] = []
    for resource in resources:
        existing = snapshot.objects.get(resource.address)
        kind = KIND_NAMED[resource.kind]
        change, drift = _step(kind, resource, snapshot, aliases, options)
        if alias := kind.next_alias(resource, existing, changed=change is not None):
            aliases[resource.key] = alias
        changes.extend([change] if change is not None else ())
        reported.extend([drift] if drift is not None else ())
    (changes if options.resets else reported).extend(undeclared_children(snapshot, by_address))
    undeclared = undeclared_sign_ins(snapshot, by_address, is_pruned=options.prune)
    (changes if options.reset_undeclared else reported).extend(undeclared)
    unwanted = removals(snapshot, by_address) if options.prune else withdrawals(snapshot, by_address)
    superseded_versions = (
        Delete(address, note=f"`{newer}` takes its place") for address, newer in superseded(snapshot, aliases)
    )
    deleted = {change.address for change in (*changes, *unwanted) if isinstance(change, Delete)}
    # Keycloak deletes no flow that is in use (26.2 to 26.7 answer 500).
    in_use = bound_elsewhere(snapshot, by_address, deleted)
    changes.extend(change for change in (*unwanted, *superseded_versions) if change.address not in in_use)
    done = {change.address for change in changes if isinstance(change, Delete)}
    prunable = leftover_objects(snapshot, by_address)
    kept = done | bound_elsewhere(snapshot, by_address, deleted | set(prunable))
    leftover = tuple(address for address in prunable if address not in kept)
    done |= {change.address for change in unwanted}
    released = tuple(address for address in released_objects(snapshot, by_address) if address not in done)
    plan = Plan(
        where=f"realm {realm} at {server}",
        changes=tuple(changes),
        reported=tuple(reported),
        leftover=leftover,
        released=released,
        foreign=tuple(_foreign(snapshot, by_address)),
        existing=sum(address in snapshot.objects for address in by_address),
        creates_realm=snapshot.realm is None,
        is_repeated=bool(snapshot.revision),
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
    """The change of one object, and the differences that are only reported."""
    existing = snapshot.objects.get(resource.address)
    if existing is None:
        return (None if resource.foreign else _create(kind, resource, aliases)), None
    declared, secrets = declared_fields(resource, aliases)
    changes, drift = list(kind.compare(declared, existing)), list(kind.drift(resource, existing))
    if resource.foreign:
        changes, drift = [], changes + drift
    if options.resets and not (resource.foreign and not options.reset_undeclared):
        changes, drift = changes + drift, []
    report = Update(resource.address, tuple(drift), resource.because) if drift else None
    note = ""
    for path in secrets:
        if options.write_secrets or not _has_value(existing.representation, path):
            changes.append(FieldChange(path, None, None, sensitive=True))
            note = "a secret is written, never compared"
    if _is_of_others(kind, resource, snapshot):
        note = "; ".join(filter(None, [MADE_BY_OTHERS, note]))
        return Adopt(resource.address, tuple(changes), resource.because, note), report
    return (Update(resource.address, tuple(changes), resource.because, note) if changes else None), report


def _create(kind: ResourceKind, resource: Resource, aliases: Mapping[str, str]) -> Change:
    # The plan shows the fields that only a creation sets, too.
    creation = structs.replace(resource, fields={**resource.fields, **resource.create_only})
    declared, secrets = declared_fields(creation, aliases)
    fields = [FieldChange(path, None, value) for path, value in _flattened(kind.plan_fields(declared))]
    fields += [FieldChange(path, None, None, sensitive=True) for path in secrets]
    return Create(resource.address, tuple(fields), resource.because)


MADE_BY_OTHERS = "it exists and was made by others"


def _is_of_others(kind: ResourceKind, resource: Resource, snapshot: RealmSnapshot) -> bool:
    """Whether others created the object; a child belongs to the creator of its parent."""
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
        compared = {}
        for name, item in value.items():
            if _holds_value(item):
                secrets.append(f"{path}{name}")
            else:
                compared[name] = comparable(item, f"{path}{name}.")
        return compared

    fields = comparable(dict(resource.fields), "")
    return replace_uses(fields, replacement), tuple(secrets)


def _holds_value(item: Any) -> bool:
    if isinstance(item, list):
        parts = [part.values() if isinstance(part, dict) else (part,) for part in item]
        return any(_holds_value(value) for part in parts for value in part)
    return isinstance(item, SecretUse) and item.through == "value"


def _has_value(representation: Mapping[str, Any], path: str) -> bool:
    """Whether there is a value at `path`; names may hold dots, so the longest name wins."""
    name, _, rest = path.partition(".")
    if rest and isinstance(representation.get(name), dict):
        return _has_value(representation[name], rest)
    return bool(representation.get(path))


def _flattened(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, dict) and item:
            yield from _flattened(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", item


def _foreign(snapshot: RealmSnapshot, desired: Mapping[Address, Resource]) -> Iterator[Address]:
    """Objects that the profile does not declare, except those of every realm."""
    for address, existing in snapshot.objects.items():
        kind = KIND_NAMED.get(address[0])
        if kind is None or not kind.listed_as_foreign or address in desired or address in snapshot.owned:
            continue
        if not _is_default_role(snapshot, existing) and not kind.is_built_in(existing):
            yield address


def _is_default_role(snapshot: RealmSnapshot, existing: ExistingObject) -> bool:
    role = snapshot.realm.get("defaultRole") if snapshot.realm is not None else None
    return role is not None and role["id"] == existing.id
