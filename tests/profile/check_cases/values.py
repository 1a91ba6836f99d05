"""What several cases have in common."""

from __future__ import annotations

from typing import Any

Case = tuple[str, dict[str, Any], str, str]
"""The rule, what differs from the small profile, where it stands (a key path's last word or value), what to do."""

HTTPS = '{name: Test, url: "https://pacs.example.org"}'
OIDC = "oidc: {issuer: 'https://a.example.org/realms/a', client-id: a, client-secret: {secret: a}"
SERVER = "{host: db.example.org, authority: /etc/ssl/db.pem, password: {secret: db}}"
SOCIAL = "{client-id: a, client-secret: {secret: a}}"
CLINIC = "{client-id: a, client-secret: {secret: a}, hosted-domain: clinic.example}"
SAML = (
    "saml: {entity-id: b, sign-on-url: 'https://b.example.org/sso', metadata-url: 'https://b.example.org/md'"
)
SUBNETS = {"deployment": "{compose: {subnets: 10.7.0.0/24}}"}
