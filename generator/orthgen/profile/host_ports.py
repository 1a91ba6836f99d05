"""Ports that the host publishes, with every default filled in, and the profile's key for each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from orthgen.profile.archive import Dicom

if TYPE_CHECKING:
    from orthgen.profile.root import Profile

STANDARD_PORTS = {"http": 80, "https": 443}


class HostPort(Struct, frozen=True):
    """A port of the host at an address (empty: all addresses). `is_written` is False for a default."""

    path: tuple[str, ...]
    name: str
    address: str
    port: int
    is_written: bool

    def meets(self, other: HostPort) -> bool:
        """Whether both are the same port; no address means all of them."""
        everywhere = {"", "0.0.0.0", "::"}  # noqa: S104 - what authors write
        same = self.address == other.address or not everywhere.isdisjoint({self.address, other.address})
        return same and self.port == other.port


class HostPorts(Struct, frozen=True):
    """Every port that the host publishes; `dicom` and `collections` are empty where DICOM is not published."""

    http: HostPort
    https: HostPort | None
    """Published where nginx ends TLS."""
    dicom: HostPort | None
    """Orthanc's own AET."""
    collections: tuple[HostPort, ...]
    """The AETs that gather studies, in the profile's order."""
    keycloak: HostPort | None

    def all(self) -> tuple[HostPort, ...]:
        """The ports in the profile's order."""
        single = (self.http, self.https, *self.of_dicom(), self.keycloak)
        return tuple(port for port in single if port is not None)

    def of_dicom(self) -> tuple[HostPort, ...]:
        """The ports of DICOM; none where DICOM is not published."""
        return (self.dicom, *self.collections) if self.dicom is not None else ()


def host_ports(profile: Profile) -> HostPorts:
    """The ports that the profile names, and those that follow from it."""
    dicom = _dicom_ports(profile)
    keycloak = profile.identity.keycloak.local_port
    return HostPorts(
        http=_web_port(profile, "http"),
        https=_web_port(profile, "https") if _ends_tls(profile) else None,
        dicom=dicom[0] if dicom else None,
        collections=dicom[1:],
        keycloak=HostPort(
            ("identity", "keycloak", "local-port"), "`local-port`", "127.0.0.1", keycloak, is_written=True
        )
        if keycloak is not None
        else None,
    )


def is_local(host: str) -> bool:
    """Whether a host is this machine, where nothing crosses a network."""
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")


def _ends_tls(profile: Profile) -> bool:
    tls = profile.deployment.tls
    return tls is not None and tls.terminated_by is None


def _web_port(profile: Profile, scheme: str) -> HostPort:
    compose, origin = profile.deployment.compose, urlsplit(profile.institution.url)
    written = compose.http_port if scheme == "http" else compose.https_port
    # The origin's own port is that of the protocol that browsers speak with this host.
    own = origin.port if (scheme == "https") == (profile.deployment.tls is not None) else None
    # A local trial is for the browsers of this machine.
    address = compose.bind or ("127.0.0.1" if is_local(origin.hostname or "") else "")
    name = f"{scheme}-port"
    port = written or own or STANDARD_PORTS[scheme]
    return HostPort(
        ("deployment", "compose", name), f"`{name}`", address, port, is_written=written is not None
    )


def _dicom_ports(profile: Profile) -> tuple[HostPort, ...]:
    """The port of Orthanc's own AET, then one for each AET that gathers studies."""
    archive = profile.archive
    rules = [rule for collection in profile.collections.values() for rule in collection.gather]
    aets = dict.fromkeys(rule.called_aet for rule in rules if rule.called_aet is not None)
    if archive.dicom is None and not archive.modalities and not aets:
        return ()
    dicom = archive.dicom or Dicom()
    if not dicom.publish:
        return ()
    address = dicom.bind or profile.deployment.compose.bind
    written = dicom.model_fields_set
    own = HostPort(
        ("archive", "dicom", "port"), "`archive.dicom.port`", address, dicom.port, "port" in written
    )
    return (
        own,
        *(
            HostPort(
                ("archive", "dicom", "collections-port"),
                f"the AET `{aet}`",
                address,
                dicom.collections_port + index,
                "collections_port" in written,
            )
            for index, aet in enumerate(aets)
        ),
    )
