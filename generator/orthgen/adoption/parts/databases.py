"""`postgresql` of the archive and of Keycloak: databases on a server that is not among the services."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import truth, whole_number
from orthgen.adoption.references import mounted_secret, note_secret, secret_reference
from orthgen.deployment import naming
from orthgen.deployment.databases import AUTHORITY_FILE, CHECK_SUFFIX, PASSWORD_FILE
from orthgen.profile.database import DEFAULT_CONNECTIONS

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Path
    from orthgen.observed.service_model import Service

INDEX = ("archive", "storage", "postgresql")
KEYCLOAK = ("identity", "keycloak", "postgresql")
_STANDARD_PORT = 5432
# The image's name of database and user where the settings have none (orthanc-builder 26.4.2, plugins-def.json).
_IMAGE_DEFAULT = "postgres"


class _Server(Struct, frozen=True):
    """A database as a client's settings name it; `authority` is a path in the client's container."""

    host: str
    port: int
    database: str
    user: str
    is_encrypted: bool
    authority: str
    place: Location


def state_databases(original: OriginalDeployment, draft: Draft) -> None:
    """State each database that is on a server outside of the deployment."""
    index = _index(original)
    if index is not None and _is_outside(original, index.host):
        mounted = mounted_secret(original.orthanc_service, PASSWORD_FILE.rpartition("/")[2])
        _state(original, draft, INDEX, index)
        if mounted is not None:
            draft.state((*INDEX, "password"), {"secret": mounted}, index.place)
        else:
            key = ("PostgreSQL", "Password")
            secret_reference(original, draft, (*INDEX, "password"), key, naming.ORTHANC_DB_PASSWORD)
    keycloak = _keycloak(original)
    if keycloak is not None and _is_outside(original, keycloak.host):
        mounted = mounted_secret(original.keycloak_service, "KC_DB_PASSWORD")
        _state(original, draft, KEYCLOAK, keycloak)
        name = mounted or naming.KEYCLOAK_DB_PASSWORD
        draft.state((*KEYCLOAK, "password"), {"secret": name}, keycloak.place)
        if mounted is None:
            note_secret(draft, name, f"the password of `{keycloak.user}` at the database", keycloak.place)


def note_external_database(draft: Draft, path: Path, service: str, usual: str) -> None:
    """Note that the data of a database outside stay there, with the dump that is the way back."""
    options, database = _client_options(draft, path, usual)
    host = draft.get((*path, "host"))
    draft.note(
        NoteKind.DATA,
        f"{'the index' if path == INDEX else 'the data of Keycloak'} in the PostgreSQL at `{host}`",
        "the data stay there. A newer version changes their schema at its first start, and the old one cannot read them "
        "afterwards: restore the dump for the way back. `max-connections` has to be the number that the server accepts",
        *draft.entries[*path, "host"].places,
        commands=(f"pg_dump {options} -Fc {database} > {service}.dump",),
    )


def restore_external_database(draft: Draft, path: Path, service: str, usual: str) -> str:
    """The command that makes a database outside what it was when it was dumped."""
    options, database = _client_options(draft, path, usual)
    return f"pg_restore {options} -d {database} --clean --if-exists --exit-on-error < {service}.dump"


def _client_options(draft: Draft, path: Path, usual: str) -> tuple[str, str]:
    """The options of PostgreSQL's programs for the server of the draft, and its database."""
    database = draft.get((*path, "database")) or usual
    user = draft.get((*path, "user")) or database
    port = draft.get((*path, "port")) or _STANDARD_PORT
    return f"-h {draft.get((*path, 'host'))} -p {port} -U {user}", database


def _is_outside(original: OriginalDeployment, host: str) -> bool:
    return bool(host) and host not in {service.name for service in original.deployment.services}


