"""From what is wanted and what there is to a plan. Reads no server and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from generator.keycloak.kinds import KIND_NAMED, KINDS
from generator.keycloak.kinds.directory import CHILD
from generator.keycloak.kinds.flow import VERSION
from generator.keycloak.resource import FlowUse, SecretUse, spelled
from generator.planning.model import Change, Create, Delete, FieldChange, Plan, Update

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from generator.keycloak.existing import Snapshot
    from generator.keycloak.kinds.base import Existing, ResourceKind
    from generator.keycloak.ownership import Address
    from generator.keycloak.resource import Resource

# Deleting one of these takes something away that people use.
PRECIOUS = frozenset({"realm", "client", "identity provider", "directory"})


class Prepared(Struct, frozen=True):
    """A plan with what it takes to carry it out."""

    plan: Plan
    resources: Mapping[Address, Resource]
    snapshot: Snapshot
    aliases: Mapping[str, str]
    """The version of each flow after the plan, by its name without version."""


def prepare(  # noqa: PLR0913 - three things to compare and two wishes
    server: str,
    realm: str,
    resources: Sequence[Resource],
    snapshot: Snapshot,
    *,
    prune: bool = False,
    write_secrets: bool = False,
) -> Prepared:
    """The plan that brings the realm to `resources`."""
    by_address = {resource.address: resource for resource in resources}
    aliases: dict[str, str] = {}
    changes: list[Change] = []
    for resource in resources:
        existing = snapshot.found.get(resource.address)
        change = _change(KIND_NAMED[resource.kind], resource, existing, aliases, write_secrets=write_secrets)
        if resource.kind == "flow":
            aliases[resource.key] = _next_alias(resource, existing, changed=change is not None)
        if change is not None:
            changes.append(change)
    leftover = _leftover(snapshot, by_address)
    if prune:
        changes.extend(Delete(address, note="no longer in the profile") for address in leftover)
    changes.extend(_superseded(snapshot, aliases))
    changes.extend(_brought_along(snapshot, by_address))
    plan = Plan(
        where=f"realm {realm} at {server}",
        changes=tuple(changes),
        leftover=() if prune else leftover,
        foreign=tuple(_foreign(snapshot, by_address)),
        existing=sum(address in snapshot.found for address in by_address),
        whole=snapshot.realm is None,
        facts={"revision": snapshot.revision},
    )
    return Prepared(plan, by_address, snapshot, aliases)


def _change(
    kind: ResourceKind,
    resource: Resource,
    existing: Existing | None,
    aliases: Mapping[str, str],
    *,
    write_secrets: bool,
) -> Change | None:
    if existing is None:
        # What matters when it is made and is left alone afterwards belongs to what is looked at before.
        whole = structs.replace(resource, fields={**resource.fields, **resource.create_only})
        declared, secrets = declared_fields(whole, aliases)
        fields = [FieldChange(path, None, value) for path, value in _leaves(kind.shown(declared))]
        fields += [FieldChange(path, None, None, sensitive=True) for path in secrets]
        return Create(resource.address, tuple(fields), resource.because)
    declared, secrets = declared_fields(resource, aliases)
    changed = list(kind.compare(declared, existing))
    note = ""
    for path in secrets:
        if write_secrets or not _found(existing.representation, path):
            changed.append(FieldChange(path, None, None, sensitive=True))
            note = "a secret is written, never compared"
    return Update(resource.address, tuple(changed), resource.because, note) if changed else None


def declared_fields(resource: Resource, aliases: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields to compare, and the paths of those that hold a secret's value and are not compared."""
    secrets: list[str] = []

    def settle(use: SecretUse | FlowUse) -> str:
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
    return spelled(fields, settle), tuple(secrets)


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


def _next_alias(resource: Resource, existing: Existing | None, *, changed: bool) -> str:
    if existing is None:
        return f"{resource.key} v1"
    if not changed:
        return str(existing.representation["alias"])
    return f"{resource.key} v{existing.representation['newest'] + 1}"


def _superseded(snapshot: Snapshot, aliases: Mapping[str, str]) -> Iterator[Change]:
    """Versions of our flows that nothing is bound to any more when the plan is done."""
    for address, existing in snapshot.found.items():
        base = str(existing.representation.get("base", ""))
        if address[0] == VERSION and base in aliases and aliases[base] != existing.key:
            yield Delete(address, note=f"`{aliases[base]}` takes its place")


# Mappers that Keycloak gives to a new directory by itself, beside those that we declare under the same names.
_KEYCLOAKS_MAPPERS = frozenset({"creation date", "modify date", "full name", "MSAD account controls"})


def _brought_along(snapshot: Snapshot, wanted: Mapping[Address, Resource]) -> Iterator[Change]:
    """Mappers that came with a directory of ours and are still there because a run ended in between."""
    for address in snapshot.found:
        kind, parent, key = address
        ours = ("directory", "", parent) in snapshot.owned
        if kind == "directory mapper" and ours and key in _KEYCLOAKS_MAPPERS and address not in wanted:
            yield Delete(address, note="Keycloak's own, made with the directory")


def _leftover(snapshot: Snapshot, wanted: Mapping[Address, Resource]) -> tuple[Address, ...]:
    """Objects of ours that are there and no longer wanted, those first that others depend on last."""
    kinds = {kind.name: (position, kind) for position, kind in enumerate(KINDS)}
    found = [
        address
        for address in snapshot.found
        if address in snapshot.owned
        and address not in wanted
        and address[0] in kinds
        and kinds[address[0]][1].is_removable(address[2])
    ]
    gone = set(found)
    # What goes with its parent needs no step of its own.
    found = [address for address in found if not goes_with_parent(address, gone)]
    unused_flows = [
        existing.address
        for existing in snapshot.found.values()
        if existing.kind == VERSION and ("flow", "", existing.representation["base"]) not in wanted
    ]
    return tuple(
        sorted(found + unused_flows, key=lambda address: (-kinds[address[0]][0], address[1], _depth(address)))
    )


_PARENTS = {
    "protocol mapper": "client",
    "identity provider mapper": "identity provider",
    "directory mapper": "directory",
}


def goes_with_parent(address: Address, gone: Collection[Address]) -> bool:
    """Whether Keycloak takes the object away together with one of `gone`."""
    kind, parent, key = address
    if kind == "group":
        above = key.rpartition("/")[0]
        return bool(above) and (kind, "", above) in gone
    return kind in _PARENTS and (_PARENTS[kind], "", parent) in gone


def _depth(address: Address) -> tuple[int, str]:
    return (-address[2].count("/"), address[2])


def _foreign(snapshot: Snapshot, wanted: Mapping[Address, Resource]) -> Iterator[Address]:
    """Objects beside ours, except those that every realm has."""
    for address, existing in snapshot.found.items():
        if address in wanted or address in snapshot.owned or address[0] in {VERSION, CHILD, "flow"}:
            continue
        if not _is_keycloaks(address, existing):
            yield address


_KEYCLOAKS = {
    "client": {
        "account",
        "account-console",
        "admin-cli",
        "broker",
        "realm-management",
        "security-admin-console",
    },
    "realm role": {"offline_access", "uma_authorization"},
    "user attribute": {"username", "email", "firstName", "lastName"},
}


def _is_keycloaks(address: Address, existing: Existing) -> bool:
    kind, parent, key = address
    if kind == "protocol mapper":
        return parent in _KEYCLOAKS["client"]
    if kind == "client" and existing.representation.get("attributes", {}).get("realm_client") == "true":
        return True  # master has a client for each realm
    return key in _KEYCLOAKS.get(kind, ())
