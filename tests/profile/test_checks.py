"""What the shape of a profile cannot say: each question has a profile that answers it wrongly."""

from __future__ import annotations

import re
from typing import Any

import pytest

from orthgen.findings import Finding
from orthgen.formats.yaml_io import parse_yaml
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.profile.checks import CHECKS, CheckContext, check
from orthgen.profile.root import Profile
from tests.support.builders import make_tree

HTTPS = '{name: Test, url: "https://pacs.example.org"}'


def findings(**changes: Any) -> list[Finding]:
    """The findings of the small profile with `changes`."""
    tree = make_tree(**changes)
    document, _ = parse_yaml(dump_yaml(tree), "p.yaml")
    return check(CheckContext(Profile.model_validate(document.value), document.value, document.locate))


_OIDC = "oidc: {issuer: 'https://a.example.org/realms/a', client-id: a, client-secret: {secret: a}"
_SERVER = "{host: db.example.org, authority: /etc/ssl/db.pem, password: {secret: db}}"
_SOCIAL = "{client-id: a, client-secret: {secret: a}}"
_CLINIC = "{client-id: a, client-secret: {secret: a}, hosted-domain: clinic.example}"
_SAML = (
    "saml: {entity-id: b, sign-on-url: 'https://b.example.org/sso', metadata-url: 'https://b.example.org/md'"
)

