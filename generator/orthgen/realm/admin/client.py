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
from orthgen.realm.admin.api import NotFound, OutcomeUnknown
from orthgen.realm.admin.http_client import NoReply
from orthgen.realm.admin.representations import Unreadable, read_answer
from orthgen.realm.admin.required_roles import missing_right
from orthgen.realm.admin.server import (
    MAX_ATTEMPTS,
    RETRYABLE_STATUS,
    TIMEOUT_SECONDS,
    Server,
    parse_keycloak_address,
)
from orthgen.realm.admin.session import Administrator, Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orthgen.realm.admin.http_client import Reply

__all__ = ["AdminClient", "Administrator"]

T = TypeVar("T")

# Keycloak's complaints are sentences with names in them; what looks otherwise is something else, quoted.
_SENTENCE = re.compile(r"[\w .,:;'()/@-]{1,200}")
# A server or a proxy in between gave up waiting; the request itself may go on.
_STILL_RUNNING = frozenset({502, 503, 504})


class _ErrorAnswer(TypedDict):
    """What Keycloak says about an error."""

    error: NotRequired[str | None]
    errorMessage: NotRequired[str | None]
    error_description: NotRequired[str | None]


class AdminClient:
    """An administrator's connection to one server. Several threads may use it."""

    def __init__(  # noqa: PLR0913 - what a connection is made of
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
        """How many requests were sent, those that signed in among them."""
        return self._server.requests

    @property
    def writes(self) -> int:
        """How many of them changed something."""
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
            return  # gone already: that is what was wanted

    def post(self, path: str, body: Any) -> str:
        identifier = self._repeat("POST", path, body=body).headers.get("location", "").rpartition("/")[2]
        # What is no id of Keycloak's is none: whoever needs it looks the object up.
        return identifier if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._%-]{0,254}", identifier) else ""

    # ------------------------------------------------------------------------------------------ requests

    def _repeat(self, verb: str, path: str, *, query: Any = None, body: Any = None) -> Reply:
        refused = ""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            authorization = self._session.authorization(stale=refused)
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
            if reply.status == 401 and not refused:
                refused = authorization
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
        code, asked = reply.status, f"{verb} {path}"
        if 200 <= code < 300:
            if verb != "GET" and reply.is_page:
                raise self._unreadable(asked, reply, "it is a web page")
            return reply
        # Keycloak's errors are JSON; a page, or a redirect, is from something before it.
        if 300 <= code < 400 or reply.is_page or (code == 404 and not self._is_complaint(reply)):
            raise self._server.no_keycloak(reply)
        if code == 404:
            raise NotFound(f"{asked}: there is no such object")
        if code == 409 and verb != "GET":
            raise KeycloakConflict(
                f"{asked}: it exists already{self._reason(reply)}", hint="another run may be at work"
            )
        if code in {401, 403}:
            raise KeycloakRefused(
                f"Keycloak refuses {asked}",
                hint=f"the administrator lacks the role {missing_right(verb, path)}",
            )
        raise KeycloakError(f"Keycloak answers {asked} with {code}{self._reason(reply)}")

    def _unreadable(self, asked: str, reply: Reply, problem: str) -> KeycloakUnavailable:
        what = "it is a web page" if reply.is_page else problem
        return KeycloakUnavailable(
            f"the answer of `{self.server}` to {asked} is none of Keycloak's: {what}",
            hint="a proxy, a portal or another program may have answered in its place",
        )

    def _is_complaint(self, reply: Reply) -> bool:
        try:
            said = read_answer(reply.body, _ErrorAnswer)
        except Unreadable:
            return False
        return any(said.get(member) for member in ("error", "errorMessage", "error_description"))

    def _reason(self, reply: Reply) -> str:
        """What Keycloak says about it, without anything that was sent in confidence."""
        try:
            said = read_answer(reply.body, _ErrorAnswer)
        except Unreadable:
            return ""
        text = said.get("errorMessage") or said.get("error_description") or said.get("error") or ""
        text = self._hide(self._session.hide(text))
        return f": {text}" if _SENTENCE.fullmatch(text) else ""
