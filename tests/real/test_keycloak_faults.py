"""
Provisioning a real Keycloak while things go wrong: at requests from the first to the last, and with a run beside it.

tests/real/test_keycloak_interruption.py ends runs at every request in memory, for more profiles; here the answers,
the lost ones among them, are Keycloak's own. Each run has a realm of its own, because to delete one takes Keycloak
seconds.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from orthgen.deployment.model import Deployment
from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakUnavailable
from orthgen.realm.admin import representations
from orthgen.realm.admin.client import AdminClient, Administrator
from orthgen.realm.admin.realm_import import Polling
from tests.support.builders import make_deployment
from tests.support.fault_proxy import Fault, FaultProxy, fault_proxy
from tests.support.provisioning import in_realm, labels, plan, provision
from tests.support.real.keycloak import RunningKeycloak

# One after another, each at a later request than the one before.
FAULTS: tuple[Fault, ...] = ("lose", "500", "429", "drop", "409", "503", "slow")


@pytest.fixture(scope="module")
def proxy(keycloak: RunningKeycloak) -> Iterator[FaultProxy]:
    """A proxy in front of the shared Keycloak."""
    with fault_proxy(keycloak.url) as running:
        yield running


def deployment(realm: str) -> Deployment:
    """Every kind but a directory, in few objects."""
    whole = make_deployment(
        identity="""
          sign-in:
            - oidc: {alias: campus, issuer: "https://login.example.org/realms/campus", client-id: a, client-secret: {secret: s}}
            - accounts: {people: {ada: {name: Ada L, email: ada@example.org, roles: [reader]}}}
          api-keys: true
        """,
        roles="{reader: {can: [view], collections: all, granted-by: [{campus: staff}, {group: /a/b}]}}",
    )
    return in_realm(whole, realm)


@pytest.fixture(scope="module")
def administrator(keycloak: RunningKeycloak) -> Iterator[Administrator]:
    """A client of the master realm with every right: signing it in costs no hashing of a password."""
    secret = "of-a-client-that-lives-for-a-test"
    client = {
        "clientId": "provisioning",
        "serviceAccountsEnabled": True,
        "publicClient": False,
        "secret": secret,
    }
    keycloak.admin("POST", "/master/clients", client)
    identifier = keycloak.admin("GET", "/master/clients?clientId=provisioning").json()[0]["id"]
    user = keycloak.admin("GET", f"/master/clients/{identifier}/service-account-user").json()["id"]
    role = keycloak.admin("GET", "/master/roles/admin").json()
    keycloak.admin("POST", f"/master/users/{user}/role-mappings/realm", [role])
    yield Administrator(client="provisioning", secret=secret)
    keycloak.admin("DELETE", f"/master/clients/{identifier}")


def admin_client(who: Administrator, url: str) -> AdminClient:
    """A connection that does not wait between tries, so that a hundred runs take minutes and not hours."""
    return AdminClient(url, who, sleep=lambda _: None)


@dataclass
class Server:
    """The shared Keycloak, with and without the proxy in between."""

    direct: AdminClient
    proxy: FaultProxy
    who: Administrator

    def fresh(self) -> AdminClient:
        """A connection through the proxy, as each run has its own."""
        return admin_client(self.who, self.proxy.url)

    def empty(self, realm: str) -> Deployment:
        """The deployment of a new realm with nothing of ours in it."""
        self.direct.post("admin/realms", {"realm": realm, "enabled": True})
        return deployment(realm)

    def undisturbed(self, realm: str) -> int:
        """The number of requests of a run that nothing disturbs, in a new realm."""
        wanted = self.empty(realm)
        self.proxy.reset()
        provision(wanted, self.fresh())
        return len(self.proxy.log)

    def mend(self, wanted: Deployment) -> None:
        """A run without faults."""
        self.proxy.reset()
        provision(wanted, self.direct, mark=secrets.token_hex(4))

    def names(self, realm: str) -> dict[str, list[str]]:
        """What is in the realm, by name, as often as it is there; without the realm's own name."""
        of = {
            "roles": "name",
            "clients": "clientId",
            "identity-provider/instances/campus/mappers": "name",
            "groups": "name",
            "users": "username",
            "components": "providerId",
        }
        base = f"admin/realms/{realm}"
        found = {
            path: sorted(
                item[key].replace(realm, "REALM")
                for item in self.direct.get(f"{base}/{path}", list[dict[str, Any]])
            )
            for path, key in of.items()
        }
        flows = self.direct.get(f"{base}/authentication/flows", list[representations.Flow])
        found["flows"] = sorted(
            flow["alias"].rpartition(" v")[0] for flow in flows if not flow.get("builtIn")
        )
        return found


