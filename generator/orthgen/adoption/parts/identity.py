"""`identity`, save the ways of signing in: which Keycloak and realm, programs, sessions, mail server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import time_span, truth, web_address, whole_number
from orthgen.adoption.references import realm_reference
from orthgen.deployment import naming
from orthgen.products.auth_service.server import EDITED_FOLDER
from orthgen.products.trusted_authorities import TRUST_FOLDER
from orthgen.viewers import CLIENT_IDS

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document

_IDENTITY, _SMTP = ("identity",), ("identity", "smtp")
_REALM = re.compile(r"/realms/([^/]+)/?")
_DEFAULT_REALM = "orthanc"
# The profile's key, Keycloak's key, and the default of both (in seconds).
_SESSIONS = (
    ("access-token", "accessTokenLifespan", 300),
    ("idle", "ssoSessionIdleTimeout", 1800),
    ("longest", "ssoSessionMaxLifespan", 36000),
)
_EXPLORERS_KEYCLOAK = ("OrthancExplorer2", "Keycloak")


def state_identity(original: OriginalDeployment, draft: Draft) -> None:
    """State the realm, the Keycloak, and what goes with them."""
    realm, place = _realm_name(original)
    if realm != _DEFAULT_REALM and place is not None:
        draft.state((*_IDENTITY, "realm"), realm, place)
    _state_server(original, draft)
    _state_clients(original, draft)
    _state_keycloak_ports(original, draft)
    _state_programs(original, draft)
    _state_trust(original, draft)
    if original.realm is not None and not draft.has((*_IDENTITY, "keycloak", "server")):
        _state_sessions(original.realm, draft)
        _state_smtp(original.realm, draft)


def _realm_name(original: OriginalDeployment) -> tuple[str, Location | None]:
    name = original.get(*_EXPLORERS_KEYCLOAK, "Realm")
    if isinstance(name, str):
        return name, original.at(*_EXPLORERS_KEYCLOAK, "Realm")
    if (found := original.variable("KEYCLOAK_URI")) and (match := _REALM.search(found[0])):
        return match[1], found[1]
    if original.realm is not None and isinstance(original.realm.value.get("realm"), str):
        return original.realm.value["realm"], original.realm.locate(("realm",))
    return _DEFAULT_REALM, None


def _state_server(original: OriginalDeployment, draft: Draft) -> None:
    """State the institution's own Keycloak, where the deployment does not carry one."""
    if original.keycloak_service is not None or original.realm is not None:
        return
    url = original.get(*_EXPLORERS_KEYCLOAK, "Url")
    found = original.variable("KEYCLOAK_URI")
    if isinstance(url, str) and "://" in url:
        address, place = url, original.at(*_EXPLORERS_KEYCLOAK, "Url")
    elif found is not None:
        address, place = _REALM.split(found[0])[0], found[1]
    elif original.settings.has(*_EXPLORERS_KEYCLOAK) and truth(original.get(*_EXPLORERS_KEYCLOAK, "Enable")):
        draft.note(
            NoteKind.CHANGED,
            "the Keycloak is in none of the files",
            "the deployment gets one of its own, with accounts of its own; name the existing one with `identity.keycloak: {server: …}`",
            original.at(*_EXPLORERS_KEYCLOAK),
        )
        return
    else:
        return
    if web_address(address).hostname in {None, naming.KEYCLOAK}:
        return
    draft.state((*_IDENTITY, "keycloak", "server"), address.rstrip("/"), place)
    if original.own.guard is None:
        _state_part_of_realm(draft, place)


def _state_clients(original: OriginalDeployment, draft: Draft) -> None:
    """State what the guard says about the realm: whether other applications use it, and whose tokens it accepts."""
    guard = original.own.guard
    clients = guard.value.get("clients") if guard is not None else None
    if guard is None or clients is None:
        return
    place = guard.locate(("clients",))
    _state_part_of_realm(draft, place)
    own = {naming.ORTHANC_CLIENT, *CLIENT_IDS}
    if others := [client for client in clients if client not in own]:
        draft.state((*_IDENTITY, "keycloak", "other-clients"), others, place)


def _state_part_of_realm(draft: Draft, place: Location) -> None:
    draft.state(
        (*_IDENTITY, "keycloak", "manage"),
        "clients-and-roles",
        place,
        remark="everything else in the realm stays as it is",
    )


