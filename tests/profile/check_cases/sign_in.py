"""Profiles that the checks of orthgen.profile.checks.sign_in complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import CLINIC, OIDC, SAML, SOCIAL, Case

CASES: list[Case] = [
    ("nobody-can-sign-in", {"identity": "{realm: x}"}, "identity", "add a sign-in method"),
    (
        "duplicate-alias",
        {"identity": "{sign-in: [accounts: {}, ldap: {alias: group, url: 'ldaps://d', bind-dn: x, bind-password: {secret: b}, users-dn: dc=y}]}"},
        "ldap",
        "give it a name of its own",
    ),
    (
        "role-for-nobody",
        {
            "identity": "{sign-in: [accounts: {}]}",
            "roles": "{reader: {can: [view], collections: all}, boss: {can: [everything], collections: all}}",
        },
        "reader",
        "identity: {keycloak: {local-port: 8081}}",
    ),
    (
        "unverified-email-link",
        {"identity": f"{{sign-in: [{{{OIDC}, trust-email: true, link-by-email: true}}}}, {{{SAML}}}}}]}}"},
        "true",
        "Write `trust-email: true` there",
    ),
    (
        "unverified-email-link",
        {"identity": f"{{sign-in: [{{{OIDC}, trust-email: true, link-by-email: true}}}}, {{accounts: {{self-registration: true}}}}]}}"},
        "true",
        "Leave one of the two out",
    ),
    (
        "providers-share-accounts",
        {"identity": f"{{sign-in: [{{{OIDC}, trust-email: true, link-by-email: true}}}}, {{{SAML}, trust-email: true}}}}]}}"},
        "true",
        "for the time of a move",
    ),
    (
        "invalid-grant-value",
        {
            "identity": f"{{sign-in: [{{github: {SOCIAL}}}]}}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{github: octocat}]}}",
        },
        "octocat",
        "an administrator grants the role in Keycloak",
    ),
    (
        "invalid-grant-value",
        {
            "identity": f"{{sign-in: [{{google: {CLINIC}}}]}}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{google: other.example}]}}",
        },
        "other.example",
        "`google: clinic.example` is everybody of that domain",
    ),
    (
        "invalid-grant-value",
        {
            "identity": f"{{sign-in: [{{google: {SOCIAL}}}]}}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{google: clinic.example}]}}",
        },
        "clinic.example",
        "name it: `hosted-domain: …`",
    ),
    (
        "role-for-nobody",
        {
            "identity": f"{{sign-in: [{{github: {SOCIAL}}}]}}",
            "roles": "{reader: {can: [view], collections: all}}",
        },
        "reader",
        "`identity: {keycloak: {local-port: 8081}}`",
    ),
    (
        "role-for-nobody",
        {
            "identity": f"{{sign-in: [{{github: {SOCIAL}}}, {{google: {CLINIC}}}]}}",
            "roles": "{reader: {can: [view], collections: all}}",
        },
        "reader",
        "`granted-by: [{google: clinic.example}]` is everybody of that domain",
    ),
    (
        "unverified-email-link",
        {"identity": f"{{sign-in: [{{{OIDC}, trust-email: true, link-by-email: true}}}}, {{github: {SOCIAL}}}]}}"},
        "true",
        "that person's account. Leave `link-by-email` out",
    ),
    ("master-realm", {"identity": "{realm: master, sign-in: [accounts: {}]}"}, "master", "take a realm of your own"),
    (
        "reserved-role-name",
        {"roles": "{default-roles-orthanc: {can: [view], collections: all}}"},
        "default-roles-orthanc",
        "choose another name",
    ),
    (
        "unknown-grant-source",
        {"roles": "{reader: {can: [view], collections: all, granted-by: [{entra-id: x}]}}"},
        "entra-id",
        "known here: `accounts`, `group`",
    ),
    (
        "invalid-grant-value",
        {"roles": "{reader: {can: [view], collections: all, granted-by: [{group: staff}]}}"},
        "staff",
        "write it from the top: `/staff`",
    ),
    (
        "invalid-grant-value",
        {"roles": "{reader: {can: [view], collections: all, granted-by: [{group: /a//b}]}}"},
        "/a//b",
        "write it from the top: `/a/b`",
    ),
    (
        "invalid-grant-value",
        {"roles": "{reader: {can: [view], collections: all, granted-by: [{group: /}]}}"},
        "/",
        "name a group",
    ),
    *(
        (
            "invalid-grant-value",
            {
                "identity": "{sign-in: [ldap: {url: ldaps://x, vendor: ad, bind-dn: a, bind-password: {secret: s}, users-dn: dc=u, groups-dn: dc=g}]}",
                "roles": f"{{reader: {{can: [view], collections: all, granted-by: [{{ldap: {value}}}]}}}}",
            },
            value,
            "write `Radiology`",
        )
        for value in ("/Radiology", "Radiology/", "//Radiology")
    ),
    (
        "role-for-nobody",
        {
            "identity": "{sign-in: [entra-id: {tenant: 6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10, client-id: x, client-secret: {secret: s}}]}",
            "roles": "{reader: {can: [view], collections: all}}",
        },
        "reader",
        "say who holds it: `granted-by: [{entra-id: …}]`",
    ),
    (
        "invalid-grant-value",
        {
            "identity": "{sign-in: [entra-id: {tenant: 6f2c1c1e-0d2b-4a55-9a53-2d1f0c7a9b10, client-id: x, client-secret: {secret: s}, claim: groups}]}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{entra-id: Readers}]}}",
        },
        "Readers",
        "object ids (GUIDs)",
    ),
    (
        "incomplete-smtp-credentials",
        {"identity": "{sign-in: [accounts: {}], smtp: {host: m, sender: a@b.org, user: u}}"},
        "smtp",
        "give both",
    ),
]  # fmt: skip
