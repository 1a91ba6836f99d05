"""
Holders of roles whom no rule of the profile names: accounts, groups, and other roles that contain one of these roles.

The roles are those of the profile and, in a realm of the profile alone, those that administer the realm: whoever has
one of these can take every other.

An administrator may give a role by hand, and often has to: Keycloak's own accounts have no claim. Nothing of it is
changed here; an auditor sees it. Requests: two for each role and one more for each 1,000 of its holders, one for each
client, one for each composite role, one for each account that a provider may have given a role.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from orthgen.changes.model import RoleHolder
from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import realm_path
from orthgen.realm.admin.many_requests import all_pages, at_a_time
from orthgen.realm.group_keys import group_key
from orthgen.realm.kinds import client, group, realm_role, service_account
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.planner import PreparedPlan
    from orthgen.realm.snapshot import RealmSnapshot

T = TypeVar("T")

_PAGE = 1000
_SERVICE_ACCOUNT = "service-account-"
# Their holders can give themselves any role, or sign in as another person.
# https://www.keycloak.org/docs/latest/server_admin/#_per_realm_admin_permissions
_ADMINISTRATION = frozenset(
    {
        "impersonation",
        "manage-authorization",
        "manage-clients",
        "manage-identity-providers",
        "manage-realm",
        "manage-users",
        "realm-admin",
    }
)

Held = tuple[str, str, str]
"""Kind and name of a holder, and a role."""


class _ExaminedRole(Struct, frozen=True):
    """A role whose holders are looked up; `path` is its place below the realm, `label` its name after the plan."""

    id: str
    label: str
    path: tuple[str, ...]


class _OtherRole(Struct, frozen=True):
    """A role that may contain examined roles."""

    kind: str
    name: str
    id: str


class _Rules(Struct, frozen=True):
    """The holders that the profile names or its plan changes."""

    accounts: Mapping[str, tuple[str, ...]]
    """The roles of the first accounts, by user name."""
    providers: Mapping[str, frozenset[str]]
    """The aliases of the sign-in methods with a rule, by role of the profile."""
    planned_groups: frozenset[str]
    """Paths of groups that the profile declares or the plan changes."""
    service_accounts: frozenset[str]
    """User names of the service accounts whose roles the plan compares."""


def undeclared_holders(
    deployment: Deployment, api: AdminApi, prepared: PreparedPlan
) -> tuple[RoleHolder, ...]:
    """Every account, group and role with an examined role that the profile does not give it. Writes nothing."""
    if prepared.snapshot.realm is None:
        return ()
    search = _Search(api, deployment.profile.identity.realm, prepared.snapshot, _rules(deployment, prepared))
    roles_of_clients = search.roles_of_clients()
    examined = list(_roles_of_profile(deployment, prepared.snapshot))
    if prepared.options.exclusive:
        examined += _administration(roles_of_clients)
    roles_by_holder: dict[tuple[str, str], set[str]] = {}
    others = [*search.other_realm_roles(examined), *_composite(roles_of_clients)]
    for kind, name, role in (*search.direct(examined), *search.through_roles(others, examined)):
        roles_by_holder.setdefault((kind, name), set()).add(role)
    return tuple(
        RoleHolder(kind, name, tuple(sorted(roles)))
        for (kind, name), roles in sorted(roles_by_holder.items())
    )


def _rules(deployment: Deployment, prepared: PreparedPlan) -> _Rules:
    addresses = {change.address for change in prepared.plan.changes} | set(prepared.resources)
    return _Rules(
        {account.user_name: account.roles for account in deployment.first_accounts},
        {role.name: frozenset(grant.source for grant in role.grants) for role in deployment.roles},
        frozenset(key for kind, _, key in addresses if kind == group.KIND.name),
        frozenset(
            f"{_SERVICE_ACCOUNT}{key}" for kind, _, key in addresses if kind == service_account.KIND.name
        ),
    )


def _roles_of_profile(deployment: Deployment, snapshot: RealmSnapshot) -> Iterator[_ExaminedRole]:
    for role in deployment.roles:
        existing = snapshot.objects.get((realm_role.KIND.name, "", role.name))
        if existing is not None:
            # A role that is about to be renamed has its old name in the realm.
            yield _ExaminedRole(existing.id, role.name, ("roles", existing.representation["name"]))


RolesOfClients = Sequence[tuple[ExistingObject, Sequence[representations.Role]]]


def _administration(roles_of_clients: RolesOfClients) -> Iterator[_ExaminedRole]:
    for owner, roles in roles_of_clients:
        if owner.key == service_account.REALM_MANAGEMENT:
            for role in roles:
                if role["name"] in _ADMINISTRATION:
                    path = ("clients", owner.id, "roles", role["name"])
                    yield _ExaminedRole(role["id"], f"{owner.key}/{role['name']}", path)


def _composite(roles_of_clients: RolesOfClients) -> Iterator[_OtherRole]:
    for owner, roles in roles_of_clients:
        for role in roles:
            if role.get("composite"):
                yield _OtherRole("client role", f"{owner.key}/{role['name']}", role["id"])


class _Search(Struct, frozen=True):
    """Requests for the holders in one realm."""

    api: AdminApi
    realm: str
    snapshot: RealmSnapshot
    rules: _Rules

    def roles_of_clients(self) -> RolesOfClients:
        """Each client with its roles."""
        clients = [item for item in self.snapshot.objects.values() if item.kind == client.KIND.name]
        return list(at_a_time(self._roles_of_client, clients))

    def _roles_of_client(self, owner: ExistingObject) -> tuple[ExistingObject, list[representations.Role]]:
        path = realm_path(self.realm, "clients", owner.id, "roles")
        return owner, self.api.get(path, list[representations.Role])

    def direct(self, examined: Sequence[_ExaminedRole]) -> Iterator[Held]:
        """Accounts and groups with a role of their own."""
        for held in at_a_time(self._holders_of, examined):
            yield from held

    def _holders_of(self, role: _ExaminedRole) -> list[Held]:
        groups = self._listed(representations.Group, *role.path, "groups")
        accounts = self._listed(representations.RoleMember, *role.path, "users")
        # Of the groups of the profile, the plan compares the roles of the profile.
        compared = self.rules.planned_groups if role.label in self.rules.providers else ()
        return [
            *((group.KIND.name, key, role.label) for key in map(group_key, groups) if key not in compared),
            *((*_account(item), role.label) for item in accounts if not self._is_named(item, role.label)),
        ]

    def _is_named(self, account: representations.RoleMember, role: str) -> bool:
        """Whether a rule of the profile gives the role to the account."""
        user_name = account["username"]
        if role in self.rules.accounts.get(user_name, ()) or user_name in self.rules.service_accounts:
            return True
        providers = self.rules.providers.get(role, frozenset())
        if not providers.isdisjoint((account.get("attributes") or {}).get(naming.PROVIDER_ATTRIBUTE, ())):
            return True
        # The attribute names the provider of the last sign-in; a person may have had the role through another one.
        path = realm_path(self.realm, "users", account["id"], "federated-identity")
        links = self.api.get(path, list[representations.FederatedIdentity]) if providers else []
        return not providers.isdisjoint(link["identityProvider"] for link in links)

    def other_realm_roles(self, examined: Sequence[_ExaminedRole]) -> Iterator[_OtherRole]:
        """Composite roles of the realm, except those whose content the plan compares: the profile's, and the default role."""
        realm = self.snapshot.realm
        default = realm.get("defaultRole") if realm is not None else None
        compared = {role.id for role in examined} | {default["id"] if default is not None else ""}
        for existing in self.snapshot.objects.values():
            role = existing.representation
            if (
                existing.kind == realm_role.KIND.name
                and role.get("composite")
                and existing.id not in compared
            ):
                yield _OtherRole(existing.kind, role["name"], existing.id)

    def through_roles(
        self, others: Sequence[_OtherRole], examined: Sequence[_ExaminedRole]
    ) -> Iterator[Held]:
        """Other roles that contain examined ones."""
        labels = {role.id: role.label for role in examined}
        # Keycloak's own administration role contains the others.
        roles = [role for role in others if role.id not in labels]
        for held in at_a_time(lambda role: self._contained(role, labels), roles):
            yield from held

    def _contained(self, role: _OtherRole, labels: Mapping[str, str]) -> list[Held]:
        path = realm_path(self.realm, "roles-by-id", role.id, "composites")
        parts = self.api.get(path, list[representations.Role])
        return [(role.kind, role.name, labels[part["id"]]) for part in parts if part["id"] in labels]

    def _listed(self, kind: type[T], *parts: str) -> list[T]:
        path = realm_path(self.realm, *parts)
        return all_pages(self.api, path, kind, page=_PAGE, briefRepresentation="false")


def _account(account: representations.RoleMember) -> tuple[str, str]:
    name = account["username"]
    if name.startswith(_SERVICE_ACCOUNT):
        return service_account.KIND.name, name.removeprefix(_SERVICE_ACCOUNT)
    return "account", name
