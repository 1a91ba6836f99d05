"""Addresses in an observed deployment: those that browsers are given, and those that containers use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeGuard
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from orthgen.findings import Location
from orthgen.formats.loose_values import as_list, mapping
from orthgen.observed.model import ObservedDeployment
from orthgen.observed.recording_model import Exchange
from orthgen.observed.service_model import Service
from orthgen.observed.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, never bound to
# Variables of the auth-service with addresses that stand in links.
LINK_ROOTS = ("PUBLIC_ORTHANC_ROOT", "PUBLIC_LANDING_ROOT", "PUBLIC_OHIF_ROOT", "PUBLIC_MEDDREAM_ROOT")


class Address(Struct, frozen=True):
    """An absolute address, the setting that names it, and its place."""

    name: str
    url: str
    location: Location

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers compare them."""
        return origin(self.url)

    @property
    def host(self) -> str:
        """The host, in lower case."""
        return host(self.url)

    @property
    def path(self) -> str:
        """The path, with a slash at both ends."""
        return folder(self.url)


def split(url: str) -> SplitResult:
    """The parts of an address; empty ones where it is no address."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def origin(url: str) -> str:
    """Scheme, host and port of an address, without the scheme's default port."""
    parts = split(url)
    port = port_of(url)
    suffix = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{host(url)}{suffix}"


def host(url: str) -> str:
    """The host of an address, in lower case; empty where there is none."""
    return split(url).hostname or ""


def port_of(url: str) -> int | None:
    """The port of an address, the scheme's default where none is written; None where it is not a number."""
    parts = split(url)
    try:
        return parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


def folder(url: str) -> str:
    """The path of an address, with a slash at both ends."""
    return f"/{split(url).path.strip('/')}/".replace("//", "/")


def site(hostname: str) -> str:
    """The last two labels of a host name: an approximation of the registrable domain; an IP address as it is."""
    labels = hostname.split(".")
    if all(label.isdigit() for label in labels) or ":" in hostname:
        return hostname
    # `hospital.co.uk`, `clinic.com.br`: a short label before a country's.
    length = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-length:])


def is_loopback(hostname: str) -> bool:
    """Whether a host name means the machine that looks it up."""
    return hostname in _LOOPBACK or hostname.endswith(".localhost")


def is_absolute(value: object) -> TypeGuard[str]:
    """Whether a value is an address with scheme and host, and holds no variable that was not replaced."""
    return isinstance(value, str) and value.startswith(("http://", "https://")) and "${" not in value


def public_addresses(deployment: ObservedDeployment) -> list[Address]:
    """Every absolute address that browsers are given: of Keycloak, of Orthanc, of viewers."""
    return [*keycloak_addresses(deployment), *link_addresses(deployment)]


def keycloak_addresses(deployment: ObservedDeployment) -> list[Address]:
    """The addresses at which browsers look for Keycloak, and those that Keycloak gives them."""
    explorer = ("OrthancExplorer2", "Keycloak", "Url")
    found: list[Address] = []
    for orthanc in deployment.orthancs:
        found += _setting(orthanc.settings, explorer)
    for keycloak in deployment.keycloaks:
        if keycloak.service is not None:
            for name in ("KC_HOSTNAME", "KC_HOSTNAME_URL"):
                found += _variable(keycloak.service, name)
        for realm in keycloak.realms:
            url = mapping(mapping(realm.value).get("attributes")).get("frontendUrl")
            if is_absolute(url):
                found.append(
                    Address("frontendUrl of the realm", url, realm.locate(("attributes", "frontendUrl")))
                )
    return found


def link_addresses(deployment: ObservedDeployment) -> list[Address]:
    """The addresses of Orthanc and of viewers that stand in links and on buttons."""
    found: list[Address] = []
    for service in auth_services(deployment):
        for name in LINK_ROOTS:
            found += _variable(service, name)
    for orthanc in deployment.orthancs:
        found += _setting(orthanc.settings, ("OrthancExplorer2", "UiOptions", "OhifViewer3PublicRoot"))
    return found


def source_addresses(deployment: ObservedDeployment) -> Iterator[Address]:
    """The absolute addresses at which OHIF asks for studies."""
    for ohif in deployment.ohifs:
        for index, _ in enumerate(as_list(ohif.settings.get("dataSources"))):
            for key in ("qidoRoot", "wadoRoot"):
                path = ("dataSources", index, "configuration", key)
                url = ohif.settings.get(*path)
                if is_absolute(url):
                    yield Address(key, url, ohif.settings.locate(path))


def sign_in_addresses(deployment: ObservedDeployment) -> Iterator[Address]:
    """The absolute addresses of OHIF's sign-in: the realm, and the page to come back to."""
    for ohif in deployment.ohifs:
        for key in ("authority", "redirect_uri"):
            url = ohif.settings.get("oidc", 0, key)
            if is_absolute(url):
                yield Address(key, url, ohif.settings.locate(("oidc", 0, key)))


def url_of(exchange: Exchange) -> str:
    """The scheme and the host that a request went to."""
    return f"{exchange.scheme or 'http'}://{exchange.header('Host') or ''}"


def page_of(exchange: Exchange) -> str:
    """The page that sent a request; empty where the request does not tell."""
    return exchange.header("Referer") or exchange.header("Origin") or ""


def distinct_problems(
    deployment: ObservedDeployment, problem_of: Callable[[Exchange], str]
) -> Iterator[tuple[Exchange, str]]:
    """The observed requests with a problem, the first of each; `problem_of` is empty for a request without one."""
    seen: set[str] = set()
    for exchange in deployment.exchanges:
        problem = problem_of(exchange)
        if problem and problem not in seen:
            seen.add(problem)
            yield exchange, problem


def auth_services(deployment: ObservedDeployment) -> Iterator[Service]:
    """The containers of auth-services."""
    yield from (each.service for each in deployment.auth_services if each.service is not None)


def _setting(settings: Settings, path: tuple[str, ...]) -> Iterator[Address]:
    value = settings.get(*path)
    if is_absolute(value):
        yield Address(".".join(path), value, settings.locate(path))


def _variable(service: Service, name: str) -> Iterator[Address]:
    value = service.variable(name)
    if value is not None and is_absolute(value):
        yield Address(name, value, service.locate_variable(name))
