"""Conversations of `orthgen provision-keycloak` with a garbled Keycloak: each by its number, the same every time."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from orthgen import http_client
from orthgen.cli.exit_codes import ExitCode
from orthgen.realm.admin import server
from tests.realm.fake_keycloak import FakeKeycloak
from tests.support.command import Outcome, orthgen
from tests.support.garbled_keycloak import ACCESS_TOKEN, RAW, REFRESH_TOKEN, GarbledKeycloak, garbled_keycloak

PASSWORD = "administrators-password-canary"
SECRETS = {
    "keycloak-admin-password": PASSWORD,
    "campus-secret": "providers-secret-canary",
    "ldap-password": "directorys-password-canary",
    "ada-password": "persons-password-canary",
    "keycloak-client-secret": "clients-secret-canary",
}
PROFILE = """
orthgen: 1
institution: {{name: Test, url: "http://localhost"}}
identity:
  sign-in:
    - oidc: {{alias: campus, issuer: "{url}/realms/idp", client-id: a, client-secret: {{secret: campus-secret}}}}
    - ldap:
        {{url: "ldaps://dc.example.org", bind-dn: "cn=a", bind-password: {{secret: ldap-password}},
         users-dn: "ou=p", groups-dn: "ou=g"}}
    - accounts:
        otp: required
        people:
          ada: {{name: Ada L, email: ada@example.org, roles: [reader, boss], password: {{secret: ada-password}}}}
  api-keys: true
roles:
  reader: {{title: {title}, can: [view], collections: all, granted-by: [{{campus: staff}}, {{group: /a/b}}, {{ldap: readers}}]}}
  boss: {{can: [everything], collections: all}}
"""
EXPECTED = {
    ExitCode.DONE,
    ExitCode.FAILED,
    ExitCode.CHANGES,
    ExitCode.REFUSED,
    ExitCode.UNREACHABLE,
    ExitCode.UNSAFE,
}
EXPECTED_OF_TOKENS = {*EXPECTED, ExitCode.DENIED}
_WAYS = (
    ("provision-keycloak", "--check"),
    ("provision-keycloak", "--check", "--format", "json", "--all"),
    ("provision-keycloak", "--yes"),
    ("provision-keycloak", "--yes", "--prune", "--allow-many", "--allow-destroy"),
    ("provision-keycloak", "--yes", "--write-secrets", "--allow-many"),
    ("check-token", "--user", "ada", "--user-password", "file:deployment/secrets/ada-password"),
)


@dataclass
class Talks:
    """A server, realms in several states to begin with, and a folder to call the command in."""

    keycloak: GarbledKeycloak
    folder: Path
    states: tuple[FakeKeycloak, ...] = ()

    def call(self, command: str, *options: str) -> Outcome:
        """Call the command; a traceback comes through as what it is."""
        place = ("--deployment", "deployment", "--timeout", "2") if command == "provision-keycloak" else ()
        server = ("--server", self.keycloak.url)
        return orthgen(command, "profile.yaml", *server, *place, *options, cwd=self.folder)

    def prepare(self) -> None:
        """Write profile and secrets, and make the states: no realm, an empty one, one that was provisioned."""
        secrets = self.folder / "deployment" / "secrets"
        secrets.mkdir(parents=True)
        for name, value in SECRETS.items():
            (secrets / name).write_text(value)
        self.write_profile("Reader")
        nothing, empty, whole = FakeKeycloak(), FakeKeycloak(), FakeKeycloak()
        empty.post("admin/realms", {"realm": "orthanc", "enabled": True})
        self.keycloak.begin(whole, 0, longest=0)
        done = self.call("provision-keycloak", "--yes")
        assert done.returncode == ExitCode.DONE, done
        self.states = (nothing, empty, whole)
        self.write_profile("Changed")

    def write_profile(self, title: str) -> None:
        """Write the profile with a title of the role."""
        (self.folder / "profile.yaml").write_text(PROFILE.format(url=self.keycloak.url, title=title))

    def hold(self, number: int) -> Outcome:
        """One conversation. Raises AssertionError where it ends otherwise than by a message, or shows too much."""
        chosen = random.Random(number)
        options, state = chosen.choice(_WAYS), chosen.choice(self.states)
        self.keycloak.begin(copy.deepcopy(state), number, longest=25)
        outcome = self.call(*options)
        expected = EXPECTED_OF_TOKENS if "check-token" in options else EXPECTED
        assert outcome.returncode in expected, (number, options, outcome)
        said = outcome.stdout + outcome.stderr
        for shown in (ACCESS_TOKEN, REFRESH_TOKEN, *SECRETS.values(), "Traceback", "\x1b"):
            assert shown not in said, (number, options, shown, outcome)
        if outcome.returncode in {ExitCode.FAILED, ExitCode.REFUSED, ExitCode.UNREACHABLE}:
            assert "error: " in outcome.stderr, (number, options, outcome)
        return outcome


@contextmanager
def talks(folder: Path) -> Iterator[Talks]:
    """Conversations without waiting between attempts, and with a smaller limit of size."""
    with (
        patch.object(server, "_FIRST_BACKOFF_SECONDS", 0.0),
        patch.object(http_client, "_MAX_RETRY_AFTER_SECONDS", 0.0),
        patch.object(http_client, "MAX_BYTES", 1_000_000),
        garbled_keycloak() as keycloak,
    ):
        conversations = Talks(keycloak, folder)
        conversations.prepare()
        yield conversations


__all__ = ["RAW", "Talks", "talks"]
