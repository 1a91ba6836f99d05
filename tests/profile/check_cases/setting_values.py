"""Profiles that the checks of orthgen.profile.checks.setting_values complain about."""

from __future__ import annotations

from tests.profile.check_cases.values import Case

CASES: list[Case] = [
    ("refused-value-of-setting", {"archive": '{settings: {OverwriteInstances: "yes"}}'}, "OverwriteInstances", "`Always`, `Never`, `IfChanged`"),
    ("refused-value-of-setting", {"archive": "{settings: {OverwriteInstances: 3}}"}, "OverwriteInstances", "`Always`"),
    ("refused-value-of-setting", {"archive": "{settings: {StorageAccessOnFind: never}}"}, "StorageAccessOnFind", "`Never`"),
    ("refused-value-of-setting", {"archive": "{settings: {DefaultEncoding: utf-8}}"}, "DefaultEncoding", "`Utf8`"),
    ("refused-value-of-setting", {"archive": "{settings: {IngestTranscoding: jpeg}}"}, "IngestTranscoding", "such as `1.2.840.10008.1.2`"),
    ("refused-value-of-setting", {"archive": "{settings: {DicomWeb: {SeriesMetadata: full}}}"}, "SeriesMetadata", "`Full`"),
    ("refused-value-of-setting", {"interface": "{settings: {StudyListSearchMode: button}}"}, "StudyListSearchMode", "`search-button`"),
    (
        "refused-value-of-setting",
        {"archive": "{modalities: {ct: {aet: CT, host: 10.0.0.1, manufacturer: vitrea}}}"},
        "vitrea",
        "`Vitrea`",
    ),
    (
        "refused-value-of-setting",
        {
            "archive": "{modalities: {ct: {aet: CT, host: 10.0.0.1}}, settings: {DicomModalities: {ct: {RetrieveMethod: GET}}}}"
        },
        "RetrieveMethod",
        "`C-GET`",
    ),
    ("unknown-tag-in-setting", {"archive": "{settings: {ExtraMainDicomTags: {Study: [Modalty]}}}"}, "Modalty", "`Modality`"),
    (
        "unknown-tag-in-setting",
        {"archive": "{settings: {DicomWeb: {SeriesMetadataExtrapolatedTags: [Modalty]}}}"},
        "Modalty",
        "`Modality`",
    ),
    ("private-tag-definition", {"archive": "{settings: {Dictionary: {Mine: [LO, Mine, 1, 1]}}}"}, "Mine", "`0011,1010`"),
    ("private-tag-definition", {"archive": "{settings: {Dictionary: {'0011,1010': [LO]}}}"}, "0011,1010", "`[LO, SiteNumber,"),
    (
        "refused-value-of-setting",
        {"archive": "{settings: {OrthancPeers: {lyon: {Url: lyon.example.org}}}}"},
        "Url",
        "write a web address that begins with `https://`",
    ),
    ("peer-definition", {"archive": "{settings: {OrthancPeers: {ly/on: {Url: 'https://x.example.org'}}}}"}, "ly/on", "write `ly-on`"),
    ("peer-definition", {"archive": "{settings: {OrthancPeers: {lyon: {Timeout: 5}}}}"}, "lyon", "write `{Url: https://…}`"),
    ("peer-definition", {"archive": "{settings: {OrthancPeers: {lyon: [a, b]}}}"}, "lyon", "write `{Url: https://…}`"),
    (
        "setting-of-no-modality",
        {"archive": "{modalities: {ct1: {aet: CT, host: 10.0.0.1}}, settings: {DicomModalities: {ct: {RetrieveMethod: C-GET}}}}"},
        "ct",
        "did you mean `ct1`?",
    ),
]  # fmt: skip
