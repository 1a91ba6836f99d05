"""The servers around `profiles/teaching-hospital.yaml`: a load balancer that ends TLS, and a domain controller."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.support.real import authority
from tests.support.real.around import TlsProxy
from tests.support.real.directory import ACTIVE_DIRECTORY, SUFFIX, Directory
from tests.support.real.network import run
from tests.support.real.stage import Stage

BALANCER = "10.20.0.5"
TRAINEE, PASSWORD = "mara", "a password of the directory"
ENTRIES = f"""
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: hospital
dc: hospital

dn: OU=Trainees,{SUFFIX}
objectClass: organizationalUnit
ou: Trainees

dn: OU=Groups,{SUFFIX}
objectClass: organizationalUnit
ou: Groups

dn: CN=Mara Lind,OU=Trainees,{SUFFIX}
objectClass: person
objectClass: organizationalPerson
objectClass: user
cn: Mara Lind
givenName: Mara
sn: Lind
mail: mara@hospital.example
sAMAccountName: {TRAINEE}
objectGUID: 0123456789abcdef
userAccountControl: 512
pwdLastSet: 1
userPassword: {PASSWORD}

dn: CN=Medical-Students,OU=Groups,{SUFFIX}
objectClass: group
cn: Medical-Students
member: CN=Mara Lind,OU=Trainees,{SUFFIX}
"""


@contextlib.contextmanager
def balancer_and_directory(stage: Stage, folder: Path) -> Iterator[None]:
    """The load balancer that ends TLS, and a domain controller."""
    network, controller = stage.host.network, "dc1.hospital.example"
    run("ip", "address", "add", f"{BALANCER}/32", "dev", "lo")
    network.service(controller)
    stage.front, stage.trusted = BALANCER, authority.certificate()
    directory = Directory(
        f"ldaps://{controller}",
        folder,
        ENTRIES,
        administrator=f"CN=svc-keycloak,OU=Services,{SUFFIX}",
        password="supplied-ldap-bind-password",
        schema=ACTIVE_DIRECTORY,
        host=controller,
    )
    try:
        with TlsProxy("imaging.hospital.example", BALANCER, "http://10.20.0.30:8080", folder):
            yield
    finally:
        directory.stop()
        run("ip", "address", "delete", f"{BALANCER}/32", "dev", "lo")