def _state_keycloak_ports(original: OriginalDeployment, draft: Draft) -> None:
    service = original.keycloak_service
    if service is None:
        return
    for port in service.ports:
        published = whole_number(port.published)
        if port.target != str(naming.PORTS[naming.KEYCLOAK]) or published is None:
            continue
        draft.state((*_IDENTITY, "keycloak", "local-port"), published, port.location)
        if port.host not in {"127.0.0.1", "::1"}:
            draft.note(
                NoteKind.CHANGED,
                f"Keycloak is published on port {published} of every address of the host",
                "only this machine reaches that port; browsers use the public origin",
                port.location,
            )
        break
    paths = [
        (location.path, location.location)
        for proxy in original.deployment.proxies
        for server in proxy.servers
        for location in server.locations
    ]
    console = next((place for path, place in paths if path.endswith("/realms/master/")), None)
    if console is not None:
        draft.state((*_IDENTITY, "keycloak", "admin-console"), True, console)
    elif not original.is_rendered and original.edge is not None:
        draft.note(
            NoteKind.CHANGED,
            "the proxy passes all of Keycloak, its administration too",
            "only the realm's sign-in and account pages are public; `identity.keycloak: {admin-console: true}` keeps the "
            "console, `local-port: 8081` gives it to administrators on the host alone",
            original.edge.definition.locate(()),
        )


def _state_programs(original: OriginalDeployment, draft: Draft) -> None:
    keys = original.variable("ENABLE_KEYCLOAK_API_KEYS")
    if keys is not None and truth(keys[0]):
        draft.state((*_IDENTITY, "api-keys"), True, keys[1])
    file = original.variable("PERMISSIONS_FILE_PATH")
    if file is not None and file[0].startswith(f"{EDITED_FOLDER}/"):
        draft.state((*_IDENTITY, "permission-editor"), True, file[1])
    elif not original.is_rendered and (client := original.variable("KEYCLOAK_CLIENT_SECRET")) is not None:
        draft.note(
            NoteKind.CHANGED,
            "administrators can change roles in Orthanc Explorer 2",
            "roles are changed in the profile, where they are reviewed; `identity: {permission-editor: true}` keeps the editor",
            client[1],
        )


def _state_trust(original: OriginalDeployment, draft: Draft) -> None:
    """Certificates of authorities: files that are mounted where Keycloak looks for them."""
    services = [
        service for service in (original.keycloak_service, original.auth_service) if service is not None
    ]
    for service in services:
        folders = [TRUST_FOLDER, *re.split(r"[,;]", service.variable("KC_TRUSTSTORE_PATHS") or "")]
        mounts = [
            mount
            for mount in service.mounts
            if any(folder and mount.target.startswith(folder.rstrip("/")) for folder in folders)
            and mount.source
        ]
        files = [original.secret_file(mount.source) or (mount.source, mount.location) for mount in mounts]
        if files:
            draft.state((*_IDENTITY, "trust"), [file for file, _ in files], *(place for _, place in files))
            return


def _state_sessions(realm: Document, draft: Draft) -> None:
    for name, key, default in _SESSIONS:
        seconds = realm.value.get(key)
        if isinstance(seconds, int) and seconds != default:
            draft.state((*_IDENTITY, "sessions", name), time_span(seconds), realm.locate((key,)))


def _state_smtp(realm: Document, draft: Draft) -> None:
    server: Any = realm.value.get("smtpServer")
    if not isinstance(server, dict) or not server.get("host"):
        return

    def place(key: str) -> Location:
        return realm.locate(("smtpServer", key))

    draft.state((*_SMTP, "host"), server["host"], place("host"))
    port = whole_number(server.get("port"))
    if port is not None and port != 587:
        draft.state((*_SMTP, "port"), port, place("port"))
    if server.get("from"):
        draft.state((*_SMTP, "sender"), server["from"], place("from"))
    else:
        draft.fill_in(
            (*_SMTP, "sender"), "the address that mails come from", place("host"), stand_in="pacs@example.org"
        )
    if truth(server.get("auth")) and server.get("user"):
        draft.state((*_SMTP, "user"), server["user"], place("user"))
        realm_reference(
            draft, (*_SMTP, "password"), server.get("password"), "smtp-password", place("password")
        )
    is_tls, starts_tls = truth(server.get("ssl")), truth(server.get("starttls"))
    if is_tls or not starts_tls:
        draft.state((*_SMTP, "encryption"), "tls" if is_tls else "none", place("ssl" if is_tls else "host"))