SUBNETS = {"deployment": "{compose: {subnets: 10.7.0.0/24}}"}
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    # rule, what differs from the small profile, where (a key path's last word or value), what to do
    ("unknown-collection", {"roles": "{reader: {can: [view], collections: [cardo]}}"}, "cardo", "did you mean `cardio`?"),
    ("unknown-collection", {"signed_out": "{can: [view], collections: [x]}"}, "x", "define it below `collections:`"),
    ("cluster-without-issuer", {"deployment": "{tls: {letsencrypt: {email: a@example.org}}, kubernetes: {}}"}, "letsencrypt", "name its issuer"),
    ("certificate-without-use", {"deployment": "{tls: {terminated-by: proxy}, kubernetes: {certificate: {issuer: a}}}"}, "certificate", "remove `certificate`"),
    ("entry-without-name", {"institution": '{name: Test, url: "https://192.0.2.7"}', "deployment": "{tls: {own-authority: {}}, kubernetes: {entry: {ingress: {class: a}}}}"}, "ingress", "a host name"),
    ("reserved-namespace", {"deployment": "{tls: {own-authority: {}}, kubernetes: {namespace: default}}"}, "default", "choose a namespace"),
    ("cluster-database-without-use", {"identity": "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles}}", "archive": "{storage: {database: sqlite}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {database: {cloudnative-pg: {}}}}"}, "database", "remove `database`"),
    ("folder-in-cluster", {"archive": "{storage: {files: {path: /srv/dicom}}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {}}"}, "path", "name a StorageClass"),
    ("key-without-effect", {"deployment": "{tls: {own-authority: {}}, compose: {memory: {ohif: 512m}}}"}, "ohif", "remove `ohif`"),
    ("long-pattern", {"collections": f"{{cardio: {{gather: [tags: {{StudyDescription: 'short|*{'é' * 129}*'}}]}}}}"}, f"short|*{'é' * 129}*", "and `*`"),
    ("unused-database", {"archive": f"{{storage: {{database: sqlite, postgresql: {_SERVER}}}}}"}, "postgresql", "remove `postgresql`"),
    ("database-on-loopback", {"archive": f"{{storage: {{postgresql: {_SERVER.replace('db.example.org', 'localhost')}}}}}"}, "localhost", "listen_addresses"),
    ("clear-text-database", {"archive": "{storage: {postgresql: {host: db.example.org, encryption: none, password: {secret: db}}}}"}, "none", "turn on TLS"),
    ("shared-database", {"archive": f"{{storage: {{postgresql: {_SERVER}}}}}", "identity": f"{{keycloak: {{postgresql: {_SERVER[:-1]}, database: orthanc}}}}}}"}, "postgresql", "another `database`"),
    ("too-many-connections", {"archive": f"{{storage: {{connections: 98, postgresql: {_SERVER}}}}}"}, "postgresql", "raise `max_connections` of the server to 102"),
    ("too-many-connections", {"archive": f"{{replicas: {{readers: 4}}, storage: {{postgresql: {_SERVER}}}}}"}, "postgresql", "raise `max_connections` of the server to 104"),
    ("readers-without-postgresql", {"archive": "{replicas: {readers: 2}, storage: {database: sqlite}}"}, "readers", "remove `replicas`"),
    ("release-too-old", {"release": '"26.7"', "archive": "{replicas: {readers: 2}}"}, "2", 'write `release: "26.8"`'),
    ("useless-autoscaler", {"archive": "{replicas: {readers: 4}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {autoscaler: {max-readers: 4}}}"}, "4", "above 4"),
    ("useless-autoscaler", {"deployment": "{tls: {own-authority: {}}, kubernetes: {autoscaler: {max-readers: 4}}}"}, "4", "readers: 1"),
    ("sqlite-on-file-server", {"archive": "{storage: {database: sqlite, files: {nfs: {server: nas.example.org, path: /export}}}}"}, "sqlite", "write `postgresql`"),
    ("unknown-role", {"expectations": "[{role: raeder, can: view}]"}, "raeder", "did you mean `reader`?"),
    ("unknown-collection", {"expectations": "[{role: reader, can: view, on: nuero}]"}, "nuero", "did you mean `neuro`?"),
    ("viewer-not-enabled", {"viewers": "{stone: {}, default: ohif}"}, "ohif", "add `ohif: {}` below `viewers:`"),
    ("viewer-not-enabled", {"viewers": "{ohif: {}, default: stnoe}"}, "stnoe", "known here: `ohif`"),
    ("viewer-not-enabled", {"sharing": "{viewer: ohif}"}, "ohif", "add `ohif: {}` below `viewers:`"),
    ("viewer-not-shareable", {"viewers": "{wsi: {}}", "sharing": "{viewer: wsi}"}, "wsi", "share with one of"),
    (
        "unknown-role",
        {"identity": "{sign-in: [accounts: {people: {ann: {name: A, email: a@b.org, roles: [readr]}}}]}"},
        "readr",
        "did you mean `reader`?",
    ),
    (
        "rename-conflict",
        {"roles": "{reader: {can: [view], collections: all}, viewer: {renamed-from: reader, can: [view], collections: all}}"},
        "reader",
        "either kept or renamed",
    ),
    (
        "rename-conflict",
        {
            "roles": "{a: {renamed-from: reader, can: [view], collections: all}, "
            "b: {renamed-from: reader, can: [view], collections: all}}"
        },
        "reader",
        "`a` has it already",
    ),
    (
        "rename-conflict",
        {"collections": "{cardio: {}, neuro: {renamed-from: cardio}}"},
        "cardio",
        "give that one a `label` of its own and write `label: cardio` here",
    ),
    (
        "rename-conflict",
        {"collections": "{cardio: {renamed-from: heart}, neuro: {renamed-from: heart}}"},
        "heart",
        "`cardio` has its label already",
    ),
    ("duplicate-label", {"collections": "{cardio: {renamed-from: heart}, neuro: {label: heart}}"}, "heart", "choose another `label`"),
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
        {"identity": f"{{sign-in: [{{{_OIDC}, trust-email: true, link-by-email: true}}}}, {{{_SAML}}}}}]}}"},
        "true",
        "Write `trust-email: true` there",
    ),
    (
        "unverified-email-link",
        {"identity": f"{{sign-in: [{{{_OIDC}, trust-email: true, link-by-email: true}}}}, {{accounts: {{self-registration: true}}}}]}}"},
        "true",
        "Leave one of the two out",
    ),
    (
        "providers-share-accounts",
        {"identity": f"{{sign-in: [{{{_OIDC}, trust-email: true, link-by-email: true}}}}, {{{_SAML}, trust-email: true}}}}]}}"},
        "true",
        "for the time of a move",
    ),
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
        "invalid-grant-value",
        {
            "identity": f"{{sign-in: [{{github: {_SOCIAL}}}]}}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{github: octocat}]}}",
        },
        "octocat",
        "an administrator grants the role in Keycloak",
    ),
    (
        "invalid-grant-value",
        {
            "identity": f"{{sign-in: [{{google: {_CLINIC}}}]}}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{google: other.example}]}}",
        },
        "other.example",
        "`google: clinic.example` is everybody of that domain",
    ),
    (
        "invalid-grant-value",
        {
            "identity": f"{{sign-in: [{{google: {_SOCIAL}}}]}}",
            "roles": "{reader: {can: [view], collections: all, granted-by: [{google: clinic.example}]}}",
        },
        "clinic.example",
        "name it: `hosted-domain: …`",
    ),
    (
        "role-for-nobody",
        {
            "identity": f"{{sign-in: [{{github: {_SOCIAL}}}]}}",
            "roles": "{reader: {can: [view], collections: all}}",
        },
        "reader",
        "`identity: {keycloak: {local-port: 8081}}`",
    ),
    (
        "role-for-nobody",
        {
            "identity": f"{{sign-in: [{{github: {_SOCIAL}}}, {{google: {_CLINIC}}}]}}",
            "roles": "{reader: {can: [view], collections: all}}",
        },
        "reader",
        "`granted-by: [{google: clinic.example}]` is everybody of that domain",
    ),
    (
        "unverified-email-link",
        {"identity": f"{{sign-in: [{{{_OIDC}, trust-email: true, link-by-email: true}}}}, {{github: {_SOCIAL}}}]}}"},
        "true",
        "that person's account. Leave `link-by-email` out",
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
    (
        "overwrites-unseen-studies",
        {
            "archive": "{overwrite: true}",
            "roles": "{sender: {can: [view, upload], collections: [cardio], beyond-collections: [upload]}}",
        },
        "true",
        "remove `overwrite`",
    ),
    (
        "overwrites-unseen-studies",
        {"archive": "{overwrite: true}", "signed_out": "{can: [upload]}"},
        "true",
        "give `upload` only to roles with `collections: all`",
    ),
    ("master-realm", {"identity": "{realm: master, sign-in: [accounts: {}]}"}, "master", "take a realm of your own"),
    (
        "reserved-role-name",
        {"roles": "{default-roles-orthanc: {can: [view], collections: all}}"},
        "default-roles-orthanc",
        "choose another name",
    ),
    *(
        (
            "ambiguous-name",
            {
                "roles": f"{{{name}: {{can: [view], collections: all}}}}",
                "identity": "{sign-in: [accounts: {}], keycloak: {local-port: 8081}}",
            },
            name,
            "another name for the role",
        )
        for name in ("signed-out", "instant-link", "share-link")
    ),
    ("ambiguous-name", {"collections": "{all: {}, neuro: {}, cardio: {}}"}, "all", "another name for the collection"),
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
    ("no-roles", {"roles": "{}"}, "roles", "add one"),
    ("role-without-rights", {"roles": "{reader: {can: [], collections: all}}"}, "can", "name at least one"),
    ("duplicate-label", {"collections": "{cardio: {label: neuro}, neuro: {}}"}, "neuro", "choose another `label`"),
    (
        "duplicate-aet",
        {"collections": "{cardio: {gather: [{called-aet: ORTHANC}]}, neuro: {}}"},
        "ORTHANC",
        "give each collection an AET of its own",
    ),
    (
        "duplicate-aet",
        {"collections": "{cardio: {gather: [{called-aet: CARDIO}]}, neuro: {gather: [{called-aet: Cardio}]}}"},
        "Cardio",
        "give each collection an AET of its own",
    ),
    (
        "aet-without-sender",
        {"collections": "{cardio: {gather: [{called-aet: CARDIO}]}, neuro: {}}"},
        "CARDIO",
        "add the sender to `archive.modalities`",
    ),
    (
        "unknown-tag",
        {"collections": "{cardio: {gather: [{tags: {Modalty: US}}]}, neuro: {}}"},
        "Modalty",
        "did you mean `Modality`?",
    ),
    (
        "empty-alternative",
        {"collections": "{cardio: {gather: [{tags: {InstitutionName: 'IUCPQ| |Laval'}}]}, neuro: {}}"},
        "IUCPQ| |Laval",
        "write a text on both sides",
    ),
    (
        "tag-without-text",
        {"collections": "{cardio: {gather: [{tags: {ProcedureCodeSequence: '*', ScanningSequence: SE}}]}, neuro: {}}"},
        "ProcedureCodeSequence",
        "name a tag that has text",
    ),
    ("share-right-without-sharing", {"roles": "{reader: {can: [share], collections: all}}"}, "share", "add `sharing: {viewer: …}`"),
    ("report-right-without-viewer", {"roles": "{reader: {can: [report], collections: all}}"}, "report", "reports: signed-in"),
    ("viewer-for-nobody", {"viewers": "{volview: {}}", "roles": "{reader: {can: [view], collections: all}}"}, "volview", "add `download`"),
    ("worklists-right-without-server", {"roles": "{reader: {can: [worklists], collections: all}}"}, "worklists", "worklists: true"),
    (
        "sharing-for-nobody",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif}", "roles": "{reader: {can: [view], collections: all}}"},
        "sharing",
        "add `share` to a role",
    ),
    (
        "reports-for-nobody",
        {"viewers": "{ohif: {reports: signed-in}}", "roles": "{reader: {can: [view], collections: all}}"},
        "signed-in",
        "add `report` to a role",
    ),
    (
        "right-beyond-collections",
        {"roles": "{reader: {can: [view, upload], collections: [cardio]}}"},
        "upload",
        "`beyond-collections: [upload]`",
    ),
    (
        "api-view-for-limited-role",
        {"roles": "{reader: {can: [api-view], collections: [cardio]}}"},
        "api-view",
        "remove it",
    ),
    (
        "merged-roles",
        {"roles": "{reader: {can: [view], collections: all}, fetcher: {can: [download], collections: [cardio]}}"},
        "download",
        "never grant both to one person",
    ),
    ("session-ends-during-work", {"identity": "{sign-in: [accounts: {}], sessions: {access-token: 31m}}"}, "31m", "make it shorter than `idle`"),
    ("long-session", {"identity": "{sign-in: [accounts: {}], sessions: {access-token: 2h, idle: 3h}}"}, "2h", "write `1h` at most"),
    ("long-session", {"identity": "{sign-in: [accounts: {}], sessions: {idle: 2d, longest: 3d}}"}, "2d", "write `1d` at most"),
    ("long-session", {"identity": "{sign-in: [accounts: {}], sessions: {longest: 60d}}"}, "60d", "write `31d` at most"),
    ("key-without-effect", {"identity": "{sign-in: [accounts: {}], sessions: {idle: 5h, longest: 4h}}"}, "idle", "remove `idle`"),
    ("public-admin-console", {"identity": "{sign-in: [accounts: {}], keycloak: {admin-console: true}}"}, "true", "`local-port: 8081`"),
    ("long-share-link", {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, expires-after: 400d}", "roles": "{r: {can: [share], collections: all}}"}, "400d", "a shorter time"),
    ("long-share-link", {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, at-most: 400d}", "roles": "{r: {can: [share], collections: all}}"}, "400d", "a shorter time"),
    ("right-without-sign-in", {"signed_out": "{can: [view, settings], collections: [cardio]}"}, "settings", "give it to a role"),
    ("every-study-without-sign-in", {"signed_out": "{can: [view], collections: all}"}, "all", "`collections: [public]`"),
    ("overwrites-unseen-studies", {"archive": "{overwrite: true}", "signed_out": "{can: [everything], collections: [cardio]}"}, "true", "remove `overwrite`"),
    ("inbox-for-nobody", {"inbox": "{title: In, anonymous: true}"}, "true", "signed-out: {can: [upload]}"),
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
    (
        "instant-link-never-ends",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, instant-links: 0}", "roles": "{r: {can: [share], collections: all}}"},
        "0",
        "`1h`",
    ),
    (
        "share-link-never-ends",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, expires-after: 0}", "roles": "{r: {can: [share], collections: all}}"},
        "0",
        "write `expires-after: 90d`",
    ),
    (
        "link-outlives-limit",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, expires-after: 30d, at-most: 7d}", "roles": "{r: {can: [share], collections: all}}"},
        "30d",
        "raise `at-most`",
    ),
    ("release-with-known-weakness", {"release": '"26.4"'}, "26.4", 'take `release: "26.8"`'),
    ("unknown-release", {"release": '"26.9"'}, "26.9", "did you mean"),
    (
        "release-too-old",
        {"release": '"25.8"', "archive": "{worklists: true}"},
        "true",
        'write `release: "26.8"`',
    ),
    (
        "release-too-old",
        {"release": '"25.8"', "roles": "{reader: {can: [worklists], collections: all}}"},
        "worklists",
        "take a later release",
    ),
    (
        "release-too-new",
        {"viewers": "{ohif: {}}", "sharing": "{viewer: ohif, choices: [7d]}", "roles": "{r: {can: [share], collections: all}}"},
        "choices",
        "remove `choices`",
    ),
    ("unread-setting", {"archive": "{settings: {StableAgee: 3}}"}, "StableAgee", "use `archive.stable-after`: `StableAge` cannot be set here"),
    ("unread-setting", {"interface": "{settings: {EnableUplod: true}}"}, "EnableUplod", "EnableUpload"),
    ("wrong-kind-of-setting", {"archive": "{settings: {MetricsEnabled: yes}}"}, "MetricsEnabled", "`true` or `false`"),
    ("wildcard-title", {"archive": '{modalities: {ct: {aet: "*", host: 10.0.0.1}}}'}, "*", "each title"),
    (
        "shared-modality-identity",
        {"archive": "{modalities: {ct: {aet: CT, host: 10.0.0.1, may: [echo]}, pc: {aet: ct, host: 10.0.0.1, may: [find]}}}"},
        "ct",
        "give one another AET than `CT`",
    ),
    ("unusable-modality-address", {"archive": "{modalities: {ct: {aet: CT, host: 224.0.0.1}}}"}, "224.0.0.1", "calls from"),
    ("unusable-modality-address", {"archive": "{modalities: {ct: {aet: CT, host: 255.255.255.255}}}"}, "255.255.255.255", "calls from"),
    ("ipv6-for-dicom", {"archive": "{modalities: {ct: {aet: CT, host: 'fd00::1'}}}"}, "fd00::1", "IPv4 address"),
    (
        "ipv6-for-dicom",
        {"archive": "{dicom: {bind: 'fd00::2'}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}"},
        "fd00::2",
        "IPv4 address of the host",
    ),
    ("address-in-own-subnet", {"archive": "{modalities: {ct: {aet: CT, host: 10.7.0.9}}}", **SUBNETS}, "10.7.0.9", "nobody uses"),
    ("address-in-own-subnet", {"archive": "{settings: {OrthancPeers: {p: ['http://10.7.0.9/']}}}", **SUBNETS}, "http://10.7.0.9/", "nobody uses"),
    ("address-in-own-subnet", {"deployment": "{compose: {subnets: 10.7.0.0/24, bind: 10.7.0.1}}"}, "10.7.0.1", "nobody uses"),
    ("subnet-of-docker", {"deployment": "{compose: {subnets: 172.17.4.0/24}}"}, "172.17.4.0/24", "daemon.json"),
    ("setting-without-effect", {"archive": "{settings: {PythonScript: /x.py}}"}, "PythonScript", "remove it"),
    ("secret-in-settings", {"archive": '{settings: {OrthancPeers: {l: {Password: "x"}}}}'}, "Password", "{secret: "),
    ("protected-setting", {"archive": "{settings: {HttpsVerifyPeers: false}}"}, "HttpsVerifyPeers", ""),
    ("untranslated-language", {"institution": HTTPS[:-1] + ", languages: [tlh]}"}, "tlh", "translated: "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "changes", "place", "hint"),
    [pytest.param(*case, id=f"{case[0]}: {case[2]}") for case in CASES],
)
def test_a_contradiction_is_found_at_its_place_with_a_remedy(
    rule: str, changes: dict[str, Any], place: str, hint: str
) -> None:
    """The finding stands where the author has to change something, and says what."""
    found = [finding for finding in findings(**changes) if finding.rule.id == rule]

    assert len(found) == 1
    lines = dump_yaml(make_tree(**changes)).splitlines()
    at = lines[found[0].location.line - 1][found[0].location.column - 1 :]
    assert at.strip("'\"").startswith(place)
    assert hint in found[0].hint


