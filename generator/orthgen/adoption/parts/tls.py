"""`deployment.tls`: who ends TLS, with which certificate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import truth
from orthgen.deployment import naming
from orthgen.formats.loose_values import items
from orthgen.observed.service_model import Product
from orthgen.products.nginx.server import PRIVATE_NETWORKS
from orthgen.profile.host_ports import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.observed.proxy_model import Directive
    from orthgen.observed.service_model import Service

_TLS = ("deployment", "tls")
_EMAIL = re.compile(r"(?:--email[ =]|-m |\.acme\.email=)(?P<email>[^\s\"']+@[^\s\"']+)")
_LETSENCRYPT = "letsencrypt"
_SOME_ADDRESS = "pacs@example.org"
_WARNED = "the address that warnings about expiring certificates go to"
# The directives of nginx, and those of Apache.
_DIRECTIVES = {
    "certificate": ("ssl_certificate", "sslcertificatefile"),
    "key": ("ssl_certificate_key", "sslcertificatekeyfile"),
}
# Where orthancteam/orthanc-nginx reads them.
_IMAGE_PATHS = {"certificate": "/etc/nginx/tls/crt.pem", "key": "/etc/nginx/tls/key.pem"}


def state_tls(original: OriginalDeployment, draft: Draft) -> None:
    """State the end of TLS; an address without encryption on this machine has none."""
    url = urlsplit(draft.get(("institution", "url")) or "")
    if url.scheme == "http" and is_local(url.hostname or ""):
        return
    if _state_letsencrypt(original, draft) or _state_files(original, draft):
        return
    edge = original.edge
    place = edge.definition.locate(()) if edge is not None else None
    was_plain = "today" in (
        draft.entries[("institution", "url")].remark if draft.has(("institution", "url")) else ""
    )
    if was_plain:
        draft.state(
            (*_TLS, "own-authority"),
            {},
            remark="`orthgen secrets` makes it; every browser has to trust it once",
        )
    elif any(each.product is Product.INGRESS for each in original.deployment.proxies):
        draft.state((*_TLS, "terminated-by"), "proxy", remark="the Ingress")
    elif edge is not None and (edge.ports or original.service_in_cluster) and not _ends_tls(original):
        draft.state((*_TLS, "terminated-by"), "proxy", *([place] if place else []), remark="")
        _state_proxies(original, draft)
    else:
        draft.fill_in(
            _TLS,
            "`{certificate: …, key: …}`, `{letsencrypt: {email: …}}`, `{own-authority: {}}` or `{terminated-by: proxy}`",
            stand_in={"own-authority": {}},
        )


def _ends_tls(original: OriginalDeployment) -> bool:
    return any(server.uses_tls for proxy in original.deployment.proxies for server in proxy.servers)


def _directives(original: OriginalDeployment, name: str) -> Iterator[Directive]:
    for proxy in original.deployment.proxies:
        for server in proxy.servers:
            yield from (each for each in server.directives if each.name == name)


def _state_letsencrypt(original: OriginalDeployment, draft: Draft) -> bool:
    """State Let's Encrypt where a certbot, or a proxy that asks by itself, gets the certificates."""
    for service in original.deployment.services:
        repository = service.image.repository if service.image is not None else ""
        asks_by_itself = service.product is Product.TRAEFIK and ".acme." in str(
            service.definition.get("command")
        )
        is_certbot = "certbot" in repository or "CERTBOT_EMAIL" in service.environment.value
        if not is_certbot and not asks_by_itself:
            continue
        email, place = _email(service)
        path = (*_TLS, _LETSENCRYPT, "email")
        if email:
            draft.state(path, email, place)
        else:
            draft.fill_in(path, _WARNED, place, stand_in=_SOME_ADDRESS)
        if "staging" in (service.variable("SERVER") or "") or truth(service.variable("STAGING")):
            draft.state((*_TLS, _LETSENCRYPT, "staging"), True, service.definition.locate(("environment",)))
        return True
    files = [
        each
        for each in _directives(original, "ssl_certificate")
        if any(_LETSENCRYPT in part for part in each.arguments)
    ]
    edge = original.edge
    is_caddy = edge is not None and edge.product is Product.CADDY
    if not files and not is_caddy:
        return False
    emails = [each for each in _directives(original, "email") if each.arguments] if is_caddy else []
    if emails:
        draft.state((*_TLS, _LETSENCRYPT, "email"), emails[0].arguments[0], emails[0].location)
        return True
    places = [files[0].location] if files else [edge.definition.locate(())] if edge is not None else []
    draft.fill_in((*_TLS, _LETSENCRYPT, "email"), _WARNED, *places, stand_in=_SOME_ADDRESS)
    return True


