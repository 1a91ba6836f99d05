"""Profiles that the checks of orthgen.profile.checks.providers complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    (
        "unknown-endpoints",
        {"identity": "{sign-in: [{oidc: {issuer: 'https://id.example.org', client-id: a, client-secret: {secret: a}}}]}"},
        "https://id.example.org",
        "Open https://id.example.org/.well-known/openid-configuration",
    ),
    (
        "wrong-provider-kind",
        {"identity": "{sign-in: [{oidc: {issuer: 'https://github.com', client-id: a, client-secret: {secret: a}}}]}"},
        "https://github.com",
        "write `github: {client-id: …, client-secret: …}`",
    ),
    (
        "clear-text-provider",
        {"identity": "{sign-in: [{oidc: {issuer: 'http://sso.example.org/realms/a', client-id: a, client-secret: {secret: a}}}]}"},
        "http://sso.example.org",
        "write `https://",
    ),
    (
        "clear-text-provider",
        {"identity": "{sign-in: [{saml: {entity-id: b, sign-on-url: 'https://b.example.org/sso', metadata-url: 'http://b.example.org/md'}}]}"},
        "http://b.example.org/md",
        "write `https://",
    ),
    (
        "clear-text-ldap",
        {"identity": "{sign-in: [{ldap: {url: 'ldap://d.example.org', bind-dn: x, bind-password: {secret: b}, users-dn: dc=y}}]}"},
        "ldap://d.example.org",
        "add `start-tls: true`",
    ),
    (
        "clear-text-smtp-password",
        {
            "identity": "{sign-in: [accounts: {}], smtp: {host: m.example.org, sender: a@b.org, encryption: none, user: a, "
            "password: {secret: p}}}"
        },
        "none",
        "write `start-tls`",
    ),
    (
        "clear-text-s3",
        {
            "archive": "{storage: {files: {s3: {bucket: images, region: r, endpoint: 'http://minio.example.org', "
            "access-key: {secret: a}, secret-key: {secret: s}}}}}"
        },
        "http://minio.example.org",
        "write `https://",
    ),
]  # fmt: skip