def test_modalities_that_orthanc_tells_apart_are_left_alone() -> None:
    """One title at two addresses, or two ports of one modality with the same rights."""
    for second in (
        "{aet: CT, host: 10.0.0.2, may: [find]}",
        "{aet: CT, host: 10.0.0.1, port: 11112, may: [echo]}",
    ):
        modalities = f"{{modalities: {{a: {{aet: CT, host: 10.0.0.1, may: [echo]}}, b: {second}}}}}"
        rules = {finding.rule.id for finding in findings(archive=modalities)}
        assert "shared-modality-identity" not in rules


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"deployment": "{tls: {terminated-by: proxy}, compose: {bind: 192.0.2.1}}", "archive": "{dicom: {port: 80, bind: 192.0.2.2}}"},
            id="two addresses",
        ),
        pytest.param({"archive": "{dicom: {port: 443, publish: false}}"}, id="not published"),
        pytest.param({"archive": "{dicom: {port: 4243}}"}, id="no titles that gather"),
        pytest.param(
            {"archive": "{dicom: {port: 443}}", "deployment": "{tls: {own-authority: {}}, kubernetes: {}}"}, id="two Services of a cluster"
        ),
    ],
)  # fmt: skip
def test_a_port_that_nobody_else_has_is_left_alone(changes: dict[str, Any]) -> None:
    """The same number on another address, or of nothing that is published, is no contradiction."""
    assert [finding for finding in findings(**changes) if finding.rule.id == "duplicate-port"] == []


