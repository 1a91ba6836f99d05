"""`archive`: Orthanc's own title, its DICOM port and peers, and how it treats what arrives."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import name_like, time_span, truth, whole_number
from orthgen.deployment import naming
from orthgen.formats.loose_values import mapping, mappings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.observed.service_model import Port

_DEFAULT_AET = "ORTHANC"
_DEFAULT_PORT = 4242
_STABLE_SECONDS = 60
_ARCHIVE, _MODALITIES = ("archive",), ("archive", "modalities")
# What a peer may do where its entry says nothing (Orthanc 1.12 and 1.13: everything), in the profile's words.
_COMMANDS = {
    "AllowEcho": "echo",
    "AllowFind": "find",
    "AllowFindWorklist": "find-worklist",
    "AllowGet": "get",
    "AllowMove": "move",
    "AllowStore": "store",
}
# Orthanc asks nobody who they are for these, unless told to (Orthanc 1.12 and 1.13).
_ALWAYS = {
    "DicomAlwaysAllowEcho": True,
    "DicomAlwaysAllowStore": True,
    "DicomAlwaysAllowFind": False,
    "DicomAlwaysAllowGet": False,
}


def state_archive(original: OriginalDeployment, draft: Draft) -> None:
    """State Orthanc's title, ports and peers, and what it does with what arrives."""
    aet = original.get("DicomAet")
    if isinstance(aet, str) and aet != _DEFAULT_AET:
        draft.state((*_ARCHIVE, "aet"), aet, original.at("DicomAet"))
    _state_dicom(original, draft)
    _state_modalities(original, draft)
    overwrite = original.get("OverwriteInstances")
    if overwrite not in (None, False, "Never", "false"):
        draft.state((*_ARCHIVE, "overwrite"), True, original.at("OverwriteInstances"))
    stable = whole_number(original.get("StableAge"))
    if stable is not None and stable != _STABLE_SECONDS:
        draft.state((*_ARCHIVE, "stable-after"), time_span(stable), original.at("StableAge"))
    if truth(original.get("Authorization", "EnableAuditLogs")):
        draft.state((*_ARCHIVE, "audit-log"), True, original.at("Authorization", "EnableAuditLogs"))
    _state_worklists(original, draft)


def _state_worklists(original: OriginalDeployment, draft: Draft) -> None:
    if truth(original.get("Worklists", "Enable")):
        draft.state((*_ARCHIVE, "worklists"), True, original.at("Worklists", "Enable"))
        folder = ("Worklists", "Directory")
        if truth(original.get("Worklists", "SaveInOrthancDatabase")) is not True and original.settings.has(
            *folder
        ):
            draft.note(
                NoteKind.CHANGED,
                f"worklists are files in `{original.get(*folder)}`",
                "they are kept in Orthanc's database: programs post them to `/worklists/create` instead of writing files",
                original.at(*folder),
            )


def _state_dicom(original: OriginalDeployment, draft: Draft) -> None:
    """State the published DICOM ports, and note which strangers may store today."""
    if truth(original.get("DicomServerEnabled")) is False:
        return
    ports = _dicom_ports(original)
    if ports:
        _state_ports(draft, ports, web_address=_web_address(original))
    elif (
        original.orthanc_service is not None
        and draft.has(("collections",))
        and original.settings.has("MultitenantDicom")
    ):
        draft.state(
            (*_ARCHIVE, "dicom", "publish"), False, original.orthanc_service.definition.locate(("ports",))
        )
    has_peers = bool(original.get("DicomModalities"))
    if ports and not has_peers and not draft.has((*_ARCHIVE, "dicom")):
        draft.state((*_ARCHIVE, "dicom"), {}, *(port.location for port in ports))
    if original.is_rendered:
        return
    for key, default in _ALWAYS.items():
        value = truth(original.get(key))
        if (default if value is None else value) and (ports or has_peers):
            deed = key.removeprefix("DicomAlwaysAllow").lower()
            draft.note(
                NoteKind.CHANGED,
                f"any DICOM peer may {deed}, without an entry in `DicomModalities`"
                + ("" if original.settings.has(key) else f" (`{key}` is not set, and true by default)"),
                f"only peers below `archive.modalities` with `may: [{deed}]` can: list every device that does it today",
                *([original.at(key)] if original.settings.has(key) else []),
            )


