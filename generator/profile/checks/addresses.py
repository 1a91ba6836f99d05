"""The public origin, its paths, and the ports of the host; and how long links to them live."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.findings import Finding
    from generator.profile.checks.subject import Subject

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


def _is_local(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "::1"} or host.endswith(".localhost")


def the_origin_is_encrypted(subject: Subject) -> Iterator[Finding]:
    """Plain http is for localhost only; https says who ends TLS."""
    origin = urlsplit(subject.profile.institution.url)
    tls = subject.profile.deployment.tls
    host = origin.hostname or ""
    if origin.scheme == "http" and not _is_local(host):
        hint = "write `https://`: tokens and images would cross the network in the clear, and browsers refuse to sign in there"
        yield subject.error(("institution", "url"), "plain http outside localhost", hint, rule="plain-http")
    if origin.scheme == "http" and tls is not None:
        yield subject.error(
            ("deployment", "tls"),
            "TLS for an http address",
            "write `https://` in `institution.url`",
            rule="tls-for-http",
        )
    if origin.scheme == "https" and tls is None and subject.is_whole:
        hint = "add `deployment: {tls: {certificate: …, key: …}}`, or `letsencrypt: {email: …}`, or `terminated-by: proxy`"
        yield subject.error(("institution", "url"), "nothing says who ends TLS", hint, rule="no-tls")
    if (
        tls is not None
        and tls.letsencrypt is not None
        and (_is_local(host) or re.fullmatch(r"[0-9.]+|.*:.*", host))
    ):
        hint = "use a public host name, or certificate files"
        yield subject.error(
            ("deployment", "tls", "letsencrypt"),
            f"Let's Encrypt cannot certify `{host}`",
            hint,
            rule="letsencrypt-host",
        )
    server = subject.profile.identity.keycloak.server
    if server is not None and server.startswith("http://") and not _is_local(urlsplit(server).hostname or ""):
        yield subject.error(
            ("identity", "keycloak", "server"),
            "plain http outside localhost",
            "write `https://`",
            rule="plain-http",
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
            yield subject.error(("institution", "paths", at), message, hint, rule="path-twice")
        elif name != "orthanc" and _is_orthancs(used[name], used["orthanc"]):
            message = f"`{used[name]}` is a path that Orthanc itself answers to"
            hint = f"choose another one, such as `/{name}/`"
            yield subject.error(("institution", "paths", name), message, hint, rule="path-of-orthanc")


def ohif_is_where_its_image_is_built_for(subject: Subject) -> Iterator[Finding]:
    """OHIF's container serves `/ohif/` and nothing else: the image is built for that path (25.8 to 26.4.1)."""
    profile = subject.profile
    ohif, path = profile.viewers.ohif, profile.institution.paths.ohif
    if ohif is not None and ohif.serve == "container" and path != "/ohif/":
        message = f"OHIF's container cannot serve `{path}`: its image is built for `/ohif/`"
        hint = "leave `paths.ohif` out, or let Orthanc serve it: `viewers: {ohif: {serve: plugin}}`"
        yield subject.error(("institution", "paths", "ohif"), message, hint, rule="ohif-path")


def _is_orthancs(path: str, root: str) -> bool:
    return path.startswith(root) and path.removeprefix(root).split("/")[0] in _ORTHANC_OWN


def _collide(path: str, taken: str, owner: str) -> bool:
    # Others may lie below Orthanc, whose own paths are known; it may not lie below them.
    return path == taken or taken.startswith(path) or (owner != "orthanc" and path.startswith(taken))


def ports_are_distinct(subject: Subject) -> Iterator[Finding]:
    """Nothing is published twice on the host."""
    deployment, archive = subject.profile.deployment, subject.profile.archive
    compose = deployment.compose
    dicom = archive.dicom
    used = [
        (("deployment", "compose", "http-port"), compose.http_port),
        (("deployment", "compose", "https-port"), compose.https_port),
        (("archive", "dicom", "port"), dicom.port if dicom is not None else None),
        (("archive", "dicom", "collections-port"), dicom.collections_port if dicom is not None else None),
    ]
    owners: dict[int, str] = {}
    for path, port in used:
        if port is not None and port in owners:
            yield subject.error(
                path, f"port {port} is `{owners[port]}` already", "choose another port", rule="port-twice"
            )
        elif port is not None:
            owners[port] = path[-1]


def links_have_lives(subject: Subject) -> Iterator[Finding]:
    """The lives of links fit each other."""
    sharing = subject.profile.sharing
    if sharing is None:
        return
    if sharing.instant_links == 0:
        hint = "an instant link is a key to a study; an hour is enough for a viewer: `1h`"
        yield subject.error(
            ("sharing", "instant-links"), "an instant link that never expires", hint, rule="endless-link"
        )
    if sharing.at_most is not None:
        lives = [(("sharing", "expires-after"), sharing.expires_after)]
        lives += [(("sharing", "choices", index), life) for index, life in enumerate(sharing.choices or [])]  # type: ignore[misc]
        for path, life in lives:
            if life == 0 or life > sharing.at_most:
                hint = "lower it, or raise `at-most`"
                yield subject.error(
                    path, "longer than the longest life that `at-most` allows", hint, rule="life-too-long"
                )
    elif sharing.expires_after == 0:
        hint = "links get forwarded and found; say `at-most:` and a time span"
        yield subject.warning(
            ("sharing", "expires-after"), "share links never expire", hint, rule="endless-link"
        )