def test_the_small_profile_is_clean() -> None:
    """Nothing is found where nothing is wrong, so each case above shows its own defect."""
    assert findings() == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "pacs.localhost"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    """Names below `localhost` lead to this machine too (RFC 6761), and nowhere else."""
    changes = {
        "institution": f'{{name: Test, url: "http://{host}:8080"}}',
        "identity": f'{{sign-in: [accounts: {{}}], keycloak: {{server: "http://{host}:8081/keycloak"}}}}',
    }

    assert "plain-http" not in {finding.rule.id for finding in findings(**changes, deployment=None)}


@pytest.mark.parametrize(
    ("limited", "whole", "is_widened"),
    [
        pytest.param("view", "everything", False, id="everything-holds-view"),
        pytest.param("administer", "everything", True, id="everything-holds-no-administration"),
        pytest.param("administer", "everything, administer", False, id="both"),
        pytest.param("report", "view", True, id="view-holds-no-reports"),
        pytest.param("report", "upload", False, id="upload-holds-reports"),
        pytest.param("report", "everything", False, id="everything-holds-reports"),
    ],
)
def test_a_person_with_two_roles_can_do_on_every_study_what_one_can_do_on_some(
    limited: str, whole: str, *, is_widened: bool
) -> None:
    """A role for every study widens the words of a limited role that it does not hold itself."""
    roles = (
        f"{{some: {{can: [{limited}], collections: [cardio]}}, every: {{can: [{whole}], collections: all}}}}"
    )

    rules = [finding.rule.id for finding in findings(roles=roles, viewers="{ohif: {reports: signed-in}}")]

    assert ("merged-roles" in rules) is is_widened


