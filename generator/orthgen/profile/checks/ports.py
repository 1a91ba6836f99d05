"""The ports of the host that the deployment is published at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct

from orthgen.findings import Rule, Severity
from orthgen.profile.checks.context import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import Subject
    from orthgen.profile.root import Profile


LOCAL_PORT_WITHOUT_KEYCLOAK = Rule(
    "local-port-without-keycloak",
    Severity.ERROR,
    summary="`local-port` leads to the Keycloak of the deployment, and the profile names a Keycloak "
    "elsewhere.",
    remedy="Remove `local-port`, or remove `server`.",
    example="""
        identity: {keycloak: {server: https://sso.example.org, local-port: 8081}}
    """,
)


def local_port_is_for_an_own_keycloak(subject: Subject) -> Iterator[Finding]:
    """A port that leads to Keycloak is for a Keycloak that the deployment carries."""
    keycloak = subject.profile.identity.keycloak
    if keycloak.local_port is not None and keycloak.server is not None:
        path = ("identity", "keycloak", "local-port")
        message = "the deployment carries no Keycloak that this port could lead to"
        yield subject.finding(LOCAL_PORT_WITHOUT_KEYCLOAK, path, message, "remove `local-port`, or `server`")


PORT_OUT_OF_RANGE = Rule(
    "port-out-of-range",
    Severity.ERROR,
    summary="Each AET that gathers gets a port of its own, counted up from `collections-port`, and "
    "the last one is above 65535.",
    remedy="Choose a lower `collections-port`.",
    example="""
        archive: {dicom: {collections-port: 65535}, modalities: {ct: {aet: CT, host: 10.0.0.1}}}
        collections: {cardio: {gather: [called-aet: CARDIO, called-aet: HEART]}}
    """,
)
DUPLICATE_PORT = Rule(
    "duplicate-port",
    Severity.ERROR,
    summary="Two services of the deployment are published at the same port of the host.",
    remedy="Choose another port for one of them.",
    example="""
        archive: {dicom: {port: 80, publish: true}}
    """,
)


def ports_are_distinct(subject: Subject) -> Iterator[Finding]:
    """Nothing is published twice on the host: neither what the author wrote nor what follows from it."""
    taken: list[_Published] = []
    for one in _published(subject.profile):
        other = next((before for before in taken if one.meets(before)), None)
        if one.port > 65535:
            message = f"there is no port {one.port} for {one.name}"
            yield subject.finding(PORT_OUT_OF_RANGE, one.path, message, "choose a lower `collections-port`")
        elif other is not None:
            # Where one of the two is a default, the other is what the author can change.
            at, owner = (one, other) if one.is_written or not other.is_written else (other, one)
            message = f"port {at.port} is that of {owner.name} already"
            yield subject.finding(DUPLICATE_PORT, at.path, message, "choose another port")
        taken.append(one)


class _Published(Struct, frozen=True):
    """A port of the host: at which address, for what, and where the profile says so."""

    path: tuple[str, ...]
    name: str
    address: str
    port: int
    is_written: bool

    def meets(self, other: _Published) -> bool:
        """Whether both are the same port; no address means all of them."""
        everywhere = {"", "0.0.0.0", "::"}  # noqa: S104 - what authors write
        same = self.address == other.address or not everywhere.isdisjoint({self.address, other.address})
        return same and self.port == other.port


def _published(profile: Profile) -> Iterator[_Published]:
    yield from _published_web(profile)
    yield from _published_dicom(profile)
    port = profile.identity.keycloak.local_port
    if port is not None:
        yield _Published(
            ("identity", "keycloak", "local-port"), "`local-port`", "127.0.0.1", port, is_written=True
        )


def _published_web(profile: Profile) -> Iterator[_Published]:
    compose, tls = profile.deployment.compose, profile.deployment.tls
    origin = urlsplit(profile.institution.url)
    address = compose.bind or ("127.0.0.1" if is_local(origin.hostname or "") else "")
    ends_tls = tls is not None and tls.terminated_by is None
    http = compose.http_port or (80 if tls is not None else origin.port or 80)
    names = [("http-port", http, compose.http_port)]
    if ends_tls:
        names.append(("https-port", compose.https_port or origin.port or 443, compose.https_port))
    for name, port, written in names:
        path = ("deployment", "compose", name)
        yield _Published(path, f"`{name}`", address, port, written is not None)


def _published_dicom(profile: Profile) -> Iterator[_Published]:
    archive = profile.archive
    rules = [rule for collection in profile.collections.values() for rule in collection.gather]
    aets = dict.fromkeys(rule.called_aet for rule in rules if rule.called_aet is not None)
    dicom = archive.dicom
    if not (dicom.publish if dicom is not None else archive.modalities or aets):
        return
    address = (dicom.bind if dicom is not None else "") or profile.deployment.compose.bind
    written = dicom.model_fields_set if dicom is not None else set()
    own = dicom.port if dicom is not None else 4242
    first = dicom.collections_port if dicom is not None else 4243
    path = ("archive", "dicom", "port")
    yield _Published(path, "`archive.dicom.port`", address, own, "port" in written)
    for index, aet in enumerate(aets):
        path = ("archive", "dicom", "collections-port")
        yield _Published(path, f"the AET `{aet}`", address, first + index, "collections_port" in written)
