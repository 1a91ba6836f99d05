"""Labels that no list of labels has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import identity
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.loose_values import as_list
from orthgen.observed.model import AuthService, ObservedDeployment
from orthgen.spelling import Vocabulary, did_you_mean

_FILE = '{"roles": {"external": {"authorized-labels": ["LABEL"], "permissions": ["view"]}, "admin": {"authorized-labels": ["*"], "permissions": ["all", "admin-permissions"]}}, "available-labels": ["cardio", "neuro"]}'
RULE = Rule(
    "unknown-label",
    Severity.WARNING,
    summary="A role, Orthanc Explorer 2 or a DICOM server names a label that is not among the `available-labels`.",
    consequence="Studies get a label that no role sees, or a role waits for a label that nobody can put on a study.",
    remedy="Write the label as in `available-labels` of permissions.json, or add it there.",
    file="permissions.json",
    example=_FILE.replace("LABEL", "Cardio"),
    counterexample=_FILE.replace("LABEL", "cardio"),
    also=("labels-do-not-limit",),
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Every label is an available one."""
    for auth_service in deployment.auth_services:
        document = auth_service.permissions
        value = document.value if document is not None else None
        available = value.get("available-labels") if isinstance(value, Mapping) else None
        if document is None or not isinstance(available, list) or not available:
            continue
        related = ((document.locate(("available-labels",)), "available-labels"),)
        known = Vocabulary(str(label) for label in available)
        for what, label, location in _labels(deployment, auth_service):
            if label not in known and label != "*":
                yield Finding(
                    RULE,
                    f"{what} names the label `{label}`, which is not available",
                    location,
                    did_you_mean(label, known),
                    related=related,
                )


def _labels(deployment: ObservedDeployment, auth_service: AuthService) -> Iterator[tuple[str, str, Location]]:
    """Every label that is named: what names it, the label, its place."""
    document = auth_service.permissions
    for role, entry in identity.permission_roles(auth_service).items():
        key = (
            "authorized-labels"
            if isinstance(entry, Mapping) and "authorized-labels" in entry
            else "authorized_labels"
        )
        for index, label in enumerate(identity.labels_of(auth_service, role) or ()):
            if document is not None:
                yield f"role `{role}`", label, document.locate(("roles", role, key, index))
    for orthanc in deployment.orthancs:
        path = ("OrthancExplorer2", "UiOptions", "AvailableLabels")
        for index, label in enumerate(as_list(orthanc.settings.get(*path))):
            yield "Orthanc Explorer 2", str(label), orthanc.settings.locate((*path, index))
        for number, server in enumerate(as_list(orthanc.settings.get("MultitenantDicom", "Servers"))):
            for index, label in enumerate(
                as_list(server.get("Labels")) if isinstance(server, Mapping) else ()
            ):
                yield (
                    "a DICOM server",
                    str(label),
                    orthanc.settings.locate(("MultitenantDicom", "Servers", number, "Labels", index)),
                )
