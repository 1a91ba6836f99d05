"""How often the authorization plugin asks the auth-service while somebody fetches images."""

from __future__ import annotations

import functools
import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from tests.support.filtered import link_token, user_token
from tests.support.images.orthanc.filter import Server
from tests.support.real import web
from tests.support.real.network import Network
from tests.support.real.standin import Answer, Seen, StandIn

_PORT = 8043


def count(
    network: Network,
    configuration: Mapping[str, Any],
    archive_port: int,
    study: str,
    paths: Sequence[str],
    *,
    link: bool,
    at_once: int,
) -> Counter[str]:
    """
    The questions by route of the auth-service, while the paths of a study are fetched, so many at once.

    The plugin's stand-in has the rendered configuration, and stands before the Orthanc on `archive_port` of the loopback.
    Each path has to be answered with 200.
    """
    root = urlsplit(configuration["Authorization"]["WebServiceRootUrl"])
    name = root.hostname or ""
    granting = functools.partial(_answer, link, study)
    service = StandIn(name, network.service(name), root.port or 80, granting)
    plugin = Server({**configuration, "HttpPort": _PORT}, archive_port)
    threading.Thread(target=plugin.serve_forever, args=(0.05,), daemon=True).start()
    token = link_token("A") if link else user_token("reader")

    def fetch(path: str) -> int:
        return web.get(f"http://127.0.0.1:{_PORT}{path}", headers={"token": token}).status

    try:
        with ThreadPoolExecutor(at_once) as pool:
            statuses = set(pool.map(fetch, paths))
    finally:
        plugin.shutdown()
        plugin.server_close()
        service.close()
    assert statuses == {200}, statuses
    return Counter(seen.path for seen in service.requests)


def _answer(link: bool, study: str, seen: Seen) -> Answer:  # noqa: FBT001 - bound above
    """The answers of the auth-service to the token of a user, or of a link to the study."""
    resource = {"dicom-uid": study, "orthanc-id": None, "level": "study"}
    told: dict[str, dict[str, Any]] = {
        "/tokens/decode": {
            "token-type": "viewer-instant-link" if link else None,
            "resources": [resource] if link else [],
        },
        "/tokens/validate": {"granted": link, "validity": 60},
        "/user/get-profile": {
            "name": "reader",
            "user-id": None if link else "1",
            "permissions": [] if link else ["all"],
            "authorized-labels": [] if link else ["*"],
            "validity": 60,
        },
    }
    return Answer(headers=(("Content-Type", "application/json"),), body=json.dumps(told[seen.path]).encode())
