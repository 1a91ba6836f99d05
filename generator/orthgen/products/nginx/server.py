"""Values of nginx's templates: addresses, TLS, services, headers."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from orthgen.catalogue import at_least
from orthgen.deployment import naming
from orthgen.deployment.guard_settings import judges_reports, token_clients
from orthgen.products.nginx import paths
from orthgen.products.nginx.guard import ASK, MAX_REPORT_SIZE, REPORT, SEES_EVERYTHING, STUDY_LIST
from orthgen.products.nginx.nodes import Nodes, node_patterns
from orthgen.products.orthanc.inbox import inbox_answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orthgen.deployment.model import Deployment
    from orthgen.viewers.base import Contribution


# The beginning of a token whose header begins with `{"alg":"RS256",`, as Keycloak writes it (26.2 to 26.7).
_KEYCLOAKS = "eyJhbGciOiJSUzI1NiIs"


class Server(Struct, frozen=True):
    """A server of an upstream. After a failure, nginx leaves it out for the time `failed`; empty: never."""

    host: str
    port: int
    failed: str = ""
    is_backup: bool = False


class Upstream(Struct, frozen=True):
    """Servers behind nginx. Each process of nginx keeps up to `kept` unused connections to them, for the time `idle`."""

    name: str
    servers: tuple[Server, ...]
    kept: int
    idle: str
    comment: str = ""


# A kept connection occupies one of Orthanc's fifty threads (HttpThreadsCount). nginx has four processes, so sixteen kept
# connections of each would leave no thread for other requests: with 96 requests at once, 1 in 100 took 1.8 s instead of 0.6 s.
# Orthanc closes idle connections after a second (KeepAliveTimeout, Orthanc 1.12 and 1.13) and a request on one that it is
# about to close fails, uploads for good; so nginx gives them up earlier.
_KEPT = {naming.ORTHANC: 4}
_IDLE = {naming.ORTHANC: "500ms"}
# Several readers together, in each of four processes; one reader alone can have all of them.
_MAX_KEPT = 10
# An Orthanc that starts again is asked again after this time.
_FAILED = "5s"

# Keycloak's paths within the realm that browsers and sign-in partners use (Keycloak 26). Not: clients-registrations,
# and protocols that no client of the deployment speaks.
_REALM_PATHS = (".well-known/", "account/", "broker/", "login-actions/", "protocol/openid-connect/")


def server_values(deployment: Deployment) -> dict[str, Any]:
    """Everything that the templates write down."""
    return {
        **_versions(deployment),
        **_platform(deployment),
        **_tls(deployment),
        **_orthanc(deployment),
        **_nodes(deployment),
        "upstreams": _upstreams(deployment),
        "host": deployment.origin.host,
        "is_address": re.fullmatch(r"[0-9.]+|\[.*\]", deployment.origin.host) is not None,
        "origin": deployment.origin.url,
        "authority": deployment.origin.url.partition("://")[2],
        "port": deployment.origin.port,
        "scheme": deployment.origin.scheme,
        "viewers": [_viewer(deployment, viewer) for viewer in deployment.viewers if viewer.path],
        "keycloak": _keycloak(deployment),
    }


def _versions(deployment: Deployment) -> dict[str, Any]:
    """Which directives this nginx knows (nginx's CHANGES)."""
    version = deployment.release.components["nginx"]
    return {
        "has_http2_directive": at_least(version, "1.25.1"),
        "resolver": deployment.platform.resolver if at_least(version, "1.27.3") else "",
        "has_certificate_cache": at_least(version, "1.27.4"),
    }


# The addresses that a proxy in front can have where the profile names none: those of private networks.
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1")


def _clients_pattern(clients: tuple[str, ...] | None) -> str:
    """
    The regular expression of a token that Keycloak gave to one of these clients; empty where all are accepted.

    Keycloak (26.2 to 26.7) writes `"azp":"CLIENT"` and a comma, or the bracket at the end, into the token. Three bytes are four
    signs of base64, so this text has three spellings, by its place. In another claim's text the quotes have backslashes.
    """
    claims = (
        json.dumps({"azp": client}, ensure_ascii=False, separators=(",", ":"))[1:-1]
        for client in clients or ()
    )
    texts = [(claim + end).encode() for claim in claims for end in ",}"]
    return "|".join(dict.fromkeys(_in_base64(text, before) for text in texts for before in range(3)))


def _in_base64(text: bytes, before: int) -> str:
    """The signs of base64 that depend on this text alone, where it follows on `before` bytes."""
    encoded = base64.urlsafe_b64encode(bytes(before) + text).decode()
    return encoded[-(-8 * before // 6) : 8 * (before + len(text)) // 6]


def _platform(deployment: Deployment) -> dict[str, Any]:
    platform = deployment.platform
    return {
        "http_port": platform.http_port,
        "https_port": platform.https_port,
        "health_address": platform.health_address,
    }


def _tls(deployment: Deployment) -> dict[str, Any]:
    tls = deployment.profile.deployment.tls
    acme = deployment.letsencrypt is not None
    secrets = deployment.release.image("nginx").secrets
    folder = deployment.platform.certificate_folder
    names = ("fullchain.pem", "privkey.pem") if folder else (secrets.names[name] for name in _CERTIFICATE)
    certificate, key = (f"{folder or secrets.directory}/{name}" for name in names)
    return {
        "ends_tls": deployment.ends_tls,
        "behind_proxy": tls is not None and not deployment.ends_tls,
        "proxies": (tls.proxies if tls is not None else []) or PRIVATE_NETWORKS,
        "acme_webroot": deployment.release.image("certbot").paths["webroot"] if acme else None,
        "certificate_folder": certificate_folder(deployment) if acme else folder or None,
        "certificate": certificate,
        "certificate_key": key,
        "is_https": deployment.origin.scheme == "https",
    }


_CERTIFICATE = (naming.TLS_CERTIFICATE, naming.TLS_KEY)


def certificate_folder(deployment: Deployment) -> str:
    """The folder of the certificate from Let's Encrypt; certbot's `--cert-name` is the origin's host."""
    return f"{deployment.release.image('certbot').paths['live']}/{deployment.origin.host}"


def _orthanc(deployment: Deployment) -> dict[str, Any]:
    path = deployment.addresses.orthanc_path
    return {
        "orthanc_path": path,
        "orthanc_pattern": re.escape(path),
        "explorer_path": deployment.addresses.explorer_path,
        "public_names": _columns(paths.public_names(deployment)),
        "upload_pattern": paths.upload_pattern(deployment),
        "export_pattern": paths.export_pattern(deployment),
        "plugin_pattern": paths.plugin_pattern(deployment),
        "decode_pattern": paths.decode_pattern(deployment),
        "listing_patterns": paths.listing_patterns(deployment),
        "selection_pattern": paths.selection_pattern(deployment),
        "remote_pattern": paths.remote_pattern(deployment),
        "job_pattern": paths.job_pattern(deployment),
        "lookup_pattern": paths.lookup_pattern(deployment),
        "link_pattern": paths.link_pattern(deployment),
        "modification_pattern": paths.modification_pattern(deployment),
        "creation_pattern": paths.creation_pattern(deployment),
        "image_pattern": paths.image_pattern(deployment),
        "files_patterns": paths.files_patterns(deployment),
        "pages_pattern": paths.pages_pattern(deployment),
        "users": _KEYCLOAKS,
        "clients_pattern": _clients_pattern(token_clients(deployment)),
        "has_api_keys": deployment.profile.identity.api_keys,
        "search_pattern": paths.search_pattern(deployment),
        "statistics_pattern": paths.statistics_pattern(deployment),
        "study_list_pattern": paths.study_list_pattern(deployment),
        "study_list": STUDY_LIST,
        "dicomweb": naming.DICOMWEB_ROOT.strip("/"),
        "saves_reports": judges_reports(deployment),
        "report": REPORT,
        "longest_report": MAX_REPORT_SIZE,
        "stow_pattern": paths.stow_pattern(deployment),
        "whole_archive_patterns": paths.whole_archive_patterns(deployment),
        "tokenless_pattern": paths.tokenless_pattern(deployment),
        "page_pattern": paths.page_pattern(deployment),
        "inbox_answers": inbox_answers(deployment),
        "ask": ASK,
        "sees_everything": SEES_EVERYTHING,
    }


def _columns(names: Mapping[str, str]) -> dict[str, str]:
    """The names filled up to one width, so that what follows them stands in a column."""
    width = max(map(len, names))
    return {name.ljust(width): comment for name, comment in names.items()}


def _upstreams(deployment: Deployment) -> list[Upstream]:
    names = [naming.ORTHANC, *deployment.viewer_containers]
    if deployment.has_own_keycloak:
        names.append(naming.KEYCLOAK)
    ports = deployment.platform.ports
    single = [
        Upstream(name, (Server(name, ports[name]),), _KEPT.get(name, 16), _IDLE.get(name, "30s"))
        for name in names
    ]
    return [*single, *_shared(deployment)] if deployment.readers else single


def _shared(deployment: Deployment) -> tuple[Upstream, Upstream]:
    """The upstreams of requests that more than one Orthanc can answer."""
    port = deployment.platform.ports[naming.ORTHANC]
    ingest = Server(naming.ORTHANC, port, _FAILED)
    readers = [Server(name, port, _FAILED) for name in deployment.readers]
    kept = min(_KEPT[naming.ORTHANC] * len(readers), _MAX_KEPT)
    return (
        Upstream(
            Nodes.READERS,
            (*readers, replace(ingest, is_backup=True)),
            kept,
            _IDLE[naming.ORTHANC],
            "The readers; where none answers, the ingest node.",
        ),
        Upstream(
            Nodes.EITHER,
            (ingest, *(replace(reader, is_backup=True) for reader in readers)),
            _KEPT[naming.ORTHANC],
            _IDLE[naming.ORTHANC],
            "The ingest node; where it does not answer, a reader.",
        ),
    )


def _nodes(deployment: Deployment) -> dict[str, Any]:
    """The upstreams of requests to Orthanc: variables of nginx or, without readers, always the same."""
    if not deployment.readers:
        return {"has_readers": False, **dict.fromkeys(_UPSTREAM_NAMES, naming.ORTHANC)}
    return {
        "has_readers": True,
        "node_patterns": node_patterns(deployment),
        "readers": Nodes.READERS.value,
        "either": Nodes.EITHER.value,
        "node": "$orthanc_node",
        "asked_node": "$asked_node",
    }


_UPSTREAM_NAMES = ("readers", "either", "node", "asked_node")


def _viewer(deployment: Deployment, viewer: Contribution) -> dict[str, Any]:
    """The public path of a viewer's pages, and the path in its container (OHIF: `/` before 3.12, then `/ohif/`)."""
    values = {
        "title": viewer.title,
        "path": viewer.path,
        "container": viewer.container,
        "needs_isolation": viewer.needs_isolation,
    }
    if not viewer.container:
        return values
    paths = deployment.release.image(viewer.container).paths
    configuration = paths["configuration"].removeprefix(paths["site"])
    return {**values, "pattern": re.escape(viewer.path), "inner_path": configuration.rpartition("/")[0] + "/"}


def _keycloak(deployment: Deployment) -> dict[str, Any] | None:
    if not deployment.has_own_keycloak:
        return None
    identity = deployment.profile.identity
    path = deployment.addresses.keycloak_path
    public = [f"realms/{identity.realm}/{folder}" for folder in _REALM_PATHS]
    if identity.keycloak.admin_console:
        public += ["admin/", "realms/master/"]
    return {
        "path": path,
        "pattern": re.escape(path),
        "public": [path + folder for folder in [*public, "resources/"]],
        "exact": [f"{path}realms/{identity.realm}/account"],
    }
