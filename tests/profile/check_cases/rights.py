"""Profiles that the checks of orthgen.profile.checks.rights complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("duplicate-label", {"collections": "{cardio: {renamed-from: heart}, neuro: {label: heart}}"}, "heart", "choose another `label`"),
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
    ("overwrites-unseen-studies", {"archive": "{overwrite: true}", "signed_out": "{can: [everything], collections: [cardio]}"}, "true", "remove `overwrite`"),
    ("inbox-for-nobody", {"inbox": "{title: In, anonymous: true}"}, "true", "signed-out: {can: [upload]}"),
    (
        "overwrites-unseen-studies",
        {"archive": "{settings: {OverwriteInstances: Always}}", "signed-out": "{can: [upload]}"},
        "Always",
        "remove `OverwriteInstances`",
    ),
    (
        "overwrites-unseen-studies",
        {"archive": "{settings: {OverwriteInstances: true}}", "signed-out": "{can: [upload]}"},
        "true",
        "remove `OverwriteInstances`",
    ),
]  # fmt: skip
