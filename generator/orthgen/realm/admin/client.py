"""
Client of Keycloak's admin API: four methods, with answers read into typed representations.

The client repeats requests that may be repeated, and an error names its cause. A POST without an answer is not
repeated: it raises `OutcomeUnknown`, and the caller reads the realm first.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, TypeVar

from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.http_client import RETRYABLE_STATUS, NoReply
from orthgen.realm.admin.api import NotFound, OutcomeUnknown
from orthgen.realm.admin.representations import Unreadable, read_answer
from orthgen.realm.admin.required_roles import missing_right
from orthgen.realm.admin.server import (
    MAX_ATTEMPTS,
    TIMEOUT_SECONDS,
    Server,
    parse_keycloak_address,
)
from orthgen.realm.admin.session import Administrator, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthgen.http_client import Reply

__all__ = ["AdminClient", "Administrator"]

T = TypeVar("T")

# Keycloak's error texts are sentences with names; other texts are not shown.
_SENTENCE = re.compile(r"[\w .,:;'()/@-]{1,400}")
# A server or proxy between stopped waiting; Keycloak may still process the request.
_STILL_RUNNING = frozenset({502, 503, 504})


class _ErrorAnswer(TypedDict):
    """Members of Keycloak's error answers."""

    error: NotRequired[str | None]
    errorMessage: NotRequired[str | None]
    error_description: NotRequired[str | None]


class AdminClient:
    """An administrator's connection to one server. Several threads may use it."""

    def __init__(  # noqa: PLR0913 - the parts of a connection
        self,
        server: str,
        administrator: Administrator,
        *,
        realm: str = "",
        ca_file: Path | None = None,
        timeout: float = TIMEOUT_SECONDS,
        connections: int = 4,
        sleep: Callable[[float], None] = time.sleep,
        hide: Callable[[str], str] = str,
    ) -> None:
        self._server = Server(
            parse_keycloak_address(server),
            realm=realm,
            ca_file=ca_file,
            timeout=timeout,
            connections=connections,
            sleep=sleep,
        )
        self._session = Session(self._server, administrator)
        self._hide = hide

    @property
    def server(self) -> str:
        """The server's address, with a slash at the end."""
        return self._server.url

    @property
    def requests(self) -> int:
        """The number of requests, with those of the sign-in."""
        return self._server.requests

    @property
    def writes(self) -> int:
        """The number of requests that change something."""
        return self._server.writes

    # --------------------------------------------------------------------------------------------- verbs

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        reply = self._repeat("GET", path, query=query)
        try:
            return read_answer(reply.body, kind)
        except Unreadable as problem:
            raise self._unreadable(f"GET {path}", reply, str(problem)) from None

    def put(self, path: str, body: Any) -> None:
        self._repeat("PUT", path, body=body)

    def delete(self, path: str, body: Any = None) -> None:
        try:
            self._repeat("DELETE", path, body=body)
        except NotFound:
            return  # it is deleted already

    def post(self, path: str, body: Any) -> str:
        identifier = self._repeat("POST", path, body=body).headers.get("location", "").rpartition("/")[2]
        # Another text is no id of Keycloak's; a caller that needs the id reads the object.
        return identifier if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._%-]{0,254}", identifier) else ""

    # ------------------------------------------------------------------------------------------ requests

    def _repeat(self, verb: str, path: str, *, query: Any = None, body: Any = None) -> Reply:
        rejected = ""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            authorization = self._session.authorization(stale=rejected)
            try:
                reply = self._server.send(verb, path, authorization=authorization, query=query, body=body)
            except NoReply as failure:
                problem = self._server.unreachable(failure)
                if verb == "POST" and failure.fault.was_sent:
                    raise OutcomeUnknown(
                        f"the answer to POST {path} was lost: {failure.reason}", still_running=True
                    ) from None
                self._server.pause(attempt)
                continue
            if reply.status == 401 and not rejected:
                rejected = authorization
                continue
            if reply.status not in RETRYABLE_STATUS:
                return self._checked(verb, path, reply)
            if verb == "POST" and reply.status != 429:
                raise OutcomeUnknown(
                    f"POST {path} was answered by {reply.status}{self._reason(reply)}",
                    still_running=reply.status in _STILL_RUNNING,
                )
            problem = self._server.failing(verb, path, reply)
            self._server.pause(attempt, reply)
        raise problem

    def _checked(self, verb: str, path: str, reply: Reply) -> Reply:
        code, request = reply.status, f"{verb} {path}"
        if 200 <= code < 300:
            if verb != "GET" and reply.is_page:
                raise self._unreadable(request, reply, "it is a web page")
            return reply
        # Keycloak's errors are JSON; a page or a redirect comes from a proxy before it.
        if 300 <= code < 400 or reply.is_page or (code == 404 and not self._is_keycloak_error(reply)):
            raise self._server.no_keycloak(reply)
        if code == 404:
            raise NotFound(f"{request}: there is no such object")
        if code == 409 and verb != "GET":
            raise KeycloakConflict(
                f"{request}: it exists already{self._reason(reply)}", hint="another run may be active"
            )
        if code in {401, 403}:
            raise KeycloakRefused(
                f"Keycloak refuses {request}",
                hint=f"the administrator lacks the role {missing_right(verb, path)}",
            )
        raise KeycloakError(f"Keycloak answers {request} with {code}{self._reason(reply)}")

    def _unreadable(self, request: str, reply: Reply, problem: str) -> KeycloakUnavailable:
        reason = "it is a web page" if reply.is_page else problem
        return KeycloakUnavailable(
            f"the answer of `{self.server}` to {request} is not an answer of Keycloak: {reason}",
            hint="a proxy, a portal or another program may have answered instead",
        )

    def _is_keycloak_error(self, reply: Reply) -> bool:
        try:
            answer = read_answer(reply.body, _ErrorAnswer)
        except Unreadable:
            return False
        return any(answer.get(member) for member in ("error", "errorMessage", "error_description"))

    def _reason(self, reply: Reply) -> str:
        """Keycloak's error text without any secret."""
        try:
            answer = read_answer(reply.body, _ErrorAnswer)
        except Unreadable:
            return ""
        text = answer.get("errorMessage") or answer.get("error_description") or answer.get("error") or ""
        text = self._hide(self._session.hide(text))
        return f": {text}" if _SENTENCE.fullmatch(text) else ""
