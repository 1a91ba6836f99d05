"""Profiles that the checks of orthgen.profile.checks.cluster complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("cluster-without-issuer", {"deployment": "{tls: {letsencrypt: {email: a@example.org}}, kubernetes: {}}"}, "letsencrypt", "name its issuer"),
    ("certificate-without-use", {"deployment": "{tls: {terminated-by: proxy}, kubernetes: {certificate: {issuer: a}}}"}, "certificate", "remove `certificate`"),
    ("entry-without-name", {"institution": '{name: Test, url: "https://192.0.2.7"}', "deployment": "{tls: {own-authority: {}}, kubernetes: {entry: {ingress: {class: a}}}}"}, "ingress", "a host name"),
    ("reserved-namespace", {"deployment": "{tls: {own-authority: {}}, kubernetes: {namespace: default}}"}, "default", "choose a namespace"),
    ("cluster-database-without-use", {"identity": "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles}}", "archive": "{storage: {database: sqlite}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {database: {cloudnative-pg: {}}}}"}, "database", "remove `database`"),
    ("folder-in-cluster", {"archive": "{storage: {files: {path: /srv/dicom}}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {}}"}, "path", "name a StorageClass"),
]  # fmt: skip
