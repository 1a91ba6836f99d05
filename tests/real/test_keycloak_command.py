"""`orthgen provision-keycloak` as people call it, against a real Keycloak: what it says, and how it exits."""

from __future__ import annotations

import base64
import hmac
import json
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from jwcrypto.jwk import JWK

from orthgen.cli.exit_codes import ExitCode
from orthgen.deployment import naming
from tests.support.command import Outcome, orthgen
from tests.support.real import web
from tests.support.real.keycloak import RunningKeycloak, claims

PROFILE = """
orthgen: 1
institution: {name: Test, url: http://localhost}
identity:
  realm: command
  sign-in: [accounts: {otp: optional}]
  api-keys: true
roles:
  reader: {title: Reader, can: [view, report], collections: all, granted-by: [{group: /readers}]}
  boss: {title: Boss, can: [everything], collections: all, granted-by: [{group: /bosses}]}
viewers: {ohif: {reports: signed-in}}
"""
CANARY = "canary-Qw7-this-must-not-be-seen"


@dataclass
class Bench:
    """A profile, a deployment's secrets, and a server."""

    keycloak: RunningKeycloak
    folder: Path

    def run(self, *arguments: str, server: str | None = None) -> Outcome:
        """Call the command; nothing that it says may hold a secret."""
        address = self.keycloak.url if server is None else server
        outcome = orthgen(
            *(
                "provision-keycloak",
                "profile.yaml",
                "--server",
                address,
                "--deployment",
                "deployment",
                *arguments,
            ),
            cwd=self.folder,
        )
        for secret in (CANARY, self.keycloak.admin_password):
            assert secret not in outcome.stdout + outcome.stderr
        return outcome

    def check_token(self, *arguments: str) -> Outcome:
        """Call `orthgen check-token`."""
        server = ("--server", self.keycloak.url)
        return orthgen("check-token", "profile.yaml", *server, *arguments, cwd=self.folder)

    def profile(self, text: str) -> None:
        """Change the profile."""
        (self.folder / "profile.yaml").write_text(text)


@pytest.fixture
def bench(keycloak: RunningKeycloak, tmp_path: Path) -> Iterator[Bench]:
    """A profile whose realm does not exist yet."""
    secrets = tmp_path / "deployment" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / naming.KEYCLOAK_ADMIN_PASSWORD).write_text(keycloak.admin_password + "\n")
    (secrets / naming.KEYCLOAK_CLIENT_SECRET).write_text(CANARY)
    found = Bench(keycloak, tmp_path)
    found.profile(PROFILE)
    yield found
    keycloak.admin("DELETE", "/command", accepted=(204, 404))


def test_look_apply_and_look_again(bench: Bench) -> None:
    """A plan exits with 3 and changes nothing; applied, it exits with 0; then everything is in sync."""
    looked = bench.run("--check")
    missing = bench.keycloak.admin("GET", "/command", accepted=(404,))
    applied = bench.run("--yes")
    again = bench.run("--check")

    assert (looked.returncode, missing.status) == (ExitCode.CHANGES, 404)
    assert "profile.yaml:9 roles.reader" in looked.stdout
    assert "secret: (sensitive value)" in looked.stdout
    assert looked.stdout.splitlines()[-1].endswith("to create, 0 to update, 0 to delete")
    assert applied.returncode == ExitCode.DONE
    assert "created" in applied.stderr
    assert (again.returncode, "in sync" in again.stdout) == (ExitCode.DONE, True)


def test_an_administrator_with_a_second_factor_signs_in_with_a_code(bench: Bench) -> None:
    """Without the code Keycloak refuses, and the remedy names the option; with it, the realm is looked at."""
    seed = "a-seed-of-twenty-bytes"
    (bench.folder / "password").write_text(CANARY)
    one_time = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    person = {
        "username": "second",
        "enabled": True,
        "emailVerified": True,
        "email": "second@example.org",
        "firstName": "Second",
        "lastName": "Factor",
        "credentials": [
            {"type": "password", "value": CANARY, "temporary": False},
            {
                "type": "otp",
                "secretData": json.dumps({"value": seed}),
                "credentialData": json.dumps(one_time),
            },
        ],
    }
    bench.keycloak.admin("POST", "/master/users", person)
    identifier = bench.keycloak.admin("GET", "/master/users?username=second&exact=true").json()[0]["id"]
    role = bench.keycloak.admin("GET", "/master/roles/admin").json()
    bench.keycloak.admin("POST", f"/master/users/{identifier}/role-mappings/realm", [role])
    signs_in = ("--check", "--admin", "second", "--admin-secret", f"file:{bench.folder}/password")

    without = bench.run(*signs_in)
    (bench.folder / "code").write_text(_one_time_code(seed))
    with_code = bench.run(*signs_in, "--admin-otp", f"file:{bench.folder}/code")

    assert (without.returncode, "--admin-otp" in without.stderr) == (ExitCode.REFUSED, True)
    assert with_code.returncode == ExitCode.CHANGES
    bench.keycloak.admin("DELETE", f"/master/users/{identifier}")


