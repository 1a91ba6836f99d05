"""Profiles that the checks of orthgen.profile.checks.addresses complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import HTTPS, Case

CASES: list[Case] = [
    ("plain-http", {"institution": '{name: T, url: "http://pacs.example.org"}', "deployment": None}, "http", "write `https://"),
    ("tls-for-http", {"institution": '{name: T, url: "http://localhost"}'}, "tls", "begin `institution.url` with `https://`"),
    ("no-tls", {"deployment": None}, "https", "letsencrypt"),
    (
        "letsencrypt-for-private-host",
        {"institution": '{name: T, url: "https://10.0.0.1"}', "deployment": "{tls: {letsencrypt: {email: a@b.org}}}"},
        "letsencrypt",
        "use a public host name",
    ),
    (
        "plain-http",
        {"identity": "{sign-in: [accounts: {}], keycloak: {server: 'http://sso.example.org'}}"},
        "http",
        "write `https://",
    ),
    (
        "duplicate-path",
        {"institution": HTTPS[:-1] + ", paths: {ohif: /keycloak/}}", "viewers": "{ohif: {}}"},
        "/keycloak/",
        "give each service its own path",
    ),
    (
        "path-of-orthanc",
        {"institution": HTTPS[:-1] + ", paths: {ohif: /studies/}}", "viewers": "{ohif: {}}"},
        "/studies/",
        "choose another one, such as `/ohif/`",
    ),
    (
        "path-of-orthanc",
        {"institution": HTTPS[:-1] + ", paths: {keycloak: /ohif/}}", "viewers": "{ohif: {serve: plugin}}"},
        "/ohif/",
        "choose another one, such as `/keycloak/`",
    ),
    (
        "path-of-orthanc",
        {"institution": HTTPS[:-1] + ", paths: {keycloak: /wsi/}}"},
        "/wsi/",
        "choose another one, such as `/keycloak/`",
    ),
    (
        "viewer-path-not-served",
        {"institution": HTTPS[:-1] + ", paths: {ohif: /viewer/}}", "viewers": "{ohif: {}}"},
        "/viewer/",
        "serve: plugin",
    ),
    (
        "everybody-is-proxy",
        {
            "institution": "{name: Test, url: 'https://pacs.example.org'}",
            "deployment": "{tls: {terminated-by: proxy, proxies: [10.0.0.5, '::/0']}}",
        },
        "::/0",
        "proxy in front",
    ),
]  # fmt: skip
