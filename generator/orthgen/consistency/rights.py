"""Consistency of roles and labels between the files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.consistency.facts import consistency_rule, disagreement, section
from orthgen.consistency.parsed_files import ORTHANC, PERMISSIONS, REALM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Finding

LUA = "orthanc/labels-settings.lua"


MISSING_REALM_ROLE = consistency_rule(
    "missing-realm-role",
    "`permissions.json` or a mapper names a role that the realm does not have.",
    file="auth-service/permissions.json",
    example="""
        - "radiologist": {
        + "radiologists": {
    """,
)


def roles(files: ParsedFiles) -> Iterator[Finding]:
    """Every role of permissions.json is a realm role that is not composite; every mapper grants such a role."""
    if REALM not in files.documents:
        return
    granted = set(files.get(PERMISSIONS, "roles") or ())
    plain = {
        str(role.get("name"))
        for role in files.get(REALM, "roles", "realm") or ()
        if not role.get("composite")
    }
    for name in sorted(granted - plain):
        place = files.locate(PERMISSIONS, ("roles", name))
        yield disagreement(
            MISSING_REALM_ROLE,
            f"the realm has no role `{name}`",
            place,
            (files.locate(REALM, ("roles",)), "roles"),
        )
    for index, mapper in enumerate(files.get(REALM, "identityProviderMappers") or ()):
        role = (mapper.get("config") or {}).get("role")
        if role is not None and role not in plain:
            location = files.locate(REALM, ("identityProviderMappers", index, "config", "role"))
            yield disagreement(
                MISSING_REALM_ROLE, f"a mapper grants `{role}`, which the realm does not have", location
            )


LABELS_DIFFER = consistency_rule(
    "labels-differ",
    "The lists of labels of the auth-service and of Orthanc Explorer 2 differ.",
    file="orthanc/orthanc.json",
    example="""
        - "AvailableLabels": ["cardio", "neuro"]
        + "AvailableLabels": ["cardio", "Neuro"]
    """,
)


def labels(files: ParsedFiles) -> Iterator[Finding]:
    """The labels of permissions.json and of Orthanc Explorer 2 are the same list."""
    available = list(files.get(PERMISSIONS, "available-labels") or ())
    offered = list(section(files, "OrthancExplorer2", "UiOptions", "AvailableLabels") or ())
    place = files.locate(PERMISSIONS, ("available-labels",))
    if sorted(available) != sorted(offered):
        location = files.locate(ORTHANC, ("OrthancExplorer2", "UiOptions", "AvailableLabels"))
        message = f"Orthanc Explorer 2 offers {offered}, the auth-service {available}"
        yield disagreement(LABELS_DIFFER, message, location, (place, "available-labels"))
    for role, settings in (files.get(PERMISSIONS, "roles") or {}).items():
        for index, label in enumerate(settings.get("authorized-labels", ())):
            if label != "*" and label not in available:
                location = files.locate(PERMISSIONS, ("roles", role, "authorized-labels", index))
                yield disagreement(
                    LABELS_DIFFER,
                    f"`{role}` may see `{label}`, which is not an available label",
                    location,
                    (place, "available-labels"),
                )


GATHERED_LABEL_UNKNOWN = consistency_rule(
    "gathered-label-unknown",
    "A rule puts a label on studies that no role can be limited to.",
    file="orthanc/labels-settings.lua",
    example="""
        - "cardio"
        + "kardio"
    """,
)


def gathered_labels(files: ParsedFiles) -> Iterator[Finding]:
    """Rules put on only labels that somebody knows."""
    available = set(files.get(PERMISSIONS, "available-labels") or ())
    for index, server in enumerate(section(files, "MultitenantDicom", "Servers") or ()):
        for position, label in enumerate(server.get("Labels", ())):
            if label not in available:
                location = files.locate(ORTHANC, ("MultitenantDicom", "Servers", index, "Labels", position))
                yield disagreement(
                    GATHERED_LABEL_UNKNOWN,
                    f"`{label}` is put on studies, but is not an available label",
                    location,
                )
    for match in re.finditer(r'label\s*=\s*"(?P<label>[^"]*)"', files.texts.get(LUA, "")):
        if match["label"] not in available:
            location = files.locate_text(LUA, match[0])
            yield disagreement(
                GATHERED_LABEL_UNKNOWN,
                f"`{match['label']}` is put on studies, but is not an available label",
                location,
            )
