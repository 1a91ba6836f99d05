"""Checks of DICOM peers: distinct AETs, and addresses that Orthanc sees in its container."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from orthgen.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.archive import Modality
    from orthgen.profile.checks.context import CheckContext

_IPV4_ONLY = (
    "the deployment's networks carry IPv4: what comes over IPv6 has the address of the host in them, which Orthanc "
    "does not take for a modality's"
)


WILDCARD_TITLE = Rule(
    "wildcard-title",
    Severity.ERROR,
    summary="Orthanc reads no `*` in an application entity title as any text. A title with `*` is the title of no "
    "modality.",
    remedy="Write one modality for each title.",
    example="""
        archive: {modalities: {ct: {aet: "*", host: 10.0.0.1}}}
    """,
)
UNUSABLE_MODALITY_ADDRESS = Rule(
    "unusable-modality-address",
    Severity.ERROR,
    summary="The address is a loopback, multicast, broadcast, reserved or unspecified address, from which no modality calls.",
    remedy="Write the address that the modality calls from.",
    example="""
        archive: {modalities: {ct: {aet: CT, host: 127.0.0.1}}}
    """,
)
IPV6_FOR_DICOM = Rule(
    "ipv6-for-dicom",
    Severity.ERROR,
    summary="The networks of the deployment carry IPv4. Orthanc never sees the IPv6 address of a "
    "modality and refuses it.",
    remedy="Write IPv4 addresses for modalities and for the port of DICOM.",
    example="""
        archive: {modalities: {ct: {aet: CT, host: "fd00::1"}}}
    """,
)


def modalities_have_addresses_of_their_own(context: CheckContext) -> Iterator[Finding]:
    """A modality is known by its title and its address; neither has a wildcard."""
    for name, modality in context.profile.archive.modalities.items():
        place = ("archive", "modalities", name)
        if "*" in modality.aet:
            message = f"`{modality.aet}` matches no modality: Orthanc reads no wildcard in an AET"
            yield context.finding(WILDCARD_TITLE, (*place, "aet"), message, "write a modality for each title")
        address = ip_address(modality.host)
        # `is_reserved`: 240.0.0.0/4 with the broadcast address; of IPv6, the next finding says what matters.
        is_reserved = address.version == 4 and address.is_reserved
        if address.is_unspecified or address.is_multicast or address.is_loopback or is_reserved:
            message = f"`{modality.host}` cannot be the address of a modality"
            hint = "write the address that it calls from; each modality has its own"
            yield context.finding(UNUSABLE_MODALITY_ADDRESS, (*place, "host"), message, hint)
        elif address.version == 6:
            message = f"Orthanc would never see `{modality.host}`"
            hint = f"write the modality's IPv4 address: {_IPV4_ONLY}"
            yield context.finding(IPV6_FOR_DICOM, (*place, "host"), message, hint)


SHARED_MODALITY_IDENTITY = Rule(
    "shared-modality-identity",
    Severity.ERROR,
    summary="Two modalities with different rights have one title and one address. Orthanc knows a modality by these two, and "
    "ignores upper and lower case in the title, so each has the rights of both.",
    remedy="Write one modality with the rights of both, or give one another title.",
    example="""
        archive:
          modalities:
            ct: {aet: CT, host: 10.0.0.1, may: [echo]}
            workstation: {aet: ct, host: 10.0.0.1, may: [echo, find, get]}
    """,
)


def modalities_have_rights_of_their_own(context: CheckContext) -> Iterator[Finding]:
    """
    No modality has the rights of another one.

    Orthanc (1.12.7, 1.13.0) allows a command if one of the entries with the caller's title and address allows it. With
    `StrictAetComparison: false`, its default, titles are equal in any case.
    """
    earlier: dict[tuple[str, str], tuple[str, Modality]] = {}
    for name, modality in context.profile.archive.modalities.items():
        key = (modality.aet.upper(), str(ip_address(modality.host)))
        other_name, other = earlier.setdefault(key, (name, modality))
        if set(modality.may) != set(other.may):
            message = f"Orthanc cannot tell `{name}` and `{other_name}` apart, so each has the rights of both"
            hint = f"write one modality that may do what both may, or give one another AET than `{other.aet}`"
            place = ("archive", "modalities", name, "aet")
            yield context.finding(SHARED_MODALITY_IDENTITY, place, message, hint)


def dicom_is_published_on_ipv4(context: CheckContext) -> Iterator[Finding]:
    """Modalities that come over IPv6 would be refused, each and every one."""
    profile = context.profile
    archive, web = profile.archive, profile.deployment.compose.bind
    is_given = archive.dicom is not None and bool(archive.dicom.bind)
    bind = archive.dicom.bind if archive.dicom is not None and is_given else web
    if bind and archive.modalities and ip_address(bind).version == 6:
        path = ("archive", "dicom", "bind") if is_given else ("deployment", "compose", "bind")
        hint = "write an IPv4 address of the host" + ("" if is_given else " as `archive.dicom.bind`")
        message = f"no modality can connect to `{bind}`"
        yield context.finding(IPV6_FOR_DICOM, path, message, f"{hint}: {_IPV4_ONLY}")
