"""
The services of a running deployment, set up as public examples of Orthanc with Keycloak have it, in our own words.

nginx passes everything on, the plugin keeps its default permissions, the auth-service its image's own anonymous profile, and
Keycloak's client takes every address and passwords. It is the smallest set-up that has what `orthgen verify` has to find.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.deployment.naming import ORTHANC_CLIENT

if TYPE_CHECKING:
    from tests.support.real.stage import Stage

ADMINISTRATOR, READER = "admin-role", "reader-role"
"""A role with every permission, and a role that sees the studies of one label."""
ROOT = "/orthanc"
"""Orthanc's place on the public host."""

_NGINX = Path(__file__).with_name("nginx.conf")
_EVERYTHING = (
    "all",
    "anonymize",
    "delete",
    "download",
    "edit-labels",
    "modify",
    "send",
    "settings",
    "share",
    "upload",
    "view",
)


def permissions(label: str) -> dict[str, Any]:
    """The roles of the auth-service."""
    limited = {"permissions": ["view", "download", "send", "upload"], "authorized-labels": [label]}
    unlimited = {"permissions": list(_EVERYTHING), "authorized-labels": ["*"]}
    return {"roles": {ADMINISTRATOR: unlimited, READER: limited}, "available-labels": []}


def orthanc(stage: Stage) -> dict[str, Any]:
    """Orthanc's settings; the passwords come from the secrets of the deployment."""
    keycloak = {"Enable": True, "Url": f"{stage.origin}/keycloak/", "Realm": stage.realm}
    return {
        "Name": "Orthanc",
        "AuthenticationEnabled": False,
        "RemoteAccessAllowed": True,
        "DicomWeb": {"Enable": True, "PublicRoot": f"{ROOT}/dicom-web/"},
        "PostgreSQL": {
            "Host": naming.ORTHANC_DB,
            "Database": naming.ORTHANC_DATABASE,
            "Username": naming.ORTHANC_DATABASE,
        },
        "OrthancExplorer2": {"Keycloak": {**keycloak, "ClientId": ORTHANC_CLIENT}},
        "Authorization": {
            "WebServiceRootUrl": f"http://{naming.AUTH_SERVICE}:8000/",
            "WebServiceUsername": "orthanc",
            # The auth-service keeps the deployment's own variables.
            "WebServiceIdentifier": "orthanc",
            "StandardConfigurations": ["orthanc-explorer-2", "ohif", "stone-webviewer"],
            "TokenHttpHeaders": ["api-key"],
            "CheckedLevel": "studies",
        },
    }


def realm(name: str) -> dict[str, Any]:
    """The realm: one public client, whose people may come from and return to any address."""
    client = {
        "clientId": ORTHANC_CLIENT,
        "publicClient": True,
        "directAccessGrantsEnabled": True,
        "redirectUris": ["*"],
        "webOrigins": ["*"],
    }
    roles = {"realm": [{"name": role} for role in (ADMINISTRATOR, READER)]}
    return {"realm": name, "enabled": True, "clients": [client], "roles": roles}


def install(stage: Stage, label: str) -> None:
    """Make Orthanc, nginx and the auth-service anew with this set-up, after the realm of Keycloak."""
    with stage.keycloak() as keycloak:
        keycloak.delete_realm(stage.realm)
        keycloak.import_realm(realm(stage.realm))
    folder = stage.folder / "bare"
    folder.mkdir()
    service = "/orthanc_auth_service"
    files = {
        naming.NGINX: {"/etc/nginx/nginx.conf": _NGINX.read_text(encoding="utf-8")},
        naming.ORTHANC: {"/etc/orthanc/orthanc.json": json.dumps(orthanc(stage))},
        naming.AUTH_SERVICE: {
            f"{service}/permissions.json": json.dumps(permissions(label)),
            # As it is in the image, below the rendered one.
            f"{service}/anonymous-profile.json": json.dumps(
                {"name": "Anonymous", "permissions": ["upload"], "authorized-labels": [], "validity": 60}
            ),
        },
    }
    services: dict[str, Any] = {}
    for name, texts in files.items():
        mounts = []
        for target, text in texts.items():
            file = folder / Path(target).name
            file.write_text(text, encoding="utf-8")
            file.chmod(0o644)
            mounts.append({"type": "bind", "source": str(file), "target": target, "read_only": True})
        services[name] = {"volumes": mounts}
    override = folder / "docker-compose.json"
    override.write_text(json.dumps({"services": services}), encoding="utf-8")
    stage.overrides.append(override)
    stage.up()
