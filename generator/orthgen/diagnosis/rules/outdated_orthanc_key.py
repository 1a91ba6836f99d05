"""Keys of Orthanc's configuration that are read for old configurations only."""

from __future__ import annotations

from collections.abc import Iterator

from orthgen.catalogue import at_least, data
from orthgen.diagnosis.facts.orthanc_keys import component_versions, newest_versions
from orthgen.findings import EditKind, Finding, Rule, Severity
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "outdated-orthanc-key",
    Severity.NOTE,
    summary="The key has a new name; Orthanc still reads the old one.",
    consequence="Nothing today. A later release may stop reading it.",
    remedy="Write the new name.",
    file="orthanc.json",
    example='{"RejectSopClasses": ["1.2.840.10008.5.1.4.1.1.2"]}',
    counterexample='{"RejectedSopClasses": ["1.2.840.10008.5.1.4.1.1.2"]}',
)


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Keys have their present names."""
    for orthanc in deployment.orthancs:
        versions = component_versions(orthanc) or newest_versions()
        for entry in data.read("superseded")["keys"]:
            path = tuple(entry["key"].split("."))
            has = versions.get(entry.get("component", ""), "")
            is_newer = not entry.get("removed") or (has and at_least(has, entry["removed"]))
            if entry.get("still-read") and is_newer and orthanc.settings.has(*path):
                use = entry["use"].split(".")
                yield Finding(
                    RULE,
                    f"`{entry['key']}` is the old name of `{entry['use']}`",
                    orthanc.settings.locate(path),
                    f"write `{use[-1]}`",
                    replacement="" if orthanc.settings.has(*use) else use[-1],
                    change=EditKind.NAME,
                )
