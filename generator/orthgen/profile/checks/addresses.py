"""The public origin, its paths, and the ports of the host; and how long links to them live."""

from __future__ import annotations

import re
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

# First path elements that Orthanc, its plugins and Orthanc Explorer 2 answer to (Orthanc 1.12.9 to 1.13.0).
_ORTHANC_OWN = frozenset(
    [
        "app",
        "auth",
        "changes",
        "dicom-web",
        "exports",
        "instances",
        "jobs",
        "modalities",
        "orthanc-explorer-2",
        "osimis-viewer",
        "patients",
        "peers",
        "plugins",
        "queries",
        "series",
        "statistics",
        "stl",
        "stone-webviewer",
        "storage",
        "studies",
        "system",
        "tools",
        "ui",
        "volview",
        "wado",
        "web-viewer",
        "wsi",
        "worklists",
    ]
)


PLAIN_HTTP = Rule(
    "plain-http",
    Severity.ERROR,
    summary="The address of the deployment, or of its Keycloak, is plain http and is not localhost: "
    "tokens and images cross the network unencrypted, and browsers refuse to sign in.",
    remedy="Write `https://`, and say in `deployment.tls` who ends TLS; `own-authority: {}` needs no "
    "public name.",
    example="""
        institution: {url: http://pacs.example.org}
    """,
)
TLS_FOR_HTTP = Rule(
    "tls-for-http",
    Severity.ERROR,
    summary="The profile sets up TLS, and the address of the deployment begins with `http://`.",
    remedy="Write `https://` in `institution.url`, or remove `deployment.tls`.",
    example="""
        deployment: {tls: {own-authority: {}}}
    """,
)
NO_TLS = Rule(
    "no-tls",
    Severity.ERROR,
    summary="The address begins with `https://`, and nothing in the profile says who ends TLS.",
    remedy="Add `deployment: {tls: …}` with certificate files, `letsencrypt`, `own-authority: {}`, "
    "or `terminated-by: proxy`.",
    example="""
        institution: {url: https://pacs.example.org}
    """,
)
LETSENCRYPT_FOR_PRIVATE_HOST = Rule(
    "letsencrypt-for-private-host",
    Severity.ERROR,
    summary="Let's Encrypt certifies public host names only, no IP address and not localhost.",
    remedy="Use a public host name, `own-authority: {}`, or certificate files.",
    example="""
        institution: {url: https://10.0.0.1}
        deployment: {tls: {letsencrypt: {email: it@example.org}}}
    """,
)


def the_origin_is_encrypted(subject: Subject) -> Iterator[Finding]:
    """Plain http is for localhost only; https says who ends TLS."""
    origin = urlsplit(subject.profile.institution.url)
    tls = subject.profile.deployment.tls
    host = origin.hostname or ""
    if origin.scheme == "http" and not is_local(host):
        hint = (
            "write `https://`: tokens and images would cross the network in the clear, and browsers refuse to sign in there; "
            "without a public name: `deployment: {tls: {own-authority: {}}}`"
        )
        yield subject.finding(PLAIN_HTTP, ("institution", "url"), "plain http outside localhost", hint)
    if origin.scheme == "http" and tls is not None:
        yield subject.finding(
            TLS_FOR_HTTP,
            ("deployment", "tls"),
            "TLS for an http address",
            "write `https://` in `institution.url`",
        )
    if origin.scheme == "https" and tls is None and subject.is_whole:
        hint = "add `deployment: {tls: {certificate: …, key: …}}`, or `letsencrypt: {email: …}`, or `own-authority: {}`, or `terminated-by: proxy`"
        yield subject.finding(NO_TLS, ("institution", "url"), "nothing says who ends TLS", hint)
    if (
        tls is not None
        and tls.letsencrypt is not None
        and (is_local(host) or re.fullmatch(r"[0-9.]+|.*:.*", host))
    ):
        hint = "use a public host name, `own-authority: {}`, or certificate files"
        yield subject.finding(
            LETSENCRYPT_FOR_PRIVATE_HOST,
            ("deployment", "tls", "letsencrypt"),
            f"Let's Encrypt cannot certify `{host}`",
            hint,
        )
    server = subject.profile.identity.keycloak.server
    if server is not None and server.startswith("http://") and not is_local(urlsplit(server).hostname or ""):
        yield subject.finding(
            PLAIN_HTTP,
            ("identity", "keycloak", "server"),
            "plain http outside localhost",
            "write `https://`",
        )


DUPLICATE_PATH = Rule(
    "duplicate-path",
    Severity.ERROR,
    summary="Two services share a path of the public address, or one lies below the other.",
    remedy="Give each service a path of its own.",
    example="""
        institution: {paths: {ohif: /keycloak/}}
        viewers: {ohif: {}}
    """,
    also=("ohif-path-not-served",),
)
PATH_OF_ORTHANC = Rule(
    "path-of-orthanc",
    Severity.ERROR,
    summary="A service has a path that Orthanc, Orthanc Explorer 2 or a plugin answers to.",
    remedy="Choose another path, such as `/ohif/`.",
    example="""
        institution: {paths: {keycloak: /studies/}}
    """,
)


