"""Checks of the public origin and its paths."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.findings import Rule, Severity
from orthgen.profile.host_ports import is_local
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.viewers.base import Viewer


def _first_folder(viewer: Viewer) -> str:
    return viewer.pages.split("/")[1]


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
        "storage",
        "studies",
        "system",
        "tools",
        "ui",
        "wado",
        "web-viewer",
        "worklists",
        *(_first_folder(viewer) for viewer in VIEWERS if viewer.section is not None),
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


def the_origin_is_encrypted(context: CheckContext) -> Iterator[Finding]:
    """Plain http is for localhost only; https says who ends TLS."""
    origin = urlsplit(context.profile.institution.url)
    tls = context.profile.deployment.tls
    host = origin.hostname or ""
    if origin.scheme == "http" and not is_local(host):
        hint = f"write `{_encrypted(context.profile.institution.url)}`: tokens and images would cross the network unencrypted, and browsers refuse to sign in there"
        if tls is None:
            hint += "; then say in `deployment.tls` where TLS ends, for a host without a public name `deployment: {tls: {own-authority: {}}}`"
        yield context.finding(PLAIN_HTTP, ("institution", "url"), "plain http outside localhost", hint)
    if origin.scheme == "http" and tls is not None:
        yield context.finding(
            TLS_FOR_HTTP,
            ("deployment", "tls"),
            "TLS for an http address",
            "begin `institution.url` with `https://`, or remove `tls`",
        )
    if origin.scheme == "https" and tls is None and context.is_whole:
        hint = "add `deployment: {tls: {certificate: …, key: …}}`, or `letsencrypt: {email: …}`, or `own-authority: {}`, or `terminated-by: proxy`"
        yield context.finding(NO_TLS, ("institution", "url"), "an https address needs `deployment.tls`", hint)
    if (
        tls is not None
        and tls.letsencrypt is not None
        and (is_local(host) or re.fullmatch(r"[0-9.]+|.*:.*", host))
    ):
        hint = "use a public host name, `own-authority: {}`, or certificate files"
        yield context.finding(
            LETSENCRYPT_FOR_PRIVATE_HOST,
            ("deployment", "tls", "letsencrypt"),
            f"Let's Encrypt cannot certify `{host}`",
            hint,
        )
    server = context.profile.identity.keycloak.server
    if server is not None and server.startswith("http://") and not is_local(urlsplit(server).hostname or ""):
        yield context.finding(
            PLAIN_HTTP,
            ("identity", "keycloak", "server"),
            "plain http outside localhost",
            f"write `{_encrypted(server)}`",
        )


EVERYBODY_IS_PROXY = Rule(
    "everybody-is-proxy",
    Severity.WARNING,
    summary="The server in front, nginx, believes everybody's headers about the client's address. Logs then have the addresses that callers choose.",
    remedy="Write the addresses of the proxy in front.",
    example="""
        institution: {url: https://pacs.example.org}
        deployment: {tls: {terminated-by: proxy, proxies: [0.0.0.0/0]}}
    """,
)


def proxies_are_known(context: CheckContext) -> Iterator[Finding]:
    """The networks of the proxy in front are smaller than the whole address space."""
    tls = context.profile.deployment.tls
    for index, network in enumerate(tls.proxies if tls is not None else []):
        if ip_network(network, strict=False).prefixlen == 0:
            path = ("deployment", "tls", "proxies", index)
            message = f"`{network}` has every address, so everybody can choose the address that is logged"
            yield context.finding(
                EVERYBODY_IS_PROXY, path, message, "write the addresses of the proxy in front"
            )


def _encrypted(url: str) -> str:
    """The same address with https."""
    return url.replace("http://", "https://", 1)


DUPLICATE_PATH = Rule(
    "duplicate-path",
    Severity.ERROR,
    summary="Two services share a path of the public address, or one lies below the other.",
    remedy="Give each service a path of its own.",
    example="""
        institution: {paths: {ohif: /keycloak/}}
        viewers: {ohif: {}}
    """,
    also=("viewer-path-not-served",),
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


def paths_do_not_overlap(context: CheckContext) -> Iterator[Finding]:
    """No two services share a path, and none hides a path of Orthanc's."""
    profile = context.profile
    paths = profile.institution.paths
    used = {"orthanc": paths.orthanc}
    viewer_paths = paths.of_viewers()
    own = set(_ORTHANC_OWN)
    for viewer, options in profile.viewers.enabled():
        if options.in_container:
            used[viewer.name] = viewer_paths[viewer.name]
        else:
            own.add(_first_folder(viewer))
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
            yield context.finding(DUPLICATE_PATH, ("institution", "paths", at), message, hint)
        elif name != "orthanc" and _first_element(used[name], used["orthanc"]) in own:
            message = f"`{used[name]}` is a path that Orthanc itself answers to"
            hint = f"choose another one, such as `/{name}/`"
            yield context.finding(PATH_OF_ORTHANC, ("institution", "paths", name), message, hint)


VIEWER_PATH_NOT_SERVED = Rule(
    "viewer-path-not-served",
    Severity.ERROR,
    summary="The container of a viewer is built for one path and serves no other; OHIF's is `/ohif/`.",
    remedy="Remove the viewer's path, or let Orthanc serve the viewer: `viewers: {ohif: {serve: plugin}}`.",
    example="""
        institution: {paths: {ohif: /viewer/}}
        viewers: {ohif: {}}
    """,
)


def viewers_have_the_paths_of_their_images(context: CheckContext) -> Iterator[Finding]:
    """A viewer's container has the path that its image is built for (OHIF's image: 25.8 to 26.4.1)."""
    paths = context.profile.institution.paths.of_viewers()
    for viewer, options in context.profile.viewers.enabled():
        if not options.in_container or paths[viewer.name] == viewer.container_path:
            continue
        message = f"{viewer.title}'s container cannot serve `{paths[viewer.name]}`: its image is built for `{viewer.container_path}`"
        hint = (
            f"leave `paths.{viewer.name}` out, or let Orthanc serve it: "
            f"`viewers: {{{viewer.name}: {{serve: plugin}}}}`"
        )
        path = ("institution", "paths", viewer.name)
        yield context.finding(VIEWER_PATH_NOT_SERVED, path, message, hint)


def _first_element(path: str, root: str) -> str:
    """The first element of `path` below Orthanc's root; empty for a path that is not below it."""
    return path.removeprefix(root).split("/")[0] if path.startswith(root) else ""


def _collide(path: str, taken: str, owner: str) -> bool:
    # Others may lie below Orthanc, whose own paths are known; it may not lie below them.
    return path == taken or taken.startswith(path) or (owner != "orthanc" and path.startswith(taken))
