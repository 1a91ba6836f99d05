"""Consistency of the realm, its clients, and the credentials between services."""

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
from orthgen.consistency.running_services import (
    environment,
    environment_place,
    has_service,
    secret_of,
    secrets_place,
)
from orthgen.deployment import naming

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.consistency.parsed_files import ParsedFiles
    from orthgen.findings import Finding

_REALM_OF = re.compile(r"/realms/(?P<realm>[^/\"']+)")
_AUTHORITY = re.compile(r'"?authority"?:\s*["\'](?P<url>[^"\']+)["\']')
_CLIENT_ID = re.compile(r'"?client_id"?:\s*["\'](?P<id>[^"\']+)["\']')


REALMS_DIFFER = consistency_rule(
    "realms-differ",
    "Orthanc Explorer 2, OHIF and the auth-service do not name the realm that is imported.",
    file="keycloak/realm.json",
    example="""
        - "realm": "orthanc"
        + "realm": "pacs"
    """,
)


def realm(files: ParsedFiles) -> Iterator[Finding]:
    """Orthanc Explorer 2, OHIF and the auth-service mean the realm that is imported."""
    place = ("OrthancExplorer2", "Keycloak", "Realm")
    name = str(section(files, *place))
    origin = (files.locate(ORTHANC, place), "OrthancExplorer2.Keycloak.Realm")
    if REALM in files.documents and files.get(REALM, "realm") != name:
        message = (
            f"the realm is called `{files.get(REALM, 'realm')}`, Orthanc Explorer 2 signs in at `{name}`"
        )
        yield disagreement(REALMS_DIFFER, message, files.locate(REALM, ("realm",)), origin)
    for variable in ("KEYCLOAK_URI", "KEYCLOAK_ADMIN_URI"):
        value = environment(files, naming.AUTH_SERVICE).get(variable)
        if value is None and variable == "KEYCLOAK_ADMIN_URI":
            continue
        where = environment_place(files, naming.AUTH_SERVICE, variable)
        match = _REALM_OF.search(value or "")
        if match is None or match["realm"] != name:
            yield disagreement(
                REALMS_DIFFER, f"{variable} is `{value}`, which is not realm `{name}`", where, origin
            )
        elif not str(value).endswith("/"):
            yield disagreement(REALMS_DIFFER, f"{variable} does not end in `/`", where)
    path = ohif_file(files)
    authority = _AUTHORITY.search(files.texts[path]) if path is not None else None
    if path is not None and authority is not None:
        url = str(section(files, "OrthancExplorer2", "Keycloak", "Url")).rstrip("/")
        if authority["url"].rstrip("/") != f"{url}/realms/{name}":
            message = f"OHIF signs in at `{authority['url']}`, Orthanc Explorer 2 at `{url}/realms/{name}`"
            yield disagreement(REALMS_DIFFER, message, files.locate_text(path, authority["url"]), origin)


MISSING_CLIENT = consistency_rule(
    "missing-client",
    "A service signs in as a client that the realm does not have.",
    file="orthanc/orthanc.json",
    example="""
        - "ClientId": "orthanc"
        + "ClientId": "explorer"
    """,
)


def clients(files: ParsedFiles) -> Iterator[Finding]:
    """The clients of Orthanc Explorer 2, OHIF and the auth-service exist in the realm."""
    if REALM not in files.documents:
        return
    explorer = str(section(files, "OrthancExplorer2", "Keycloak", "ClientId"))
    if client(files, explorer) is None:
        location = files.locate(ORTHANC, ("OrthancExplorer2", "Keycloak", "ClientId"))
        yield disagreement(
            MISSING_CLIENT,
            f"the realm has no client `{explorer}`",
            location,
            (files.locate(REALM, ("clients",)), "clients"),
        )
    path = ohif_file(files)
    ohif = _CLIENT_ID.search(files.texts[path]) if path is not None else None
    if path is not None and ohif is not None and client(files, ohif["id"]) is None:
        yield disagreement(
            MISSING_CLIENT, f"the realm has no client `{ohif['id']}`", files.locate_text(path, ohif[0])
        )
    needs_admin = "KEYCLOAK_ADMIN_URI" in environment(files, naming.AUTH_SERVICE)
    auth_service = client(files, naming.AUTH_SERVICE_CLIENT)
    if needs_admin and (auth_service is None or not auth_service[1].get("serviceAccountsEnabled")):
        location = environment_place(files, naming.AUTH_SERVICE, "KEYCLOAK_ADMIN_URI")
        message = f"the auth-service signs in as `{naming.AUTH_SERVICE_CLIENT}`, which has no service account in the realm"
        yield disagreement(MISSING_CLIENT, message, location)


