"""`institution`: name, public address, languages and paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import plain_text, web_address
from orthgen.formats.loose_values import texts
from orthgen.observed.service_model import Product
from orthgen.profile.host_ports import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location

_NAME, _URL, _PATHS = ("institution", "name"), ("institution", "url"), ("institution", "paths")
_CALLED_NOTHING = {"", "orthanc", "my orthanc", "orthanc-inside-docker"}
# The header of RFC 7239, as people write it for one address.
_FORWARDED = re.compile(r"proto=(https?);\s*host=\"?([A-Za-z0-9.:\[\]-]+)")
_OUTER_PATH = re.compile(r"/(?:[A-Za-z0-9_-]+/)*")


def state_institution(original: OriginalDeployment, draft: Draft) -> None:
    """State the name, the address, the languages and the paths."""
    _state_name(original, draft)
    _state_url(original, draft)
    _state_languages(original, draft)
    _state_paths(original, draft)


def _state_name(original: OriginalDeployment, draft: Draft) -> None:
    names = list(_names(original))
    spoken = [(name, place) for name, place in names if name.casefold() not in _CALLED_NOTHING]
    if spoken:
        draft.state(_NAME, *spoken[0])
    elif names:
        draft.state(_NAME, *names[0], remark="people read it on every page: write the institution's own name")
    else:
        draft.state(_NAME, "Orthanc", remark="people read it on every page: write the institution's own name")


def _names(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    for path in (("Name",), ("OrthancExplorer2", "CustomTitle")):
        if name := plain_text(original.get(*path)):
            yield name, original.at(*path)
    realm = original.realm
    if realm is not None and (name := plain_text(realm.value.get("displayName"))):
        yield name, realm.locate(("displayName",))


def _state_url(original: OriginalDeployment, draft: Draft) -> None:
    for address, place in _addresses(original):
        parts = web_address(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            continue
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme == "https" or is_local(parts.hostname):
            draft.state(_URL, origin, place)
        else:
            draft.state(_URL, f"https://{parts.hostname}", place, remark=f"{origin} today")
            draft.note(
                NoteKind.CHANGED,
                f"the public address is `{origin}`, without encryption",
                "it becomes https: passwords and images cross the network in clear text today, and browsers keep Keycloak's "
                "and OHIF's sign-in to encrypted addresses",
                place,
            )
        return
    draft.fill_in(
        _URL,
        "the address that browsers use, such as https://pacs.example.org",
        stand_in="https://pacs.example.org",
    )


def _addresses(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    """Whole addresses of the public origin, the most certain first."""
    for name in ("PUBLIC_ORTHANC_ROOT", "PUBLIC_LANDING_ROOT", "PUBLIC_OHIF_ROOT"):
        if found := original.variable(name):
            yield found
    keycloak = ("OrthancExplorer2", "Keycloak", "Url")
    if original.keycloak_service is not None and isinstance(url := original.get(*keycloak), str):
        yield url, original.at(*keycloak)
    service = original.keycloak_service
    for name in ("KC_HOSTNAME", "KC_HOSTNAME_URL"):
        value = service.variable(name) if service is not None else None
        if service is not None and value:
            yield value if "://" in value else f"https://{value}", service.locate_variable(name)
    realm = original.realm
    attributes = realm.value.get("attributes") if realm is not None else None
    if realm is not None and isinstance(attributes, dict) and (url := attributes.get("frontendUrl")):
        yield str(url), realm.locate(("attributes", "frontendUrl"))
    for path in (("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot"), ("DicomWeb", "Host")):
        if isinstance(value := original.get(*path), str) and "://" in value:
            yield value, original.at(*path)
    yield from _forwarded(original)
    yield from _server_names(original)


def _forwarded(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    """Addresses that a proxy tells the services, in full and without a variable."""
    for proxy in original.deployment.proxies:
        for location in (each for server in proxy.servers for each in server.locations):
            headers = {
                each.arguments[0].lower(): each
                for each in location.directive("proxy_set_header")
                if len(each.arguments) == 2
            }
            told = headers.get("forwarded")
            if told is not None and (match := _FORWARDED.search(told.arguments[1])):
                yield f"{match[1]}://{match[2]}", told.location
            host, scheme = headers.get("x-forwarded-host"), headers.get("x-forwarded-proto")
            if host is not None and scheme is not None and "$" not in host.arguments[1]:
                yield f"{scheme.arguments[1]}://{host.arguments[1]}", host.location


def _server_names(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    for proxy in original.deployment.proxies:
        # One for this machine may stand behind another proxy, or be for a health check.
        for server in sorted(proxy.servers, key=lambda each: (each.is_local, not each.uses_tls)):
            for name in server.names:
                if re.fullmatch(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|localhost", name):
                    yield f"{'https' if server.uses_tls else 'http'}://{name}", server.location
    edge = original.edge
    domain = edge.variable("DOMAIN_NAME") if edge is not None else None
    if edge is not None and domain:
        yield f"https://{domain}", edge.locate_variable("DOMAIN_NAME")
    if edge is not None and edge.product is Product.NGINX and not original.deployment.proxies:
        # orthancteam/orthanc-nginx without certificates, as its samples run it.
        yield "http://localhost", edge.image_place


def _state_languages(original: OriginalDeployment, draft: Draft) -> None:
    realm = original.realm.value if original.realm is not None else {}
    options = ("OrthancExplorer2", "UiOptions")
    explorers = original.get(*options, "AvailableLanguages")
    locales = realm.get("supportedLocales") if realm.get("internationalizationEnabled") else None
    explorers, locales = texts(explorers), texts(locales)
    if not explorers and not locales:
        return
    first = [realm.get("defaultLocale") if locales else None, original.get(*options, "DefaultLanguage")]
    spoken = [*texts(first), *explorers, *locales]
    known = [language for language in dict.fromkeys(spoken) if language in {*explorers, *locales}]
    places = [original.at(*options, "AvailableLanguages")] if explorers else []
    if original.realm is not None and locales:
        places.append(original.realm.locate(("supportedLocales",)))
    if known and known != ["en"]:
        draft.state(("institution", "languages"), known, *places)


def _state_paths(original: OriginalDeployment, draft: Draft) -> None:
    for name, default, places in (
        ("orthanc", "/", _orthanc_paths(original)),
        ("ohif", "/ohif/", _ohif_paths(original)),
        ("keycloak", "/keycloak/", _keycloak_paths(original)),
    ):
        path, place = next(
            ((path, place) for path, place in places if _OUTER_PATH.fullmatch(path)), (default, None)
        )
        if path != default and place is not None:
            draft.state((*_PATHS, name), path, place)


def _orthanc_paths(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    root = original.get("DicomWeb", "PublicRoot")
    if isinstance(root, str) and (match := re.fullmatch(r"(?:https?://[^/]+)?(/.*?)/?dicom-web/?", root)):
        yield match[1].rstrip("/") + "/", original.at("DicomWeb", "PublicRoot")
    if found := original.variable("PUBLIC_ORTHANC_ROOT"):
        yield _path_of(found[0]), found[1]
    ohif = ("OHIF", "RouterBasename")
    if isinstance(base := original.get(*ohif), str) and (match := re.fullmatch(r"(/.*?)/?ohif/?", base)):
        yield match[1].rstrip("/") + "/", original.at(*ohif)


def _ohif_paths(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    root = ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot")
    if original.service(Product.OHIF) is not None and isinstance(value := original.get(*root), str):
        yield _path_of(value), original.at(*root)


def _keycloak_paths(original: OriginalDeployment) -> Iterator[tuple[str, Location]]:
    root = ("OrthancExplorer2", "Keycloak", "Url")
    if original.keycloak_service is not None and isinstance(value := original.get(*root), str):
        yield _path_of(value), original.at(*root)


def _path_of(address: str) -> str:
    path = web_address(address).path
    return path if path.endswith("/") else f"{path}/"
