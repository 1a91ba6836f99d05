"""
What is particular about each example of `profiles/`, and the servers around it that it names.

`teaching-hospital.yaml` has readers, a load balancer, a directory that speaks as Active Directory does, a PostgreSQL and a disk
for its files; `research-platform.yaml` and `paradim.production.yaml` have Let's Encrypt (pebble, its own server for tests), and
`clinic.yaml` has a Keycloak elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orthgen.deployment import naming
from orthgen.probe.checks.keycloak import KEYCLOAK as OF_KEYCLOAK
from orthgen.probe.checks.limited_user import LIMITED_USER
from orthgen.probe.checks.link import LINK
from tests.support.real import authority, outside
from tests.support.real import deployment_checks as checks
from tests.support.real.around import LETS_ENCRYPT, LetsEncrypt, TlsProxy
from tests.support.real.hospital import PASSWORD, TRAINEE, balancer_and_directory
from tests.support.real.keycloak import RunningKeycloak
from tests.support.real.people import People
from tests.support.real.stage import Stage

TRUST = Path("/srv/tls/hospital-ca.pem")
"""Where the profiles name the authority that certified the servers around."""

NOT_TRIED = frozenset({"sending-any-study", "token-mix"})
"""Nobody limited may send, and no request has the tokens of two people."""

SharedKeycloak = Callable[[], RunningKeycloak]
"""Gives the Keycloak that tests share, which starts at the first call."""


@dataclass(frozen=True)
class Example:
    """An example, and what is particular about it."""

    published: set[tuple[str, int]]
    around: Callable[[Stage, Path, SharedKeycloak], contextlib.AbstractContextManager[None]]
    """Starts the servers around the deployment."""
    sign_in: Callable[[Stage], tuple[dict[str, Any], str]]
    """Signs somebody in on the real pages: the tokens, and the role that the person has to have."""
    uploads: str
    """A role that may upload, label and share or open links."""
    limited: str = ""
    """A role that is limited to one collection; none where every role sees every study."""
    labels: tuple[str, str] = ("", "")
    """The label of a study that this role sees, and of one that it does not."""
    edits: tuple[tuple[str, str], ...] = ()
    """What the test writes differently in the profile."""
    not_tried: frozenset[str] = NOT_TRIED
    """Checks of `verify` that have nothing to try."""


ORTHANC, OHIF, KEYCLOAK = "/imaging/pacs/", "/ohif/", "/imaging/sso/"
"""The paths at which the teaching hospital runs here."""


@contextlib.contextmanager
def hospital_servers(stage: Stage, folder: Path, _: SharedKeycloak) -> Iterator[None]:
    """The load balancer, the directory, and a PostgreSQL and a disk outside of the deployment."""
    with balancer_and_directory(stage, folder), outside.database_and_disk(stage, folder):
        yield


@contextlib.contextmanager
def lets_encrypt(stage: Stage, folder: Path, _: SharedKeycloak) -> Iterator[None]:
    """Let's Encrypt, which asks nginx on port 80 for the answer to its challenge."""
    server = LetsEncrypt(stage.host.network.service(LETS_ENCRYPT), folder)
    try:
        stage.trusted = server.root
        yield
    finally:
        server.stop()


SSO, COLLEAGUE = "sso.lakeside.example", "nora"


@contextlib.contextmanager
def keycloak_elsewhere(stage: Stage, folder: Path, shared: SharedKeycloak) -> Iterator[None]:
    """The clinic's Keycloak behind a proxy of its own, with a realm and a person in it, and the clinic's certificate."""
    stage.elsewhere, realm, host = shared(), stage.realm, stage.public_host
    stage.trusted = authority.certificate()
    for signed, name in zip(authority.certify(host, folder), ("pacs.crt", "pacs.key"), strict=True):
        supplied = TRUST.with_name(name)
        shutil.copyfile(signed, supplied)
        os.chown(supplied, naming.CONTAINER_USER, naming.CONTAINER_USER)
        supplied.chmod(0o600)
    # Its own address for this realm alone: other tests use the same Keycloak.
    stage.elsewhere.import_realm(
        {"realm": realm, "enabled": True, "attributes": {"frontendUrl": f"https://{SSO}"}}
    )
    try:
        with TlsProxy(SSO, stage.host.network.service(SSO), stage.elsewhere.url, folder):
            yield
    finally:
        stage.elsewhere.delete_realm(realm)


