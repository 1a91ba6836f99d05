"""Profiles that the checks of orthgen.profile.checks.loopback complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

_LDAP = "{url: 'ldaps://127.0.1.1', bind-dn: cn=x, bind-password: {secret: p}, users-dn: ou=x}"
_S3 = "{bucket: images, region: eu, endpoint: 'https://localhost:9000', access-key: {secret: a}, secret-key: {secret: b}}"

CASES: list[Case] = [
    (
        "server-on-loopback",
        {"identity": "{sign-in: [accounts: {}], smtp: {host: localhost, sender: a@example.org}}"},
        "localhost",
        "name or the address",
    ),
    ("server-on-loopback", {"identity": f"{{sign-in: [accounts: {{}}, ldap: {_LDAP}]}}"}, "ldaps://127.0.1.1", "name or the address"),
    ("server-on-loopback", {"archive": f"{{storage: {{files: {{s3: {_S3}}}}}}}"}, "https://localhost:9000", "name or the address"),
    (
        "server-on-loopback",
        {"archive": "{settings: {OrthancPeers: {lyon: {Url: 'http://localhost:8042'}}}}"},
        "Url",
        "name or the address",
    ),
]  # fmt: skip
