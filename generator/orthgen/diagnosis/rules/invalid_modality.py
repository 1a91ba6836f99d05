"""A modality, or a peer, that Orthanc cannot read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.observed.model import ObservedDeployment

RULE = Rule(
    "invalid-modality",
    Severity.ERROR,
    summary="An entry of `DicomModalities` lacks its title, its host or its port, or an entry of `OrthancPeers` is neither a list nor an object.",
    consequence="Orthanc stops at its start: `Uncaught exception, stopping now: [Bad file format]`.",
    remedy='Write `["AET", "HOST", PORT]`, or an object with `AET`, `Host` and `Port`; a peer is `["URL", "NAME", "PASSWORD"]` or an '
    "object with `Url`.",
    file="orthanc.json",
    example='{"DicomModalities": {"ct": ["CT1", "10.0.0.21"]}}',
    counterexample='{"DicomModalities": {"ct": ["CT1", "10.0.0.21", 104]}}',
)
_PARTS = ("AET", "Host", "Port")


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Orthanc reads every modality and every peer."""
    for orthanc in deployment.orthancs:
        for name, value in mapping(orthancs.setting(orthanc, "DicomModalities")).items():
            problem = _modality_problem(value)
            if problem:
                yield Finding(
                    RULE,
                    f"modality `{name}` {problem}",
                    orthancs.place(orthanc, "DicomModalities", name),
                    'write `["AET", "HOST", PORT]`',
                )
        for name, value in mapping(orthancs.setting(orthanc, "OrthancPeers")).items():
            if not isinstance(value, list) and not (isinstance(value, Mapping) and value.get("Url")):
                yield Finding(
                    RULE,
                    f"peer `{name}` is neither a list nor an object with `Url`",
                    orthancs.place(orthanc, "OrthancPeers", name),
                    'write `["URL"]`, or `["URL", "NAME", "PASSWORD"]`',
                )


def _modality_problem(value: object) -> str:
    if isinstance(value, Mapping):
        missing = [f"`{part}`" for part in _PARTS if part not in value]
        if missing:
            return f"has no {' and no '.join(missing)}"
        port = value["Port"]
    elif isinstance(value, list):
        if len(value) < len(_PARTS):
            return f"has {len(value)} of the parts title, host and port"
        port = value[2]
    else:
        return "is neither a list nor an object"
    text = str(port)
    is_number = text.isdigit() and 0 < int(text) <= 65535
    return "" if is_number or "$" in text else f"has the port `{text}`"
