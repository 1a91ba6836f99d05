"""
What provisioning costs: `python benchmarks/provision.py [ROLES...]`, as root, with the tests' Keycloak installed.

A real Keycloak (the newest of the tests') on this machine; for each number of roles, and as many mappers of a
provider up to a hundred: a first run that makes the realm, a first run into a realm that is there, a run that has
nothing to do, and a run that changes one role. Requests are counted on the way to the server, sign-in included.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from orthgen.deployment.model import Deployment
from orthgen.realm.admin.client import AdminClient, Administrator
from tests.support.builders import make_deployment
from tests.support.provisioning import in_realm, provision
from tests.support.real import network as networks
from tests.support.real.keycloak import Keycloak, RunningKeycloak

NUMBERS = (10, 100, 1000)
MOST_MAPPERS = 100


def deployment(number: int, realm: str, *, title: str = "Role 0") -> Deployment:
    """A deployment with so many roles, each of the first hundred granted by a provider."""
    roles = {
        f"role-{index}": {
            "title": title if index == 0 else f"Role {index}",
            "can": ["view"],
            "collections": "all",
            "granted-by": [{"campus": f"value-{index}"}] if index < MOST_MAPPERS else [],
        }
        for index in range(number)
    }
    identity = """
      sign-in: [oidc: {alias: campus, issuer: "https://login.example.org/realms/campus", client-id: a, client-secret: {secret: s}}]
    """
    return in_realm(make_deployment(identity=identity, roles=roles), realm)


def measured(server: RunningKeycloak, wanted: Deployment) -> str:
    """One run: requests, writes and seconds."""
    admin_client = AdminClient(server.url, Administrator(user="admin", password=server.admin_password))
    begun = time.perf_counter()
    provision(wanted, admin_client, mark=f"{begun}")
    return f"{admin_client.requests:4d} requests {time.perf_counter() - begun:6.1f} s"


def measure(server: RunningKeycloak, number: int) -> None:
    """All runs with one number of roles."""
    whole, steps = f"whole-{number}", f"steps-{number}"
    server.admin("POST", "", {"realm": steps, "enabled": True})
    runs = {
        "makes the realm": (whole, "Role 0"),
        "into a realm that is there": (steps, "Role 0"),
        "nothing to do": (steps, "Role 0"),
        "one change": (steps, "Another title"),
    }
    for what, (realm, title) in runs.items():
        line = measured(server, deployment(number, realm, title=title))
        sys.stdout.write(f"{number:5d} roles, {what:27s} {line}\n")
        sys.stdout.flush()


def main() -> None:
    """Measure, with the numbers of the command line or our own."""
    numbers = [int(text) for text in sys.argv[1:]] or list(NUMBERS)
    folder = Path(tempfile.mkdtemp(prefix="orthgen-benchmark-"))
    (folder / "network").mkdir()
    tool = Keycloak(networks.enter(folder / "network"), folder)
    try:
        server = tool.start()
        measure(server, 1)  # what is only slow the first time
        for number in numbers:
            measure(server, number)
    finally:
        tool.close()


if __name__ == "__main__":
    main()