def _index(original: OriginalDeployment) -> _Server | None:
    """The index's server, by a connection URI or by single keys."""
    if not original.settings.has("PostgreSQL"):
        return None
    uri = original.get("PostgreSQL", "ConnectionUri")
    if isinstance(uri, str):
        return _of_uri(uri, original.at("PostgreSQL", "ConnectionUri"))
    host = original.get("PostgreSQL", "Host")
    if not isinstance(host, str):
        return None
    return _Server(
        host=host,
        port=whole_number(original.get("PostgreSQL", "Port")) or _STANDARD_PORT,
        database=str(original.get("PostgreSQL", "Database") or _IMAGE_DEFAULT),
        user=str(original.get("PostgreSQL", "Username") or _IMAGE_DEFAULT),
        is_encrypted=truth(original.get("PostgreSQL", "EnableSsl")) is True,
        authority="",
        place=original.at("PostgreSQL", "Host"),
    )


def _of_uri(uri: str, place: Location, user: str = "") -> _Server | None:
    """The server of a connection URI, also of JDBC's; its password is not read."""
    try:
        parts = urlsplit(uri.removeprefix("jdbc:"))
        port = parts.port or _STANDARD_PORT
    except ValueError:
        return None
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    mode = options.get("sslmode", "require" if "ssl" in options else "disable")
    return _Server(
        host=parts.hostname or "",
        port=port,
        database=unquote(parts.path.strip("/")),
        user=unquote(parts.username or "") or options.get("user", user),
        is_encrypted=mode in {"require", "verify-ca", "verify-full"},
        authority=options.get("sslrootcert", ""),
        place=place,
    )


def _keycloak(original: OriginalDeployment) -> _Server | None:
    service = original.keycloak_service
    if service is None:
        return None
    user = service.variable("KC_DB_USERNAME") or ""
    url = service.variable("KC_DB_URL")
    if url is not None and re.match(r"jdbc:postgresql://", url):
        return _of_uri(url, service.locate_variable("KC_DB_URL"), user)
    host = service.variable("KC_DB_URL_HOST")
    if host is None or "$" in host:
        return None
    return _Server(
        host=host,
        port=whole_number(service.variable("KC_DB_URL_PORT")) or _STANDARD_PORT,
        database=service.variable("KC_DB_URL_DATABASE") or "",
        user=user,
        is_encrypted="sslmode=verify" in (service.variable("KC_DB_URL_PROPERTIES") or ""),
        authority="",
        place=service.locate_variable("KC_DB_URL_HOST"),
    )


def _state(original: OriginalDeployment, draft: Draft, path: Path, server: _Server) -> None:
    client, usual, check = (
        (original.orthanc_service, naming.ORTHANC_DATABASE, naming.ORTHANC_DB + CHECK_SUFFIX)
        if path == INDEX
        else (original.keycloak_service, naming.KEYCLOAK_DATABASE, naming.KEYCLOAK_DB + CHECK_SUFFIX)
    )
    draft.state((*path, "host"), server.host, server.place)
    if server.port != _STANDARD_PORT:
        draft.state((*path, "port"), server.port, server.place)
    database = server.database or usual
    if database != usual:
        draft.state((*path, "database"), database, server.place)
    if server.user not in {"", database}:
        draft.state((*path, "user"), server.user, server.place)
    authority = _authority(original, client) if server.authority == AUTHORITY_FILE else None
    if authority is not None:
        draft.state((*path, "authority"), *authority)
    elif server.is_encrypted:
        needed = "the file with the certificate of the authority that signed the database's"
        draft.fill_in((*path, "authority"), needed, server.place, stand_in="database-authority.pem")
    else:
        draft.state(
            (*path, "encryption"), "none", server.place, remark="the connection is not encrypted today"
        )
    _state_accepted(original, draft, path, check)


def _state_accepted(original: OriginalDeployment, draft: Draft, path: Path, check: str) -> None:
    """State the number of connections that the check of a rendered deployment expects."""
    service = next((each for each in original.deployment.services if each.name == check), None)
    accepted = whole_number(service.variable("MAX_CONNECTIONS")) if service is not None else None
    if service is not None and accepted not in {None, DEFAULT_CONNECTIONS}:
        draft.state((*path, "max-connections"), accepted, service.locate_variable("MAX_CONNECTIONS"))


def _authority(original: OriginalDeployment, client: Service | None) -> tuple[str, Location] | None:
    """The file of the host behind the authority's certificate of a rendered deployment."""
    name = mounted_secret(client, AUTHORITY_FILE.rpartition("/")[2])
    return original.secret_file(name) if name is not None else None
