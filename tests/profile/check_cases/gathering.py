"""Profiles that the checks of orthgen.profile.checks.gathering complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("long-pattern", {"collections": f"{{cardio: {{gather: [tags: {{StudyDescription: 'short|*{'é' * 129}*'}}]}}}}"}, f"short|*{'é' * 129}*", "and `*`"),
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
    (
        "no-date-of-dicom",
        {"collections": "{trial: {gather: [tags: {StudyDate: 20240101-20241231}]}}"},
        "20240101-20241231",
        "no ranges",
    ),
    (
        "no-date-of-dicom",
        {"collections": "{trial: {gather: [tags: {'0008,0020': 2024-*}]}}"},
        "2024-*",
        "`2024*` a year",
    ),
]  # fmt: skip
