"""Links of the auth-service's stand-in: made, checked and decoded with the secret key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jwt

_KEY = Path("/run/secrets/SECRET_KEY")


def make(kind: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """A signed link to the studies of `request`, and the address that opens it where its kind has one."""
    ends = request.get("expiration-date")
    if ends is None and request.get("validity-duration") is not None:
        ends = (datetime.now(UTC) + timedelta(seconds=request["validity-duration"])).isoformat()
    resources = [
        {
            "orthanc_id": resource.get("orthanc-id"),
            "dicom_uid": resource.get("dicom-uid"),
            "url": resource.get("url"),
            "level": resource["level"],
        }
        for resource in request["resources"]
    ]
    content = {
        "id": request.get("id"),
        "resources": resources,
        "type": kind,
        "expiration_date": ends,
        "validity_duration": request.get("validity-duration"),
    }
    token = jwt.encode(content, _KEY.read_text().strip(), algorithm="HS256")
    landing = os.environ.get("PUBLIC_LANDING_ROOT")
    url = urljoin(landing, f"?token={token}") if landing else _viewer(content, token)
    return {"request": request, "token": token, "url": url if kind.endswith("-publication") else None}


def opens(token: str, asked: Mapping[str, Any]) -> bool:
    """Whether a link names the resource that is asked for, and has not ended."""
    content = _read(token)
    if content is None or _is_over(content) or asked.get("server-id") != os.environ.get("SERVER_ID"):
        return False
    granted = False
    for field, sent in (("dicom_uid", asked.get("dicom-uid")), ("orthanc_id", asked.get("orthanc-id"))):
        named = [resource[field] for resource in content["resources"]]
        if sent and all(named):
            if sent not in named:
                return False
            granted = True
    return granted


def decode(token: str) -> dict[str, Any]:
    """The kind of a link and where it leads; the reason where it leads nowhere."""
    content = _read(token)
    if content is None:
        return {"token-type": None, "error-code": "invalid", "redirect-url": None, "resources": []}
    if _is_over(content):
        return {"token-type": content["type"], "error-code": "expired", "redirect-url": None, "resources": []}
    shared = content["type"].endswith("-publication")
    resources = [
        {"dicom-uid": resource["dicom_uid"], "orthanc-id": resource["orthanc_id"], "level": resource["level"]}
        for resource in content["resources"]
        if shared
    ]
    url = _viewer(content, token) if shared else None
    return {"token-type": content["type"], "error-code": None, "redirect-url": url, "resources": resources}


def _read(token: str) -> dict[str, Any] | None:
    try:
        return dict(jwt.decode(token, _KEY.read_text().strip(), algorithms=["HS256"]))
    except jwt.exceptions.InvalidTokenError:
        return None


def _is_over(content: Mapping[str, Any]) -> bool:
    ends = content["expiration_date"]
    return ends is not None and datetime.fromisoformat(ends) < datetime.now(UTC)


def _viewer(content: Mapping[str, Any], token: str) -> str | None:
    uids = ",".join(resource["dicom_uid"] or "" for resource in content["resources"])
    ids = ",".join(f"../studies/{resource['orthanc_id']}/archive" for resource in content["resources"])
    viewer = content["type"].partition("-")[0]
    root = os.environ.get("PUBLIC_OHIF_ROOT" if viewer == "ohif" else "PUBLIC_ORTHANC_ROOT")
    pages = {
        "ohif": f"viewer?StudyInstanceUIDs={uids}&token={token}",
        "stone": f"stone-webviewer/index.html?study={uids}&selectedStudies={uids}&token={token}",
        "volview": f"volview/index.html?names=[archive.zip]&urls={ids}&token={token}",
    }
    return urljoin(root, pages[viewer]) if root and viewer in pages else None
