"""Profiles that the checks of orthgen.profile.checks.references complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("unknown-collection", {"roles": "{reader: {can: [view], collections: [cardo]}}"}, "cardo", "did you mean `cardio`?"),
    ("unknown-collection", {"signed_out": "{can: [view], collections: [x]}"}, "x", "define it below `collections:`"),
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
]  # fmt: skip
