"""Numbers of people who hold a role or group that a plan deletes, adopts, releases or brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.changes.model import Adopt, Delete, Release, Update
from orthgen.errors import KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import realm_path
from orthgen.realm.admin.many_requests import at_a_time
from orthgen.realm.kinds import KIND_NAMED, realm_role, scope_mapping

if TYPE_CHECKING:
    from orthgen.changes.model import Change, Plan
    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.snapshot import RealmSnapshot

# Keycloak has no count of a role's users: they are listed, up to this many.
_MAX_COUNTED = 1000
_UNKNOWN = "Keycloak cannot count who holds it, maybe because it does not reach the directory"


class _Holders(Struct, frozen=True):
    people: int = 0
    groups: int = 0

    def __str__(self) -> str:
        people = f"more than {_MAX_COUNTED}" if self.people > _MAX_COUNTED else str(self.people)
        text = f"{people} {'person' if self.people == 1 else 'people'}"
        groups = f" and {self.groups} {'group' if self.groups == 1 else 'groups'}" if self.groups else ""
        return text + groups


def with_holders(plan: Plan, snapshot: RealmSnapshot, api: AdminApi, realm: str) -> Plan:
    """The plan with the number of people of each role and group that it deletes, adopts or releases."""
    held = [
        change
        for change in plan.changes
        if isinstance(change, (Delete, Adopt, Release))
        and KIND_NAMED[change.address[0]].holder_paths(snapshot.objects[change.address])
    ]

    def counted(change: Change) -> Change:
        kind, existing = KIND_NAMED[change.address[0]], snapshot.objects[change.address]
        try:
            holders = _Holders(*(_count(api, realm, *parts) for parts in kind.holder_paths(existing)))
        except (KeycloakRefused, KeycloakUnavailable):
            raise
        except KeycloakError:
            # Keycloak 26.2 answers so for a group of a directory that it does not reach.
            return replace(change, people=None, note=f"{change.note}; {_UNKNOWN}")
        return replace(
            change,
            people=holders.people + holders.groups,
            note=f"{change.note}; {kind.holder_note.format(holders)}",
        )

    counted_changes = {change.address: change for change in at_a_time(counted, held)}
    return replace(
        plan, changes=tuple(counted_changes.get(change.address, change) for change in plan.changes)
    )


def with_returned_roles(plan: Plan, snapshot: RealmSnapshot, api: AdminApi, realm: str) -> Plan:
    """
    The plan with a note about roles of an earlier profile that come back, and the people who still hold them.

    Without `--prune` a role stays in Keycloak, with its holders and in no token. A scope mapping brings it into tokens again.
    """
    role_kind = realm_role.KIND
    adopted = {change.address for change in plan.changes if isinstance(change, Adopt)}

    def noted(change: Change) -> Change:
        if not isinstance(change, Update) or change.address[0] != scope_mapping.KIND.name:
            return change
        notes = [change.note] if change.note else []
        for role in _added_roles(change):
            existing = snapshot.objects.get((role_kind.name, "", role))
            is_renamed = existing is not None and existing.representation["name"] != role
            if existing is None or is_renamed or existing.address in adopted:
                continue
            holders = _Holders(*(_count(api, realm, *parts) for parts in role_kind.holder_paths(existing)))
            if holders.people or holders.groups:
                notes.append(f"the role `{role}` comes back, {role_kind.holder_note.format(holders)}")
        return replace(change, note="; ".join(notes))

    return replace(plan, changes=tuple(noted(change) for change in plan.changes))


def _added_roles(change: Change) -> list[str]:
    return [
        role
        for item in change.fields
        if item.path == "roles" and isinstance(item.after, list)
        for role in item.after
        if role not in (item.before or ())
    ]


def _count(api: AdminApi, realm: str, *parts: str) -> int:
    path = realm_path(realm, *parts)
    return len(api.get(path, list[dict[str, Any]], first=0, max=_MAX_COUNTED + 1, briefRepresentation="true"))
