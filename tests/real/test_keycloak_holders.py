"""Holders of roles without a rule, on real Keycloaks: everything by which a person can come to a role is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from orthgen.cli.exit_codes import ExitCode
from orthgen.deployment import naming
from tests.support.command import Outcome, orthgen
from tests.support.real.keycloak import RunningKeycloak

PROFILE = """
orthgen: 1
institution: {name: Test, url: http://localhost}
identity:
  realm: holders
  keycloak: {local-port: 8081}
  sign-in:
    - oidc: {alias: campus, issuer: "https://login.example.org/realms/x", client-id: x, client-secret: {secret: s}}
    - accounts: {people: {ada: {name: Ada L, email: ada@example.org, roles: [reader]}}}
roles:
  reader: {can: [view], collections: all, granted-by: [{campus: staff}, {group: /readers}]}
  boss: {can: [everything], collections: all, granted-by: [{group: /bosses}]}
"""
FOUND = """
with a role, but without a rule of the profile (a run leaves them as they are):
  account carol: boss, reader
  account helper: realm-management/manage-users
  client role robot/staff: boss
  group /others/chiefs: boss
  realm role everything: boss, realm-management/realm-admin
  service account robot: reader
"""


def check(keycloak: RunningKeycloak, folder: Path, *options: str) -> Outcome:
    """Call the command in the profile's folder."""
    where = ("--server", keycloak.url, "--deployment", "deployment")
    return orthgen("provision-keycloak", "profile.yaml", *where, *options, cwd=folder)


def prepare(keycloak: RunningKeycloak, folder: Path) -> None:
    """A realm in sync, and the secrets for it."""
    secrets = folder / "deployment" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / naming.KEYCLOAK_ADMIN_PASSWORD).write_text(keycloak.admin_password)
    for name in ("s", naming.first_password("ada")):
        (secrets / name).write_text("Of-an-account-of-a-test-1")
    (folder / "profile.yaml").write_text(PROFILE)
    assert check(keycloak, folder, "--yes").returncode == ExitCode.DONE


def role(keycloak: RunningKeycloak, name: str) -> dict[str, str]:
    """A realm role as mappings name it."""
    found = keycloak.admin("GET", f"/holders/roles/{name}").json()
    return {"id": found["id"], "name": found["name"]}


def management(keycloak: RunningKeycloak) -> str:
    """The id of the client whose roles are the rights of administrators."""
    return str(keycloak.admin("GET", "/holders/clients?clientId=realm-management").json()[0]["id"])


def right(keycloak: RunningKeycloak, name: str) -> dict[str, str]:
    """A right of administrators as mappings name it."""
    found = keycloak.admin("GET", f"/holders/clients/{management(keycloak)}/roles/{name}").json()
    return {"id": found["id"], "name": found["name"]}


def with_rules(keycloak: RunningKeycloak) -> None:
    """People of the provider: one signed in there last, one has a link to it."""
    attributes = {naming.PROVIDER_ATTRIBUTE: ["campus"]}
    keycloak.add_user("holders", "last-there", roles=["reader"], attributes=attributes)
    keycloak.add_user("holders", "once-there", roles=["reader"])
    once = keycloak.admin("GET", "/holders/users?exact=true&username=once-there").json()[0]["id"]
    link = {"userId": "1", "userName": "once"}
    keycloak.admin("POST", f"/holders/users/{once}/federated-identity/campus", link)


def by_hand(keycloak: RunningKeycloak) -> None:
    """Each way in which an administrator can give a role."""
    boss, reader = role(keycloak, "boss"), role(keycloak, "reader")
    keycloak.add_user("holders", "carol", roles=["boss", "reader"])
    client = {"clientId": "robot", "serviceAccountsEnabled": True, "publicClient": False}
    keycloak.admin("POST", "/holders/clients", client)
    client_id = keycloak.admin("GET", "/holders/clients?clientId=robot").json()[0]["id"]
    account = keycloak.admin("GET", f"/holders/clients/{client_id}/service-account-user").json()["id"]
    keycloak.admin("POST", f"/holders/users/{account}/role-mappings/realm", [reader])
    keycloak.admin("POST", f"/holders/clients/{client_id}/roles", {"name": "staff"})
    of_client = keycloak.admin("GET", f"/holders/clients/{client_id}/roles/staff").json()["id"]
    keycloak.admin("POST", f"/holders/roles-by-id/{of_client}/composites", [boss])
    keycloak.admin("POST", "/holders/roles", {"name": "everything"})
    parts = [boss, right(keycloak, "realm-admin")]
    keycloak.admin("POST", f"/holders/roles-by-id/{role(keycloak, 'everything')['id']}/composites", parts)
    keycloak.add_user("holders", "helper")
    helper = keycloak.admin("GET", "/holders/users?exact=true&username=helper").json()[0]["id"]
    mappings = f"/holders/users/{helper}/role-mappings/clients"
    keycloak.admin("POST", f"{mappings}/{management(keycloak)}", [right(keycloak, "manage-users")])
    keycloak.admin("POST", "/holders/groups", {"name": "others"})
    above = keycloak.admin("GET", "/holders/groups?search=others").json()[0]["id"]
    group = keycloak.admin("POST", f"/holders/groups/{above}/children", {"name": "chiefs"}).json()["id"]
    keycloak.admin("POST", f"/holders/groups/{group}/role-mappings/realm", [boss])


@pytest.mark.parametrize("server", ["keycloak", "oldest_keycloak"])
def test_every_way_to_a_role_without_a_rule_is_found(
    server: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Nobody is shown before; afterwards everything that was given by hand, and nobody whom a rule names."""
    keycloak: RunningKeycloak = request.getfixturevalue(server)
    prepare(keycloak, tmp_path)
    with_rules(keycloak)
    before = check(keycloak, tmp_path, "--check", "--holders")
    by_hand(keycloak)
    after = check(keycloak, tmp_path, "--check", "--holders")
    without = check(keycloak, tmp_path, "--check")
    keycloak.delete_realm("holders")

    assert (before.returncode, "every role is held" in before.stdout) == (ExitCode.DONE, True), before.stdout
    assert (after.returncode, FOUND.strip() in after.stdout) == (ExitCode.REPORTED, True), after.stdout
    assert without.returncode == ExitCode.DONE