def paths_do_not_overlap(subject: Subject) -> Iterator[Finding]:
    """No two services share a path, and none hides a path of Orthanc's."""
    profile = subject.profile
    paths = profile.institution.paths
    used = {"orthanc": paths.orthanc}
    if profile.viewers.ohif is not None and profile.viewers.ohif.serve == "container":
        used["ohif"] = paths.ohif
    if profile.identity.keycloak.server is None:
        used["keycloak"] = paths.keycloak
    written = profile.institution.paths.model_fields_set
    names = list(used)
    for index, name in enumerate(names):
        others = [other for other in names[:index] if _collide(used[name], used[other], other)]
        if others:
            # Where one of the two is a default, the other is what the author can change.
            at = name if name in written else others[0]
            message = f"`{used[at]}` is used by `{others[0]}` and `{name}`"
            hint = "give each service its own path"
            yield subject.finding(DUPLICATE_PATH, ("institution", "paths", at), message, hint)
        elif name != "orthanc" and _is_orthancs(used[name], used["orthanc"]):
            message = f"`{used[name]}` is a path that Orthanc itself answers to"
            hint = f"choose another one, such as `/{name}/`"
            yield subject.finding(PATH_OF_ORTHANC, ("institution", "paths", name), message, hint)


OHIF_PATH_NOT_SERVED = Rule(
    "ohif-path-not-served",
    Severity.ERROR,
    summary="OHIF's container is built for the path `/ohif/` and serves no other.",
    remedy="Remove `paths.ohif`, or let Orthanc serve OHIF with `viewers: {ohif: {serve: plugin}}`.",
    example="""
        institution: {paths: {ohif: /viewer/}}
        viewers: {ohif: {}}
    """,
)


def ohif_is_where_its_image_is_built_for(subject: Subject) -> Iterator[Finding]:
    """OHIF's container serves `/ohif/` and nothing else: the image is built for that path (25.8 to 26.4.1)."""
    profile = subject.profile
    ohif, path = profile.viewers.ohif, profile.institution.paths.ohif
    if ohif is not None and ohif.serve == "container" and path != "/ohif/":
        message = f"OHIF's container cannot serve `{path}`: its image is built for `/ohif/`"
        hint = "leave `paths.ohif` out, or let Orthanc serve it: `viewers: {ohif: {serve: plugin}}`"
        yield subject.finding(OHIF_PATH_NOT_SERVED, ("institution", "paths", "ohif"), message, hint)


def _is_orthancs(path: str, root: str) -> bool:
    return path.startswith(root) and path.removeprefix(root).split("/")[0] in _ORTHANC_OWN


def _collide(path: str, taken: str, owner: str) -> bool:
    # Others may lie below Orthanc, whose own paths are known; it may not lie below them.
    return path == taken or taken.startswith(path) or (owner != "orthanc" and path.startswith(taken))


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


INSTANT_LINK_NEVER_ENDS = Rule(
    "instant-link-never-ends",
    Severity.ERROR,
    summary="An instant link opens a study for whoever has it. One that never expires stays a key to "
    "the study.",
    remedy="Write a time span, such as `instant-links: 1h`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, instant-links: 0}
    """,
)
LINK_OUTLIVES_LIMIT = Rule(
    "link-outlives-limit",
    Severity.ERROR,
    summary="A share link can live longer than `at-most` allows.",
    remedy="Lower the time span, or raise `at-most`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, expires-after: 30d, at-most: 7d}
    """,
)
SHARE_LINK_NEVER_ENDS = Rule(
    "share-link-never-ends",
    Severity.WARNING,
    summary="Share links are forwarded and found in old mails. Links that never expire open their "
    "studies for ever.",
    remedy="Write a time span in `expires-after`, and the longest one in `at-most`.",
    example="""
        viewers: {ohif: {}}
        sharing: {viewer: ohif, expires-after: 0}
    """,
)


def links_have_lives(subject: Subject) -> Iterator[Finding]:
    """The lives of links fit each other."""
    sharing = subject.profile.sharing
    if sharing is None:
        return
    if sharing.instant_links == 0:
        hint = "an instant link is a key to a study; an hour is enough for a viewer: `1h`"
        yield subject.finding(
            INSTANT_LINK_NEVER_ENDS, ("sharing", "instant-links"), "an instant link that never expires", hint
        )
    if sharing.at_most is not None:
        lives = [(("sharing", "expires-after"), sharing.expires_after)]
        lives += [(("sharing", "choices", index), life) for index, life in enumerate(sharing.choices or [])]  # type: ignore[misc]
        for path, life in lives:
            if life == 0 or life > sharing.at_most:
                hint = "lower it, or raise `at-most`"
                yield subject.finding(
                    LINK_OUTLIVES_LIMIT, path, "longer than the longest life that `at-most` allows", hint
                )
    elif sharing.expires_after == 0:
        hint = "links get forwarded and found; say `at-most:` and a time span"
        yield subject.finding(
            SHARE_LINK_NEVER_ENDS, ("sharing", "expires-after"), "share links never expire", hint
        )
