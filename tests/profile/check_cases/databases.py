"""Profiles that the checks of orthgen.profile.checks.databases complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import SERVER, Case

CASES: list[Case] = [
    ("unused-database", {"archive": f"{{storage: {{database: sqlite, postgresql: {SERVER}}}}}"}, "postgresql", "remove `postgresql`"),
    ("database-on-loopback", {"archive": f"{{storage: {{postgresql: {SERVER.replace('db.example.org', 'localhost')}}}}}"}, "localhost", "listen_addresses"),
    ("clear-text-database", {"archive": "{storage: {postgresql: {host: db.example.org, encryption: none, password: {secret: db}}}}"}, "none", "turn on TLS"),
    ("shared-database", {"archive": f"{{storage: {{postgresql: {SERVER}}}}}", "identity": f"{{keycloak: {{postgresql: {SERVER[:-1]}, database: orthanc}}}}}}"}, "postgresql", "another `database`"),
    ("too-many-connections", {"archive": f"{{storage: {{connections: 98, postgresql: {SERVER}}}}}"}, "postgresql", "raise `max_connections` of the server to 102"),
    ("too-many-connections", {"archive": f"{{replicas: {{readers: 4}}, storage: {{postgresql: {SERVER}}}}}"}, "postgresql", "raise `max_connections` of the server to 104"),
    ("sqlite-on-file-server", {"archive": "{storage: {database: sqlite, files: {nfs: {server: nas.example.org, path: /export}}}}"}, "sqlite", "write `postgresql`"),
    ("audit-log-in-sqlite", {"archive": "{audit-log: true, storage: {database: sqlite}}"}, "audit-log", "database: postgresql"),
]  # fmt: skip
