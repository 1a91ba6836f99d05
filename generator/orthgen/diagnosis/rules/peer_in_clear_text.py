"""A password for another server in clear text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orthgen.diagnosis.facts import addresses, containers
from orthgen.diagnosis.facts import orthanc as orthancs
from orthgen.findings import Finding, Rule, Severity
from orthgen.formats.loose_values import mapping
from orthgen.formats.yaml_io import Path
from orthgen.observed.model import ObservedDeployment, Orthanc

RULE = Rule(
    "peer-in-clear-text",
    Severity.WARNING,
    summary="Orthanc sends a password to a peer or a DICOMweb server at an `http://` address of another machine.",
    consequence="Anybody in the network between reads the password and the images.",
    remedy="Write the `https://` address, and let the other server answer it.",
    file="orthanc.json",
    example='{"OrthancPeers": {"research": ["http://research.example.org:8042/", "reception", "a-long-password-1"]}}',
    counterexample='{"OrthancPeers": {"research": ["https://research.example.org/", "reception", "a-long-password-1"]}}',
)
_PATHS: tuple[Path, ...] = (("OrthancPeers",), ("DicomWeb", "Servers"))


def check(deployment: ObservedDeployment) -> Iterator[Finding]:
    """Passwords leave the machine encrypted."""
    for orthanc in deployment.orthancs:
        for path in _PATHS:
            for name, value in mapping(orthanc.settings.get(*path)).items():
                url, key = _url(value)
                if (
                    not url.startswith("http://")
                    or not _has_password(value)
                    or _is_near(deployment, orthanc, url)
                ):
                    continue
                yield Finding(
                    RULE,
                    f"the password for `{name}` goes to `{addresses.origin(url)}` without encryption",
                    orthancs.place(orthanc, *path, name, key),
                    "write the `https://` address",
                )


def _url(value: object) -> tuple[str, str | int]:
    if isinstance(value, list) and value:
        return str(value[0]), 0
    return (str(value.get("Url") or ""), "Url") if isinstance(value, Mapping) else ("", 0)


def _has_password(value: object) -> bool:
    return (
        bool(value.get("Password"))
        if isinstance(value, Mapping)
        else isinstance(value, list) and len(value) > 2
    )


def _is_near(deployment: ObservedDeployment, orthanc: Orthanc, url: str) -> bool:
    """Whether the server is on this machine: its loopback address, or another container."""
    host = addresses.host(url)
    is_container = containers.service_at(deployment, host) is not None
    return (
        addresses.is_loopback(host)
        or is_container
        or (orthanc.service is not None and "." not in host)
        or "$" in url
    )
