"""
Holders of the profile's roles whom no rule of the profile names: accounts, groups, and roles that contain a role.

An administrator may give a role by hand, and often has to: Keycloak's own accounts have no claim. Nothing of it is
changed here; an auditor sees it. Requests: two for each role of the profile and one more for each 1,000 of its
holders, one for each client, one for each composite role, one for each account that a provider may have given a role.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from orthgen.changes.model import RoleHolder
from orthgen.deployment import naming
from orthgen.realm.admin import representations
from orthgen.realm.admin.api import realm_path
from orthgen.realm.kinds import client, group, realm_role, service_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.planner import PreparedPlan

T = TypeVar("T")

_PAGE = 1000
_SERVICE_ACCOUNT = "service-account-"

Held = tuple[str, str, str]
"""Kind and name of a holder, and a role."""


class _Rules(Struct, frozen=True):
    """The holders that the profile names or its plan changes."""

    accounts: Mapping[str, tuple[str, ...]]
    """The roles of the first accounts, by user name."""
    providers: Mapping[str, frozenset[str]]
    """The aliases of the sign-in methods with a rule, by role."""
    planned_groups: frozenset[str]
    """Paths of groups that the profile declares or the plan changes."""
    service_accounts: frozenset[str]
    """User names of the service accounts whose roles the plan compares."""


def undeclared_holders(
    deployment: Deployment, api: AdminApi, prepared: PreparedPlan
) -> tuple[RoleHolder, ...]:
    """Every account, group and role that has a role of the profile, and that the profile does not name. Writes nothing."""
    if prepared.snapshot.realm is None:
        return ()
    search = _Search(api, deployment.profile.identity.realm, prepared, _rules(deployment, prepared))
    # A role that is about to be renamed has its old name in the realm.
    names = {
        str(existing.representation["name"]): role.name
        for role in deployment.roles
        if (existing := prepared.snapshot.objects.get((realm_role.KIND.name, "", role.name))) is not None
    }
    roles_by_holder: dict[tuple[str, str], set[str]] = {}
    for kind, name, role in (*search.by_hand(names), *search.through_roles(names)):
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


class _Search(Struct, frozen=True):
    """Requests for the holders in one realm."""

    api: AdminApi
    realm: str
    prepared: PreparedPlan
    rules: _Rules

    def by_hand(self, names: Mapping[str, str]) -> Iterator[Held]:
        """Accounts and groups with a role of their own; `names` are the profile's names of roles by their present ones."""
        for held in self._each(tuple(names.items()), self._holders_of):
            yield from held

    def _holders_of(self, names: tuple[str, str]) -> list[Held]:
        name, role = names
        groups = self._listed(representations.Group, "roles", name, "groups")
        accounts = self._listed(representations.RoleMember, "roles", name, "users")
        return [
            *(
                (group.KIND.name, item["path"], role)
                for item in groups
                if item["path"] not in self.rules.planned_groups
            ),
            *((*_account(item), role) for item in accounts if not self._is_named(item, role)),
        ]

    def _is_named(self, account: representations.RoleMember, role: str) -> bool:
        """Whether a rule of the profile gives the role to the account."""
        user_name = account["username"]
        if role in self.rules.accounts.get(user_name, ()) or user_name in self.rules.service_accounts:
            return True
        providers = self.rules.providers[role]
        if not providers.isdisjoint((account.get("attributes") or {}).get(naming.PROVIDER_ATTRIBUTE, ())):
            return True
        # The attribute names the provider of the last sign-in; a person may have had the role through another one.
        path = realm_path(self.realm, "users", account["id"], "federated-identity")
        links = self.api.get(path, list[representations.FederatedIdentity]) if providers else []
        return not providers.isdisjoint(link["identityProvider"] for link in links)

    def through_roles(self, names: Mapping[str, str]) -> Iterator[Held]:
        """Other roles of the realm and of its clients that contain a role of the profile."""
        roles = [(realm_role.KIND.name, role["name"], role["id"]) for role in self._other_realm_roles(names)]
        clients = [
            (existing.key, existing.id)
            for existing in self.prepared.snapshot.objects.values()
            if existing.kind == client.KIND.name
        ]
        for listed in self._each(clients, self._composite_roles_of_client):
            roles += listed
        for held in self._each(roles, lambda role: self._contained(role, names)):
            yield from held

    def _other_realm_roles(self, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        realm = self.prepared.snapshot.realm
        default = (realm.get("defaultRole") if realm is not None else None) or {"id": "", "name": ""}
        for existing in self.prepared.snapshot.objects.values():
            role = existing.representation
            # The plan compares what is in the default role and in the roles of the profile.
            is_compared = existing.id == default["id"] or role.get("name") in names
            if existing.kind == realm_role.KIND.name and role.get("composite") and not is_compared:
                yield role

    def _composite_roles_of_client(self, owner: tuple[str, str]) -> list[tuple[str, str, str]]:
        name, identifier = owner
        listed = self.api.get(
            realm_path(self.realm, "clients", identifier, "roles"), list[representations.Role]
        )
        return [
            ("client role", f"{name}/{role['name']}", role["id"]) for role in listed if role.get("composite")
        ]

    def _contained(self, role: tuple[str, str, str], names: Mapping[str, str]) -> list[Held]:
        kind, name, identifier = role
        path = realm_path(self.realm, "roles-by-id", identifier, "composites")
        return [
            (kind, name, names[part["name"]])
            for part in self.api.get(path, list[representations.Role])
            if not part.get("clientRole") and part["name"] in names
        ]

    def _listed(self, kind: type[T], *parts: str) -> list[T]:
        path, items = realm_path(self.realm, *parts), list[T]()
        while True:
            page = self.api.get(path, list[kind], first=len(items), max=_PAGE, briefRepresentation="false")  # type: ignore[valid-type]
            items += page
            if len(page) < _PAGE:
                return items

    def _each(self, items: Sequence[Any], step: Callable[[Any], T]) -> Iterable[T]:
        with ThreadPoolExecutor(max_workers=4) as pool:
            return list(pool.map(step, items))


def _account(account: representations.RoleMember) -> tuple[str, str]:
    name = account["username"]
    if name.startswith(_SERVICE_ACCOUNT):
        return service_account.KIND.name, name.removeprefix(_SERVICE_ACCOUNT)
    return "account", name
