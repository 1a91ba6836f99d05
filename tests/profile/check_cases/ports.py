"""Profiles that the checks of orthgen.profile.checks.ports complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    (
        "duplicate-port",
        {"archive": "{dicom: {port: 4244}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}", "collections": "{cardio: {gather: [called-aet: A, called-aet: B]}}"},
        "4244",
        "choose another port",
    ),
    (
        "local-port-without-keycloak",
        {"identity": "{sign-in: [accounts: {}], keycloak: {server: 'https://sso.example.org', local-port: 8081}}"},
        "8081",
        "remove `local-port`",
    ),
    ("duplicate-port", {"archive": "{dicom: {port: 443}}"}, "443", "choose another port"),
    (
        "duplicate-port",
        {
            "archive": "{dicom: {port: 4243}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}",
            "collections": "{cardio: {gather: [called-aet: CARDIO]}}",
            "deployment": "{tls: {own-authority: {}}, kubernetes: {}}",
        },
        "4243",
        "choose another port",
    ),
    (
        "duplicate-port",
        {"deployment": "{tls: {letsencrypt: {email: a@b.example}}, compose: {http-port: 443}}"},
        "443",
        "choose another port",
    ),
    (
        "port-out-of-range",
        {"archive": "{dicom: {collections-port: 65535}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}", "collections": "{cardio: {gather: [called-aet: A, called-aet: B]}}"},
        "65535",
        "lower",
    ),
]  # fmt: skip