@pytest.fixture(scope="module")
def server(keycloak: RunningKeycloak, proxy: FaultProxy, administrator: Administrator) -> Server:
    """The shared Keycloak for these tests."""
    return Server(admin_client(administrator, keycloak.url), proxy, administrator)


def test_each_fault_is_survived_or_mended(server: Server) -> None:
    """Whatever goes wrong at whichever request, a run without faults ends in the same realm, and leaves nothing to do."""
    count = server.undisturbed("without-faults")
    right = server.names("without-faults")
    survived = 0
    for number, fault in enumerate(FAULTS):
        position = count * number // len(FAULTS)
        wanted = server.empty(f"fault-{number}")
        server.proxy.reset({position: fault})
        try:
            provision(wanted, server.fresh(), mark=f"{position}")
            survived += 1
        except KeycloakError:
            pass  # the next run has to do
        server.mend(wanted)
        assert labels(plan(wanted, server.direct)) == [], (position, fault)
        assert server.names(f"fault-{number}") == right, (position, fault)
    # Only a 409 that is not true stops a run.
    assert survived >= len(FAULTS) - 1


def test_a_server_that_goes_away_is_no_drift(server: Server) -> None:
    """A server that is gone from some request on ends the run as unreachable; the next run completes it."""
    count = server.undisturbed("goes-away")
    right = server.names("goes-away")
    for quarter in (1, 2, 3):
        wanted = server.empty(f"goes-away-{quarter}")
        server.proxy.reset({count * quarter // 4: "gone"})
        with pytest.raises(KeycloakUnavailable):
            provision(wanted, server.fresh())
        server.mend(wanted)
        assert labels(plan(wanted, server.direct)) == [], quarter
        assert server.names(f"goes-away-{quarter}") == right, quarter


def test_a_proxy_that_gives_up_does_not_fail_a_realm_that_is_made(server: Server) -> None:
    """A realm of hundreds of roles takes Keycloak a while: the proxy's 504 is no failure, and no realm is made twice."""
    roles = {f"role-{number}": {"can": ["view"], "collections": "all"} for number in range(300)}
    identity = "{keycloak: {local-port: 8081}, sign-in: [accounts: {}]}"
    wanted = in_realm(make_deployment(identity=identity, roles=roles), "takes-long")
    # The token, the look at the realm, and then the request that makes it.
    server.proxy.reset({2: "gives up"})

    polling = Polling(sleep=time.sleep, interval_seconds=1)
    provision(wanted, server.fresh(), polling=polling)

    assert plan(wanted, server.direct).is_empty


def test_two_runs_at_once_end_in_one_realm(server: Server) -> None:
    """Two runs that begin together either both come through or one stops for the other; one more run has nothing to do."""
    for turn in range(3):
        wanted = server.empty(f"two-runs-{turn}")
        server.proxy.reset(dict.fromkeys(range(turn, 60, 3), "slow"))
        outcomes: list[str] = []

        def run(mark: str, wanted: Deployment = wanted, into: list[str] = outcomes) -> None:
            try:
                provision(wanted, server.fresh(), mark=mark)
                into.append("done")
            except KeycloakConflict:
                into.append("stopped")

        threads = [threading.Thread(target=run, args=(f"{turn}-{number}",)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "done" in outcomes, outcomes
        assert len(outcomes) == 2, "no run ends in another way"
        server.mend(wanted)
        assert labels(plan(wanted, server.direct)) == []