def _email(service: Service) -> tuple[str, Location]:
    for name in ("EMAIL", "CERTBOT_EMAIL", "LETSENCRYPT_EMAIL"):
        if value := service.variable(name):
            return value, service.locate_variable(name)
    for key in ("command", "entrypoint"):
        value = service.definition.get(key)
        text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
        if match := _EMAIL.search(text):
            return match["email"], service.definition.locate((key,))
    return "", service.definition.locate(())


def _state_files(original: OriginalDeployment, draft: Draft) -> bool:
    """State a certificate and its key as paths of the host."""
    edge = original.edge
    stated = {
        name: next(
            (each for directive in names for each in _directives(original, directive) if each.arguments), None
        )
        for name, names in _DIRECTIVES.items()
    }
    if edge is None:
        # A proxy without a container has the paths of the host.
        for name, directive in stated.items():
            if directive is None or not directive.arguments[0].startswith("/"):
                return False
            draft.state((*_TLS, name), directive.arguments[0], directive.location)
        return True
    found: dict[str, tuple[str, Location]] = {}
    for name, directive in stated.items():
        path = directive.arguments[0] if directive is not None else None
        secret = naming.TLS_CERTIFICATE if name == "certificate" else naming.TLS_KEY
        host = _of_secret(original, edge, secret) or _on_host(edge, path or _IMAGE_PATHS[name])
        if host is not None:
            found[name] = host
    if len(found) < 2:
        return False
    if all(path.startswith("secrets/") for path, _ in found.values()):
        draft.state((*_TLS, "own-authority"), {}, found["certificate"][1])
        return True
    for name, (path, place) in found.items():
        draft.state((*_TLS, name), path, place)
    return True


def _of_secret(original: OriginalDeployment, edge: Service, name: str) -> tuple[str, Location] | None:
    """The file of the host behind a Compose secret of the proxy."""
    names = [
        str(each.get("source") if isinstance(each, dict) else each)
        for each in items(edge.definition.get("secrets"))
    ]
    return original.secret_file(name) if name in names else None


def _on_host(edge: Service, path: str) -> tuple[str, Location] | None:
    """The path on the host of a file in the container, where it is bound there."""
    for mount in edge.mounts:
        if mount.kind != "bind" or not mount.source.startswith(("/", ".")):
            continue
        if path == mount.target or path.startswith(mount.target.rstrip("/") + "/"):
            return mount.source.rstrip("/") + path.removeprefix(mount.target.rstrip("/")), mount.location
    return None


def _state_proxies(original: OriginalDeployment, draft: Draft) -> None:
    """State the addresses of the proxy in front, where nginx trusts other ones than every private address."""
    trusted = list(_directives(original, "set_real_ip_from"))
    addresses = list(dict.fromkeys(each.arguments[0] for each in trusted if each.arguments))
    if addresses and set(addresses) != set(PRIVATE_NETWORKS):
        draft.state((*_TLS, "proxies"), addresses, trusted[0].location)
    elif not original.is_rendered:
        draft.note(
            NoteKind.CHANGED,
            "another proxy ends TLS in front of this one",
            "it has to send `X-Forwarded-Proto: https`; name its address with `proxies: […]`",
            *([original.edge.definition.locate(())] if original.edge is not None else []),
        )