def test_an_existing_realm_grants_roles_by_hand() -> None:
    """Without sign-in methods the realm is its administrators', and so are the grants."""
    server = "{keycloak: {server: 'https://sso.example.org', manage: clients-and-roles}}"
    roles = "{reader: {can: [view], collections: all}}"

    assert not [
        finding for finding in findings(identity=server, roles=roles) if finding.rule.id == "role-for-nobody"
    ]


def test_every_check_has_a_case() -> None:
    """A question that nobody ever answers wrongly in a test is not known to work."""
    contexts = [_context(changes) for _, changes, _, _ in CASES]
    unanswered = [question for question in CHECKS if not any(any(question(context)) for context in contexts)]

    assert [question.__name__ for question in unanswered] == []


def _context(changes: dict[str, Any]) -> CheckContext:
    document, _ = parse_yaml(dump_yaml(make_tree(**changes)), "p.yaml")
    return CheckContext(Profile.model_validate(document.value), document.value, document.locate)


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        ("{github: {client-id: a, client-secret: {secret: a}, trust-email: true}}", "`trust-email` for GitHub"),
        ("{google: {client-id: a, client-secret: {secret: a}, trust-email: true}}", "`trust-email` without `hosted-domain`"),
        ("{google: {client-id: a, client-secret: {secret: a}, hosted-domain: Clinic.example}}", "`Clinic.example` is not a domain"),
        ("{google: {client-id: a, client-secret: {secret: a}, hosted-domain: 'a.example,b.example'}}", "`a.example,b.example` is not a domain"),
        (f"{{{_OIDC}, link-by-email: true}}}}", "`link-by-email` without `trust-email`"),
    ],
)  # fmt: skip
def test_a_social_provider_is_trusted_for_what_it_vouches_for(way: str, problem: str) -> None:
    """Addresses are those of a domain that Google hosts, or unverified; Keycloak compares one domain as it is written."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        Profile.model_validate(make_tree(identity=f"{{sign-in: [{way}]}}"))


@pytest.mark.parametrize(
    ("span", "problem"),
    [
        ("0", "the time span is 0"),
        ("0s", "the time span is 0"),
        ("24856d", "longer than 24,855 days"),
        ("24855d", ""),
    ],
)
def test_a_sign_in_has_a_length_that_keycloak_can_count(span: str, problem: str) -> None:
    """With 0 nobody could sign in, and a realm with more than 31 bits of seconds is not imported."""
    tree = make_tree(identity=f"{{sign-in: [accounts: {{}}], sessions: {{longest: {span}}}}}")
    if not problem:
        assert Profile.model_validate(tree).identity.sessions.longest == 24855 * 86400
        return
    with pytest.raises(ValueError, match=problem):
        Profile.model_validate(tree)