AUTH_SERVICE_CREDENTIALS_DIFFER = consistency_rule(
    "auth-service-credentials-differ",
    "Orthanc signs in at the auth-service with an address, a user or a secret that the "
    "auth-service does not have.",
    file="orthanc/orthanc.json",
    example="""
        - "WebServiceUsername": "orthanc"
        + "WebServiceUsername": "share-user"
    """,
)


def auth_service_credentials(files: ParsedFiles) -> Iterator[Finding]:
    """Orthanc knows where the auth-service is, and signs in there as a user that exists, with the same secret."""
    user = section(files, "Authorization", "WebServiceUsername")
    expected_user = environment(files, naming.AUTH_SERVICE).get("ORTHANC_USER")
    place = files.locate(ORTHANC, ("Authorization", "WebServiceUsername"))
    if user != expected_user:
        where = environment_place(files, naming.AUTH_SERVICE, "ORTHANC_USER")
        yield disagreement(
            AUTH_SERVICE_CREDENTIALS_DIFFER,
            f"Orthanc signs in as `{user}`, the auth-service knows `{expected_user}`",
            place,
            (where, "ORTHANC_USER"),
        )
    url = urlsplit(str(section(files, "Authorization", "WebServiceRootUrl")))
    if not has_service(files, url.hostname or "") or url.port != naming.PORTS[naming.AUTH_SERVICE]:
        location = files.locate(ORTHANC, ("Authorization", "WebServiceRootUrl"))
        yield disagreement(
            AUTH_SERVICE_CREDENTIALS_DIFFER, f"no service listens at `{url.geturl()}`", location
        )
    orthanc_secret = secret_of(files, naming.ORTHANC, "ORTHANC__AUTHORIZATION__WEB_SERVICE_PASSWORD")
    service_secret = secret_of(files, naming.AUTH_SERVICE, "ORTHANC_PASSWORD")
    if orthanc_secret is None or orthanc_secret != service_secret:
        message = f"Orthanc's password at the auth-service is the secret `{orthanc_secret}`, the auth-service's is `{service_secret}`"
        location = secrets_place(files, naming.AUTH_SERVICE)
        yield disagreement(AUTH_SERVICE_CREDENTIALS_DIFFER, message, location)


SERVER_IDS_DIFFER = consistency_rule(
    "server-ids-differ",
    "The auth-service and the authorization plugin call this Orthanc by different identifiers.",
    file="orthanc/orthanc.json",
    example="""
        - "WebServiceIdentifier": "orthanc"
        + "WebServiceIdentifier": "pacs"
    """,
)


def server_id(files: ParsedFiles) -> Iterator[Finding]:
    """The auth-service and the plugin call this Orthanc by the same identifier."""
    plugin = section(files, "Authorization", "WebServiceIdentifier")
    service = environment(files, naming.AUTH_SERVICE).get("SERVER_ID")
    if plugin != service:
        location = environment_place(files, naming.AUTH_SERVICE, "SERVER_ID")
        place = files.locate(ORTHANC, ("Authorization", "WebServiceIdentifier"))
        yield disagreement(
            SERVER_IDS_DIFFER,
            f"SERVER_ID is `{service}`, WebServiceIdentifier is `{plugin}`",
            location,
            (place, "WebServiceIdentifier"),
        )