def _one_time_code(seed: str) -> str:
    """The time-based code of now (RFC 6238, SHA-1, six digits)."""
    counter = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.digest(seed.encode(), counter, "sha1")
    start = digest[-1] & 0x0F
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_changed_field_is_shown_before_and_after(bench: Bench) -> None:
    """One changed title is one line, and `--format json` says the same to programs."""
    bench.run("--yes")
    bench.profile(PROFILE.replace("title: Reader", "title: Radiology reader"))

    text, data = bench.run("--check"), json.loads(bench.run("--check", "--format", "json").stdout)

    assert "    description: Reader -> Radiology reader" in text.stdout.splitlines()
    assert [data["counts"][what] for what in ("create", "update", "delete", "leftover")] == [0, 1, 0, 0]
    assert data["changes"][0]["key"] == "reader"


def test_a_wrong_address_never_looks_like_drift(bench: Bench) -> None:
    """Nobody there, another server, a wrong sub-path: 6 each time, and no word of a plan."""
    for server in (
        "http://127.0.0.1:9",
        f"{bench.keycloak.url}/keycloak",
        f"{bench.keycloak.url}/realms/master",
    ):
        outcome = bench.run("--check", server=server)
        assert outcome.returncode == ExitCode.UNREACHABLE, outcome
        assert outcome.stdout == ""
        assert server in outcome.stderr


def test_refusals_name_what_is_missing(bench: Bench) -> None:
    """A wrong password and a missing right are refusals; the right is named."""
    wrong = bench.run("--check", "--admin", "nobody")
    with_client(bench, {"secret": CANARY}, "view-realm")
    os.environ["ORTHGEN_TEST_SECRET"] = CANARY
    lacking = bench.run("--check", "--admin-client", "operator", "--admin-secret", "env:ORTHGEN_TEST_SECRET")

    nowhere = bench.run("--check", "--admin-realm", "nowhere")

    assert wrong.returncode == ExitCode.REFUSED
    assert "`nobody`" in wrong.stderr
    assert (nowhere.returncode, "no realm `nowhere`" in nowhere.stderr) == (ExitCode.REFUSED, True)
    assert lacking.returncode == ExitCode.REFUSED
    assert "`view-clients`" in lacking.stderr


def test_hidden_objects_are_no_missing_ones(bench: Bench) -> None:
    """With the right to ask for a list alone, Keycloak answers an empty one: a refusal, and no plan to create everything."""
    assert bench.run("--yes").returncode == ExitCode.DONE
    os.environ["ORTHGEN_TEST_SECRET"] = CANARY
    options = ("--check", "--admin-client", "operator", "--admin-secret", "env:ORTHGEN_TEST_SECRET")

    with_client(bench, {"secret": CANARY}, "view-realm", "query-clients", "view-users")
    without_clients = bench.run(*options)
    with_client(
        bench, {"secret": CANARY}, "view-realm", "view-clients", "query-groups", "view-identity-providers"
    )
    without_groups = bench.run(*options)
    with_client(
        bench, {"secret": CANARY}, "view-realm", "view-clients", "view-users", "view-identity-providers"
    )
    reads_all = bench.run(*options)

    assert (without_clients.returncode, "`view-clients`" in without_clients.stderr) == (
        ExitCode.REFUSED,
        True,
    )
    assert (without_groups.returncode, "`view-users`" in without_groups.stderr) == (ExitCode.REFUSED, True)
    assert reads_all.returncode == ExitCode.DONE, reads_all.stdout


def test_somebody_has_to_be_asked(bench: Bench) -> None:
    """Without a terminal, neither `--check` nor `--yes` is a wrong command line; a bad reference is not repeated."""
    assert bench.run().returncode == ExitCode.USAGE
    refused = bench.run("--check", "--admin-secret", CANARY)
    assert refused.returncode == ExitCode.FAILED
    assert "not a reference" in refused.stderr


def test_what_people_use_is_deleted_only_on_purpose(bench: Bench) -> None:
    """`--prune` of a client is unsafe without its flag."""
    bench.run("--yes")
    bench.profile(
        PROFILE.replace("viewers: {ohif: {reports: signed-in}}", "").replace("view, report", "view")
    )

    kept = bench.run("--check")
    unsafe = bench.run("--yes", "--prune")
    done = bench.run("--yes", "--prune", "--allow-destroy")

    assert (kept.returncode, "client ohif" in kept.stdout) == (ExitCode.CHANGES, True)
    assert (unsafe.returncode, "--allow-destroy" in unsafe.stderr) == (ExitCode.UNSAFE, True)
    assert done.returncode == ExitCode.DONE
    assert bench.keycloak.admin("GET", "/command/clients?clientId=ohif").json() == []


