"""The auth-service as the plugin asks it: profiles and links of the tokens of one request, kept for a minute."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

from orthgen.authz.auth_service import Profile
from orthgen.authz.model import Token, TokenKind
from orthgen.authz.resources import Resource

_SECONDS = 60


class AuthServiceClient:
    """The routes of the auth-service; answers are kept as long as they are valid."""

    def __init__(self, section: Mapping[str, Any]) -> None:
        self._root = str(section.get("WebServiceRootUrl", ""))
        self._server = section.get("WebServiceIdentifier")
        user, password = section.get("WebServiceUsername", ""), section.get("WebServicePassword", "")
        self._basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._kept: dict[str, tuple[float, Any]] = {}

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, keep: bool = False
    ) -> Any:
        """The JSON that the service answers."""
        sent = None if body is None else {**body, "server-id": self._server}
        key = json.dumps([path, sent], sort_keys=True)
        ends, answer = self._kept.get(key, (0.0, None))
        if keep and ends > time.monotonic():
            return answer
        request = urllib.request.Request(
            self._root + path,
            None if sent is None else json.dumps(sent).encode(),
            {"Authorization": f"Basic {self._basic}", "Content-Type": "application/json"},
            method=method,
        )
        with self._opener.open(request, timeout=30) as reply:
            answer = json.loads(reply.read())
        if keep:
            self._kept[key] = (time.monotonic() + _SECONDS, answer)
        return answer


class Caller:
    """Stands in the model for the auth-service: asks the real one about the tokens of one request."""

    reachable = True

    def __init__(
        self, client: AuthServiceClient, method: str, values: Mapping[str, tuple[str, bool]]
    ) -> None:
        self._client, self._method, self._values = client, method, values
        self.tokens = tuple(self._token(name, *value) for name, value in values.items())
        """The tokens of the request, by the header or argument that carries each."""

    def _token(self, name: str, value: str, argument: bool) -> Token:  # noqa: FBT001 - unpacked from a table
        decoded = self._decoded(name)
        if not decoded.get("token-type"):
            return Token(name, TokenKind.USER, argument, empty=not value)
        names = {resource[key] for resource in decoded["resources"] for key in ("dicom-uid", "orthanc-id")}
        return Token(name, TokenKind.LINK, argument, studies=frozenset(names - {None}), decodable=bool(names))

    def _decoded(self, name: str) -> dict[str, Any]:
        body = {"token-key": name, "token-value": self._values[name][0]}
        return dict(self._client.ask("POST", "tokens/decode", body, keep=True))

    def shared_studies(self) -> list[str]:
        """The UIDs of the studies that the links of the request share."""
        return [
            str(resource["dicom-uid"])
            for token in self.tokens
            for resource in self._decoded(token.name)["resources"]
            if resource["dicom-uid"]
        ]

    def described(self, token: Token | None) -> dict[str, Any]:
        """The profile of who sends a token, as the service words it."""
        body = {} if token is None else {"token-key": token.name, "token-value": self._values[token.name][0]}
        return dict(self._client.ask("POST", "user/get-profile", body, keep=True))

    def profile(self, token: Token | None) -> Profile:
        """The same, for the model."""
        told = self.described(token)
        labels, permissions = frozenset(told["authorized-labels"]), frozenset(told["permissions"])
        return Profile(told["name"], permissions, labels, is_user=bool(told.get("user-id")))

    def opens(self, token: Token, resource: Resource) -> bool:
        """Whether a link opens a resource."""
        body = {
            "token-key": token.name,
            "token-value": self._values[token.name][0],
            "level": resource.level.value,
            "method": self._method.lower(),
            "orthanc-id": resource.orthanc_id,
            "dicom-uid": resource.uid,
        }
        return bool(self._client.ask("POST", "tokens/validate", body, keep=True)["granted"])