def _dicom_ports(original: OriginalDeployment) -> list[Port]:
    """Orthanc's published DICOM ports: its own, then those of the titles that gather studies."""
    service = original.orthanc_service
    if service is None:
        return []
    own = str(whole_number(original.get("DicomPort")) or _DEFAULT_PORT)
    servers = original.get("MultitenantDicom", "Servers")
    others = [str(server.get("Port")) for _, server in mappings(servers)]
    return [port for target in (own, *others) for port in service.ports if port.target == target]


def _web_address(original: OriginalDeployment) -> str:
    edge = original.edge
    return edge.ports[0].host if edge is not None and edge.ports else ""


def _state_ports(draft: Draft, ports: list[Port], *, web_address: str) -> None:
    path = (*_ARCHIVE, "dicom")
    own, *others = ports
    if own.host and own.host != web_address:
        draft.state((*path, "bind"), own.host, own.location)
    published = whole_number(own.published)
    if published is not None and published != _DEFAULT_PORT:
        draft.state((*path, "port"), published, own.location)
    first = whole_number(others[0].published) if others else None
    if first is not None and first != naming.COLLECTIONS_DICOM_PORT:
        draft.state((*path, "collections-port"), first, others[0].location)


def _state_modalities(original: OriginalDeployment, draft: Draft) -> None:
    modalities = original.get("DicomModalities")
    if not isinstance(modalities, dict):
        return
    taken: set[str] = set()
    for key, value in modalities.items():
        name = name_like(key)
        while name in taken:
            name += "-2"
        taken.add(name)
        _state_modality(original, draft, key, name, _modality(value))
        if name != key:
            draft.note(
                NoteKind.CHANGED,
                f"the modality `{key}`",
                f"is called `{name}`: correct programs that use `/modalities/{key}`",
                original.at("DicomModalities", key),
            )
    if truth(original.get("DicomModalitiesInDatabase")):
        draft.note(
            NoteKind.LEFT_OUT,
            "modalities are kept in Orthanc's database",
            "add each to `archive.modalities`; `curl …/modalities?expand` on the running Orthanc lists them",
            original.at("DicomModalitiesInDatabase"),
        )


def _modality(value: Any) -> Mapping[str, Any]:
    """A modality, whether Orthanc was given a list or a mapping."""
    if isinstance(value, list):
        return dict(zip(("AET", "Host", "Port", "Manufacturer"), value, strict=False))
    return mapping(value)


def _state_modality(
    original: OriginalDeployment, draft: Draft, key: str, name: str, peer: Mapping[str, Any]
) -> None:
    def place(member: str) -> Location:
        return original.at("DicomModalities", key, member)

    path = (*_MODALITIES, name)
    draft.state((*path, "aet"), peer.get("AET"), place("AET"))
    host = str(peer.get("Host", ""))
    if _is_address(host):
        draft.state((*path, "host"), host, place("Host"))
    else:
        draft.fill_in(
            (*path, "host"),
            f"the IP address of `{host}`, because Orthanc compares it with the caller's; `getent hosts {host}` says it",
            place("Host"),
            stand_in="192.0.2.1",
        )
    port = whole_number(peer.get("Port"))
    if port is not None and port != 104:
        draft.state((*path, "port"), port, place("Port"))
    may = [word for command, word in _COMMANDS.items() if truth(peer.get(command)) is not False]
    if may != ["echo", "store"]:
        draft.state((*path, "may"), may, place("AET"))
    if (maker := peer.get("Manufacturer")) and maker != "Generic":
        draft.state((*path, "manufacturer"), maker, place("Manufacturer"))
    if truth(peer.get("UseDicomTls")):
        draft.note(
            NoteKind.LEFT_OUT,
            f"`{key}` speaks DICOM over TLS",
            "the profile has no word for it: keep this peer behind a TLS tunnel, or let it speak DICOM on a network of its own",
            place("UseDicomTls"),
        )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
