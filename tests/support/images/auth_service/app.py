"""A stand-in for the auth-service: the routes that the authorization plugin asks, answered by the project's model."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.support.images.auth_service import links, people

_USERS: dict[str, str] = json.loads(os.environ["USERS"])
_Message = Mapping[str, Any]

# A role that cannot be read ends the service at its start.
people.service()


async def app(
    scope: Mapping[str, Any],
    receive: Callable[[], Awaitable[_Message]],
    send: Callable[[_Message], Awaitable[None]],
) -> None:
    """Answer one request (ASGI)."""
    if scope["type"] != "http":
        return
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message.get("more_body"):
            break
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    # In a thread, because Keycloak may be asked.
    status, value = await asyncio.to_thread(_answer, scope["method"], scope["path"], headers, body)
    content = json.dumps(value).encode()
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": content})


def _answer(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any]:
    if (method, path) == ("GET", "/openapi.json"):
        return 200, {"openapi": "3.1.0", "info": {"title": "stand-in", "version": "0"}, "paths": {}}
    if not _is_orthanc(headers.get("authorization", "")):
        return 401, {"detail": "Incorrect username or password."}
    try:
        asked = json.loads(body) if body else {}
    except ValueError:
        return 422, {"detail": "no JSON"}
    token = asked.get("token-value") or ""
    if (method, path) == ("POST", "/user/get-profile"):
        return 200, people.profile(asked.get("token-key"), token)
    if (method, path) == ("POST", "/tokens/validate"):
        return 200, {"granted": links.opens(token.replace("Bearer ", ""), asked), "validity": 60}
    if (method, path) == ("POST", "/tokens/decode"):
        return 200, links.decode(token)
    if method == "PUT" and path.startswith("/tokens/"):
        return _made(path.removeprefix("/tokens/"), asked)
    return _roles(method, asked) if path == "/settings/roles" else (404, {"detail": "Not Found"})


def _made(kind: str, asked: Mapping[str, Any]) -> tuple[int, Any]:
    if asked.get("type", kind) != kind:
        return 400, {"detail": "the type is not the address's"}
    return 200, links.make(kind, asked)


def _roles(method: str, asked: Mapping[str, Any]) -> tuple[int, Any]:
    if method == "GET":
        return 200, people.roles_of_realm()
    people.write_roles(asked)
    return 200, None


def _is_orthanc(authorization: str) -> bool:
    kind, _, encoded = authorization.partition(" ")
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        return False
    expected = _USERS.get(user)
    return kind == "Basic" and expected is not None and secrets.compare_digest(password, expected)
