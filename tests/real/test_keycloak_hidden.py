"""Fine-grained admin permissions of a real Keycloak: an administrator for single objects gets no plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from orthgen.errors import KeycloakRefused
from orthgen.realm.admin.client import AdminClient, Administrator
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, labels, plan, provision
from tests.support.real.keycloak import RunningKeycloak

REALM, SECRET = "hidden", "Of-a-client-of-a-test-1"
SHARED = '{keycloak: {server: "https://sso.example.org", manage: clients-and-roles}}'
DEPLOYMENT = in_realm(
    make_deployment(
        identity=SHARED,
        roles="{reader: {can: [view], collections: all, granted-by: [{group: /staff}]}}",
    ),
    REALM,
)


@dataclass(frozen=True)
class Helper:
    """A client of the realm that administers some of its objects."""

    keycloak: RunningKeycloak
    clients: dict[str, str]
    account: str

    def grant(self, *names: str) -> None:
        """Give its service account roles of the admin API."""
        management = self.clients["realm-management"]
        held = self.keycloak.admin("GET", f"/{REALM}/clients/{management}/roles").json()
        roles = [role for role in held if role["name"] in names]
        self.keycloak.admin(
            "POST", f"/{REALM}/users/{self.account}/role-mappings/clients/{management}", roles
        )

    def api(self) -> AdminClient:
        """A fresh connection, with the rights of now."""
        return AdminClient(self.keycloak.url, Administrator(realm=REALM, client="helper", secret=SECRET))


@pytest.fixture
def helper(keycloak: RunningKeycloak) -> Iterator[Helper]:
    """A realm in sync, and a client that may see all of it except the profile's client and group."""
    keycloak.admin("POST", "", {"realm": REALM, "enabled": True})
    provision(DEPLOYMENT, keycloak.admin_client())
    keycloak.admin("PUT", f"/{REALM}", {"adminPermissionsEnabled": True})
    account = {"clientId": "helper", "serviceAccountsEnabled": True, "publicClient": False, "secret": SECRET}
    keycloak.admin("POST", f"/{REALM}/clients", account)
    keycloak.admin("POST", f"/{REALM}/groups", {"name": "visible"})
    clients = {
        client["clientId"]: client["id"] for client in keycloak.admin("GET", f"/{REALM}/clients").json()
    }
    user = keycloak.admin("GET", f"/{REALM}/clients/{clients['helper']}/service-account-user").json()["id"]
    found = Helper(keycloak, clients, user)
    found.grant("view-realm", "view-identity-providers", "query-clients", "query-groups", "query-users")
    server = f"/{REALM}/clients/{clients['admin-permissions']}/authz/resource-server"
    who = {"name": "helper", "users": [user], "logic": "POSITIVE"}
    policy = keycloak.admin("POST", f"{server}/policy/user", who).json()["id"]
    groups = keycloak.admin("GET", f"/{REALM}/groups").json()
    shown = {
        "Clients": [key for name, key in clients.items() if name != "orthanc"],
        "Groups": [group["id"] for group in groups if group["name"] == "visible"],
    }
    for kind, resources in shown.items():
        permission = {"name": kind, "resourceType": kind, "scopes": ["view"], "policies": [policy]}
        keycloak.admin("POST", f"{server}/permission/scope", {**permission, "resources": resources})
    yield found
    keycloak.delete_realm(REALM)


def test_what_fine_grained_permissions_hide_is_not_planned_anew(helper: Helper) -> None:
    """Keycloak lists some of the clients, then some of the groups; with the roles for all, the realm is in sync."""
    with pytest.raises(KeycloakRefused, match="may hide clients") as clients:
        plan(DEPLOYMENT, helper.api())
    helper.grant("view-clients")
    with pytest.raises(KeycloakRefused, match="may hide users and groups") as groups:
        plan(DEPLOYMENT, helper.api())
    helper.grant("view-users")

    assert ("`view-clients`" in clients.value.hint, "`view-users`" in groups.value.hint) == (True, True)
    assert labels(plan(DEPLOYMENT, helper.api())) == []