def of_the_directory(stage: Stage) -> tuple[dict[str, Any], str]:
    """A trainee, with the password of the directory."""
    return stage.sign_in(TRAINEE, PASSWORD), "student"


def of_the_profile(stage: Stage) -> tuple[dict[str, Any], str]:
    """The account of the profile, with its first password, a new one and a second factor."""
    first = stage.secret("first-password-curator")
    return stage.sign_in("curator", first, new_password="a password of 14 or more"), "curator"


def without_entra(stage: Stage) -> tuple[dict[str, Any], str]:
    """Entra ID is not there: a token from Keycloak."""
    return {"access_token": People(stage)("radiologist")}, "radiologist"


def of_a_group(stage: Stage) -> tuple[dict[str, Any], str]:
    """Somebody of the clinic's Keycloak, whose group has a role of the profile."""
    with stage.keycloak() as keycloak:
        password = keycloak.add_user(stage.realm, COLLEAGUE, groups=["/departments/radiology"])
    return stage.sign_in(COLLEAGUE, password), "radiology"


EXAMPLES = {
    "teaching-hospital": Example(
        {("10.20.0.30", 8080), ("10.20.1.30", 104), ("10.20.1.30", 11112), ("127.0.0.1", 8081)},
        hospital_servers,
        of_the_directory,
        "pacs-admin",
        "student",
        ("teaching", "emergency"),
        edits=(
            # For the administrators of the realm, as docs/keycloak.md says.
            ("  realm: imaging\n", "  realm: imaging\n  keycloak: {local-port: 8081}\n"),
            # Both databases and the files are outside of the deployment. Readers share them with the ingest node.
            *outside.EDITS,
            ("  aet: ELSEWHERE\n", f"  aet: ELSEWHERE\n  replicas: {{readers: {len(checks.READERS)}}}\n"),
            # Stone is not on the stage. Orthanc and Keycloak are two levels below the origin, none at a usual path.
            ("viewer: stone", "viewer: ohif"),
            (
                "{orthanc: /orthanc/, ohif: /ohif/, keycloak: /keycloak/}",
                f"{{orthanc: {ORTHANC}, ohif: {OHIF}, keycloak: {KEYCLOAK}}}",
            ),
        ),
    ),
    "research-platform": Example(
        {("198.51.100.7", 80), ("198.51.100.7", 443), ("127.0.0.1", 8081)},
        lets_encrypt,
        of_the_profile,
        "curator",
        "researcher",
        ("released", "incoming"),
        # Nobody may share, so a link works only in the browser that it was made in.
        not_tried=NOT_TRIED | {check.name for check in LINK},
    ),
    "paradim.production": Example(
        {("192.0.2.30", 80), ("192.0.2.30", 443), ("127.0.0.1", 8081)}
        | {("10.1.2.20", port) for port in (4242, 4243, 4244)},
        lets_encrypt,
        without_entra,
        "pacs-admin",
        "external",
        ("cardio", "neuro"),
        edits=(("  realm: orthanc\n", "  realm: orthanc\n  keycloak: {local-port: 8081}\n"),),
    ),
    "clinic": Example(
        {("192.0.2.5", 80), ("192.0.2.5", 443), ("192.0.2.5", 4242)},
        keycloak_elsewhere,
        of_a_group,
        "pacs-admin",
        # Every role sees every study, and `verify` asks no other server.
        not_tried=frozenset(
            {check.name for check in (*LIMITED_USER, *OF_KEYCLOAK)} | {"token-mix", "upload-beyond-labels"}
        ),
        # The tests' authority certified the clinic's Keycloak, not a public one.
        # People's tokens come from a client of the tests.
        edits=(
            ("  realm: lakeside\n", f"  realm: lakeside\n  trust: [{TRUST}]\n"),
            (
                "    manage: clients-and-roles\n",
                "    manage: clients-and-roles\n    other-clients: [tests]\n",
            ),
        ),
    ),
}
