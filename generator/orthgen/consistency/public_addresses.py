"""Consistency of addresses: one origin, one DICOMweb root, and share links with a root."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.consistency.facts import (
    client,
    consistency_rule,
    disagreement,
    ohif_file,
    section,
)
from orthgen.consistency.parsed_files import ORTHANC, REALM
from orthgen.consistency.running_services import environment, environment_place, has_service
from orthgen.deployment import naming
from orthgen.viewers import CLIENT_IDS, VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Finding, Location

# The auth-service's variables with the public roots of share links, by the type of link.
_ROOT_VARIABLES = {
    viewer.share_type: viewer.share_variable
    for viewer in VIEWERS
    if viewer.share_type is not None and viewer.share_variable is not None
}
_SERVER_NAME = re.compile(r"^\s*server_name\s+(?P<names>[^;]+);", re.MULTILINE)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _addresses(files: ParsedFiles) -> Iterator[tuple[str, str, Location]]:
    """Every address on the public origin that a browser is told: what it is, the address, its place."""
    for name in (naming.ORTHANC_CLIENT, *CLIENT_IDS):
        index_and_client = client(files, name)
        if index_and_client is None:
            continue
        index, representation = index_and_client
        for key in ("redirectUris", "webOrigins"):
            for position, uri in enumerate(representation.get(key, ())):
                yield (
                    f"{key} of client `{name}`",
                    str(uri),
                    files.locate(REALM, ("clients", index, key, position)),
                )
    if has_service(files, naming.KEYCLOAK):
        yield _keycloaks_address(files)
        url = str(section(files, "OrthancExplorer2", "Keycloak", "Url"))
        yield (
            "OrthancExplorer2.Keycloak.Url",
            url,
            files.locate(ORTHANC, ("OrthancExplorer2", "Keycloak", "Url")),
        )
    for name, value in environment(files, naming.AUTH_SERVICE).items():
        if name in {*_ROOT_VARIABLES.values(), "PUBLIC_LANDING_ROOT"}:
            yield name, value, environment_place(files, naming.AUTH_SERVICE, name)


def _keycloaks_address(files: ParsedFiles) -> tuple[str, str, Location]:
    """The address that Keycloak gives browsers: the realm's own, else the server's."""
    address = files.get(REALM, "attributes", "frontendUrl")
    if address is not None:
        place = files.locate(REALM, ("attributes", "frontendUrl"))
        return "frontendUrl of the realm", str(address), place
    hostname = environment(files, naming.KEYCLOAK).get("KC_HOSTNAME", "")
    return "KC_HOSTNAME", hostname, environment_place(files, naming.KEYCLOAK, "KC_HOSTNAME")


ORIGINS_DIFFER = consistency_rule(
    "origins-differ",
    "The files name different public addresses of the deployment.",
    file="keycloak/realm.json",
    example="""
        - "frontendUrl": "https://orthanc-preprod.example.org
        + "frontendUrl": "https://other.example.org
    """,
)


def public_origin(files: ParsedFiles) -> Iterator[Finding]:
    """Keycloak, the auth-service, the clients and nginx speak of the same public origin."""
    addresses = list(_addresses(files))
    if not addresses:
        return
    setting, first, place = addresses[0]
    for other_setting, address, location in addresses[1:]:
        if _origin(address) != _origin(first):
            message = f"{other_setting} is on `{_origin(address)}`, {setting} on `{_origin(first)}`"
            yield disagreement(ORIGINS_DIFFER, message, location, (place, setting))
    host = urlsplit(first).hostname or ""
    names = [
        name
        for path in files.matching("nginx/")
        for match in _SERVER_NAME.finditer(files.texts[path])
        for name in match["names"].split()
    ]
    if host not in {name.strip("[]") for name in names}:
        yield disagreement(ORIGINS_DIFFER, f"nginx serves no host `{host}`, {setting} is there", place)
    url = str(section(files, "OrthancExplorer2", "Keycloak", "Url"))
    if not has_service(files, naming.KEYCLOAK):
        return
    setting, hostname, place = _keycloaks_address(files)
    if hostname.rstrip("/") != url.rstrip("/"):
        message = f"Keycloak is at `{hostname}`, Orthanc Explorer 2 looks for it at `{url}`"
        location = files.locate(ORTHANC, ("OrthancExplorer2", "Keycloak", "Url"))
        yield disagreement(ORIGINS_DIFFER, message, location, (place, setting))


DICOMWEB_ROOTS_DIFFER = consistency_rule(
    "dicomweb-roots-differ",
    "Browsers, OHIF, Orthanc and the authorization plugin take different paths for DICOMweb.",
    file="orthanc/orthanc.json",
    example="""
        - "Root": "/dicom-web/"
        + "Root": "/dicomweb/"
    """,
)


def dicomweb_root(files: ParsedFiles) -> Iterator[Finding]:
    """Browsers, OHIF and Orthanc mean the same DICOMweb root."""
    root = str(section(files, "DicomWeb", "Root"))
    public = str(section(files, "DicomWeb", "PublicRoot"))
    place = files.locate(ORTHANC, ("DicomWeb", "PublicRoot"))
    if root != naming.DICOMWEB_ROOT:
        message = f"DicomWeb.Root is `{root}`; the authorization plugin protects `{naming.DICOMWEB_ROOT}` whatever it says"
        yield disagreement(DICOMWEB_ROOTS_DIFFER, message, files.locate(ORTHANC, ("DicomWeb", "Root")))
    if not public.endswith(root):
        yield disagreement(
            DICOMWEB_ROOTS_DIFFER,
            f"DicomWeb.PublicRoot `{public}` does not end in DicomWeb.Root `{root}`",
            place,
        )
    path = ohif_file(files)
    for name, value in _ohif_roots(files, path) if path is not None else ():
        if urlsplit(value).path.rstrip("/") != public.rstrip("/"):
            message = f"OHIF's {name} is `{value}`, DicomWeb.PublicRoot is `{public}`"
            yield disagreement(
                DICOMWEB_ROOTS_DIFFER,
                message,
                files.locate_text(str(path), name),
                (place, "DicomWeb.PublicRoot"),
            )


def _ohif_roots(files: ParsedFiles, path: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(
        r'"?(?P<name>(?:wado|qido|wadoUri)Root)"?:\s*["\'](?P<value>[^"\']*)["\']', files.texts[path]
    ):
        yield match["name"], match["value"]


SHARE_LINK_WITHOUT_ROOT = consistency_rule(
    "share-link-without-root",
    "The auth-service cannot make the share links that Orthanc Explorer 2 asks for.",
    file="orthanc/orthanc.json",
    example="""
        - "ShareType": "ohif-viewer-publication"
        + "ShareType": "ohif"
    """,
)


def share_links(files: ParsedFiles) -> Iterator[Finding]:
    """The auth-service has the public root that a share link of Orthanc Explorer 2's type begins with."""
    if not section(files, "OrthancExplorer2", "UiOptions", "EnableShares"):
        return
    share_type = str(section(files, "OrthancExplorer2", "Tokens", "ShareType"))
    place = files.locate(ORTHANC, ("OrthancExplorer2", "Tokens", "ShareType"))
    variables = environment(files, naming.AUTH_SERVICE)
    variable = _ROOT_VARIABLES.get(share_type)
    if variable is None:
        yield disagreement(
            SHARE_LINK_WITHOUT_ROOT, f"the auth-service makes no link of type `{share_type}`", place
        )
    elif variable not in variables:
        message = f"a link of type `{share_type}` needs {variable}, which the auth-service does not have"
        yield disagreement(
            SHARE_LINK_WITHOUT_ROOT,
            message,
            environment_place(files, naming.AUTH_SERVICE),
            (place, "ShareType"),
        )
    for name, value in variables.items():
        if name in _ROOT_VARIABLES.values() and not value.endswith("/"):
            # The auth-service joins it with what follows (urljoin), which would drop the last element.
            yield disagreement(
                SHARE_LINK_WITHOUT_ROOT,
                f"{name} does not end in `/`",
                environment_place(files, naming.AUTH_SERVICE, name),
            )
