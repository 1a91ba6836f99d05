"""Whether Orthanc can tell the DICOM peers: by their titles, and by the addresses that it sees in its container."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import Subject

_IPV4_ONLY = (
    "the deployment's networks carry IPv4: what comes over IPv6 has the address of the host in them, which Orthanc "
    "does not take for a modality's"
)


def modalities_have_addresses_of_their_own(subject: Subject) -> Iterator[Finding]:
    """A modality is known by its title and its address, compared as they are written."""
    for name, modality in subject.profile.archive.modalities.items():
        place = ("archive", "modalities", name)
        if "*" in modality.aet:
            message = f"`{modality.aet}` is the title of nobody: Orthanc compares titles as they are written"
            yield subject.error(
                (*place, "aet"), message, "write a modality for each title", rule="nobodys-title"
            )
        address = ip_address(modality.host)
        if address.is_unspecified or address.is_multicast or address.is_loopback:
            message = f"`{modality.host}` is the address of no modality"
            hint = "write the address that it calls from; each modality has its own"
            yield subject.error((*place, "host"), message, hint, rule="nobodys-address")
        elif address.version == 6:
            message = f"Orthanc would never see `{modality.host}`"
            hint = f"write the modality's IPv4 address: {_IPV4_ONLY}"
            yield subject.error((*place, "host"), message, hint, rule="unseen-address")


def dicom_is_published_on_ipv4(subject: Subject) -> Iterator[Finding]:
    """Modalities that come over IPv6 would be refused, each and every one."""
    profile = subject.profile
    archive, web = profile.archive, profile.deployment.compose.bind
    is_given = archive.dicom is not None and bool(archive.dicom.bind)
    bind = archive.dicom.bind if archive.dicom is not None and is_given else web
    if bind and archive.modalities and ip_address(bind).version == 6:
        path = ("archive", "dicom", "bind") if is_given else ("deployment", "compose", "bind")
        hint = "write an IPv4 address of the host" + ("" if is_given else " as `archive.dicom.bind`")
        message = f"no modality gets in by `{bind}`"
        yield subject.error(path, message, f"{hint}: {_IPV4_ONLY}", rule="unseen-address")