def test_a_withdrawn_rule_ends_the_role(bench: Bench) -> None:
    """Without the rule its mapper goes and its people lose the role; a provider that was removed is reported, until pruned."""
    provider = (
        "oidc: {alias: campus, issuer: 'https://login.example.org/realms/campus', client-id: a, "
        "client-secret: {secret: campus-secret}}"
    )
    with_provider = PROFILE.replace("sign-in: [", f"sign-in: [{provider}, ")
    (bench.folder / "deployment" / "secrets" / "campus-secret").write_text(CANARY)
    bench.profile(with_provider.replace("{group: /readers}", "{group: /readers}, {campus: staff}"))
    made = bench.run("--yes")
    for name in ("local", "campus.1", "campus.2"):
        bench.keycloak.add_user("command", name, roles=["reader"])
        user = bench.keycloak.admin("GET", f"/command/users?exact=true&username={name}").json()[0]["id"]
        if name != "local":
            link = {"identityProvider": "campus", "userId": name, "userName": name}
            bench.keycloak.admin("POST", f"/command/users/{user}/federated-identity/campus", link)

    bench.profile(with_provider.replace("{group: /readers}", "{group: /others}"))
    withdrawn = bench.run("--yes")
    holders = bench.keycloak.admin("GET", "/command/roles/reader/users").json()
    groups = bench.keycloak.admin("GET", "/command/roles/reader/groups").json()
    bench.profile(PROFILE)
    removed = bench.run("--yes")
    pruned = bench.run("--yes", "--prune", "--allow-destroy")

    assert (made.returncode, withdrawn.returncode) == (ExitCode.DONE, ExitCode.DONE), withdrawn
    assert "people of `campus` lose the role `reader`" in withdrawn.stdout
    assert [user["username"] for user in holders] == ["local"]
    assert [group["name"] for group in groups] == ["others"]
    assert (removed.returncode, "  - identity provider campus" in removed.stdout) == (ExitCode.REPORTED, True)
    assert pruned.returncode == ExitCode.DONE, pruned


def test_a_reviewed_plan_is_applied_or_refused(bench: Bench) -> None:
    """What was reviewed is what is done; a realm that has changed since is left alone."""
    bench.run("--yes")
    bench.profile(PROFILE.replace("title: Boss", "title: Head"))
    reviewed = bench.run("--check", "--plan-file", "plan.json")
    bench.profile(PROFILE.replace("title: Boss", "title: Chief"))
    other = bench.run("--yes", "--plan-file", "plan.json")
    bench.profile(PROFILE.replace("title: Boss", "title: Head"))
    same = bench.run("--yes", "--plan-file", "plan.json")

    assert reviewed.returncode == ExitCode.CHANGES
    assert (other.returncode, "no longer the one" in other.stderr) == (ExitCode.FAILED, True)
    assert same.returncode == ExitCode.DONE
    assert bench.keycloak.admin("GET", "/command/roles/boss").json()["description"] == "Head"


def test_keycloak_makes_the_auth_services_secret(bench: Bench) -> None:
    """`--save-secrets` keeps the secret that Keycloak made where the deployment's secrets live, and it works."""
    path = bench.folder / "deployment" / "secrets" / naming.KEYCLOAK_CLIENT_SECRET
    path.unlink()

    outcome = bench.run("--yes", "--save-secrets")
    again = bench.run("--yes", "--save-secrets")

    assert (outcome.returncode, again.returncode) == (ExitCode.DONE, ExitCode.DONE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() not in outcome.stdout + outcome.stderr + again.stderr
    assert auth_service_roles(bench, path.read_text()) >= {"view-users", "view-realm"}


def auth_service_roles(bench: Bench, secret: str) -> set[str]:
    """Sign in as the auth-service does, use what it uses, and see that it may not do more."""
    form = {
        "grant_type": "client_credentials",
        "client_id": naming.AUTH_SERVICE_CLIENT,
        "client_secret": secret,
    }
    token = bench.keycloak.token("command", form)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    base = f"{bench.keycloak.url}/admin/realms/command"
    key = {"username": "machine", "enabled": True, "attributes": {"api-key": ["k" * 40]}}
    bench.keycloak.admin("POST", "/command/users", key)
    odd = {"username": "odd", "enabled": True, "attributes": {"api-key": ["k" * 40 + "."]}}
    assert "without blanks" in bench.keycloak.admin("POST", "/command/users", odd, accepted=(400,)).text
    found = web.get(f"{base}/users?q=api-key:{'k' * 40}", headers=headers).json()
    assert [user["username"] for user in found] == ["machine"]
    held = web.get(f"{base}/users/{found[0]['id']}/role-mappings/realm/composite", headers=headers)
    listed = web.get(f"{base}/roles", headers=headers)
    assert (held.status, {"reader", "boss"} <= {role["name"] for role in listed.json()}) == (200, True)
    refused = web.request("POST", f"{base}/users", headers=headers, json_body={"username": "made-by-it"})
    clients = web.get(f"{base}/clients", headers=headers)
    assert (refused.status, clients.json() if clients.status == 200 else []) == (403, [])
    return set(claims(token)["resource_access"]["realm-management"]["roles"])


def test_a_client_signs_in_by_its_private_key(bench: Bench) -> None:
    """No shared secret: a client of the master realm proves itself by a signature."""
    key = JWK.generate(kty="RSA", size=2048)
    public = key.export_to_pem().decode().split("-----")[2].replace("\n", "")
    settings: dict[str, object] = {
        "clientAuthenticatorType": "client-jwt",
        "attributes": {"jwt.credential.public.key": public, "token.endpoint.auth.signing.alg": "RS256"},
    }
    with_client(bench, settings, "admin")
    (bench.folder / "key.pem").write_bytes(key.export_to_pem(private_key=True, password=None))

    outcome = bench.run("--yes", "--admin-client", "operator", "--admin-key", "file:key.pem")

    assert outcome.returncode == ExitCode.DONE, outcome
    assert bench.run("--check").returncode == ExitCode.DONE


def with_client(bench: Bench, settings: dict[str, object], *roles: str) -> None:
    """A client of the master realm with some rights."""
    keycloak = bench.keycloak
    for old in keycloak.admin("GET", "/master/clients?clientId=operator").json():
        keycloak.admin("DELETE", f"/master/clients/{old['id']}")
    client = {"clientId": "operator", "serviceAccountsEnabled": True, "publicClient": False, **settings}
    keycloak.admin("POST", "/master/clients", client)
    identifier = keycloak.admin("GET", "/master/clients?clientId=operator").json()[0]["id"]
    user = keycloak.admin("GET", f"/master/clients/{identifier}/service-account-user").json()["id"]
    if roles == ("admin",):
        granted = keycloak.admin("GET", "/master/roles/admin").json()
        keycloak.admin("POST", f"/master/users/{user}/role-mappings/realm", [granted])
        return
    keycloak.admin("POST", "", {"realm": "command", "enabled": True}, accepted=(201, 409))
    of = keycloak.admin("GET", "/master/clients?clientId=command-realm").json()[0]["id"]
    granted = [keycloak.admin("GET", f"/master/clients/{of}/roles/{role}").json() for role in roles]
    keycloak.admin("POST", f"/master/users/{user}/role-mappings/clients/{of}", granted)


def test_a_token_is_judged_by_the_auth_services_rules(bench: Bench) -> None:
    """A test user's token is understood; without the mappers it is not, and the mapper is named."""
    bench.run("--yes")
    password = bench.keycloak.add_user("command", "ada", roles=["reader"])
    os.environ["ORTHGEN_TEST_PASSWORD"] = password
    who = ("--user", "ada", "--user-password", "env:ORTHGEN_TEST_PASSWORD")

    good = bench.check_token(*who)
    client = bench.keycloak.admin("GET", "/command/clients?clientId=orthanc").json()[0]
    for mapper in client["protocolMappers"]:
        path = f"/command/clients/{client['id']}/protocol-mappers/models/{mapper['id']}"
        if mapper["name"] in {"audience account", "realm roles"}:
            bench.keycloak.admin("DELETE", path)
    bad = bench.check_token(*who)
    os.environ["ORTHGEN_TEST_PASSWORD"] = "wrong"
    refused = bench.check_token(*who)

    assert (good.returncode, "UNDERSTOOD" in good.stdout) == (ExitCode.DONE, True)
    assert "reader" in good.stdout
    assert bad.returncode == ExitCode.DENIED
    assert "`audience account` of the client `orthanc`" in bad.stdout
    assert "`realm roles`" in bad.stdout
    assert refused.returncode == ExitCode.REFUSED


def test_another_realms_token_and_no_token_are_told_apart(bench: Bench) -> None:
    """A token that another key signed is named as that; something else is no token."""
    bench.run("--yes")
    token = bench.keycloak.password_token("master", "admin-cli", "admin", bench.keycloak.admin_password)
    (bench.folder / "token").write_text(token["access_token"])
    (bench.folder / "none").write_text(base64.b64encode(b"no token").decode())

    foreign = bench.check_token("--token", "file:token")
    none = bench.check_token("--token", "file:none")

    assert foreign.returncode == ExitCode.DENIED
    assert "another realm" in foreign.stdout
    assert (none.returncode, "not an access token" in none.stderr) == (ExitCode.FAILED, True)
