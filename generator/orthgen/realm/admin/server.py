"""
Requests to one Keycloak server, with retries, and errors that name the cause of a failure.

Administrators and tokens are the matter of `client` and `session`. No text of the server gets into a message.
"""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from orthgen.errors import KeycloakUnavailable, OrthgenError
from orthgen.http_client import RETRYABLE_STATUS, Fault, HttpClient, NoReply
from orthgen.realm.admin.representations import Issuer, Unreadable, read_answer
from orthgen.server_address import parse_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orthgen.http_client import Reply
    from orthgen.server_address import ServerAddress

MAX_ATTEMPTS = 6
TIMEOUT_SECONDS = 600.0
_READ_TIMEOUT_SECONDS = 60.0
_FIRST_BACKOFF_SECONDS = 0.1


def parse_keycloak_address(text: str) -> ServerAddress:
    """The parsed address of a Keycloak; raises OrthgenError where it is invalid or holds a password."""
    return parse_server(
        text,
        example="https://HOST/keycloak",
        elsewhere="`--admin` and `--admin-secret` say who signs in",
    )


def refuse_clear_text(address: ServerAddress) -> None:
    """Raise OrthgenError where the administrator's password would cross a network without TLS."""
    if address.is_private():
        return
    raise OrthgenError(
        f"`{address.url}` is plain http to another machine: the administrator's password, every token and every "
        "secret that is written could be read on the network path",
        hint="write `https://`, or run this on the machine itself by `identity.keycloak.local-port`; "
        "`--allow-plain-http` says that nobody else is on the network between",
    )


class Server:
    """Connections to one Keycloak, for several threads. `realm` is the provisioned realm."""

    def __init__(  # noqa: PLR0913 - the parts of a connection
        self,
        address: ServerAddress,
        *,
        realm: str = "",
        ca_file: Path | None = None,
        timeout: float = TIMEOUT_SECONDS,
        connections: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self.url = address.url
        self.requests = 0
        self.writes = 0
        self.timeout = timeout
        self.sleep = sleep
        self._realm = realm
        self._client = HttpClient(self.url, ca_file=ca_file, connections=connections)
        self._lock = threading.Lock()
        self._quiet_until = 0.0

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        verb: str,
        path: str,
        *,
        authorization: str = "",
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request. Raises NoReply where nothing comes that can be read."""
        self._wait_for_retry_after()
        with self._lock:
            self.requests += 1
            self.writes += verb != "GET" and form is None
        return self._client.send(
            verb,
            path,
            # A read has a short timeout; a large change may take long.
            seconds=min(_READ_TIMEOUT_SECONDS, self.timeout)
            if verb == "GET" or form is not None
            else self.timeout,
            query=query,
            headers={"Authorization": authorization} if authorization else None,
            json_body=body,
            form=form,
        )

    def repeat(self, verb: str, path: str, *, form: Callable[[], Mapping[str, str]] | None = None) -> Reply:
        """Send a repeatable request without a token; raises KeycloakUnavailable after the last attempt."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                reply = self.send(verb, path, form=form() if form is not None else None)
            except NoReply as failure:
                problem = self.unreachable(failure)
                self.pause(attempt)
                continue
            if reply.status not in RETRYABLE_STATUS:
                return reply
            problem = self.failing(verb, path, reply)
            self.pause(attempt, reply)
        raise problem

    def pause(self, attempt: int, reply: Reply | None = None) -> None:
        """Wait before the next attempt, longer each time, and as long as the server asks for."""
        if attempt >= MAX_ATTEMPTS:
            return
        retry_after = reply.retry_after if reply is not None else None
        # Jitter, so that threads do not repeat their requests at the same moment.
        wait = min(_FIRST_BACKOFF_SECONDS * 2**attempt, 5.0) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        if retry_after is not None:
            wait = max(wait, retry_after)
        if reply is not None and reply.status == 429:
            with self._lock:
                self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
        else:
            self.sleep(wait)

    def _wait_for_retry_after(self) -> None:
        wait = self._quiet_until - time.monotonic()
        if wait > 0:
            self.sleep(wait)

    # ------------------------------------------------------------------------------------------- causes of failures

    def unreachable(self, failure: NoReply) -> KeycloakUnavailable:
        """The error for a missing reply. Raised at once where another attempt cannot help."""
        if failure.fault is Fault.UNTRUSTED:
            raise KeycloakUnavailable(
                f"the certificate of `{self.url}` is not trusted: {failure.detail}",
                hint="`--ca-file` names the authority that signed it; the check cannot be switched off",
            )
        if failure.fault is Fault.NO_TLS:
            raise KeycloakUnavailable(
                f"the server at `{self.url}` does not use TLS",
                hint=f"is it `{self.address.with_scheme('http')}`?",
            )
        hint = "nothing was compared and nothing is known about the realm; check the address and the network"
        if self.writes:
            hint = "the realm is complete after each change, and the next run continues; check the network"
        if failure.fault is Fault.LOST and self.address.scheme == "http":
            hint += f"; where it speaks TLS there, write `{self.address.with_scheme('https')}`"
        return KeycloakUnavailable(f"cannot reach Keycloak at `{self.url}`: {failure.reason}", hint=hint)

    def failing(self, verb: str, path: str, reply: Reply) -> KeycloakUnavailable:
        """The error for a server that fails at every attempt."""
        return KeycloakUnavailable(
            f"Keycloak at `{self.url}` answers {verb} {path} with {reply.status}, repeatedly",
            hint="see Keycloak's log; a proxy in front of it may have answered instead",
        )

    def no_keycloak(self, reply: Reply) -> KeycloakUnavailable:
        """The error for an answer that is not Keycloak's, or for an admin API behind a proxy."""
        if 300 <= reply.status < 400:
            target = reply.redirect_origin
            return KeycloakUnavailable(
                f"`{self.url}` sends requests on to {f'`{target}`' if target else 'another address'}",
                hint="`--server` is the address at which Keycloak itself answers; no redirect is followed",
            )
        if self._shows_the_realm():
            return KeycloakUnavailable(
                f"Keycloak answers at `{self.url}`, but its admin API does not: a proxy in front of it hides it",
                hint="nginx of a deployment lets `/admin/` through to nobody; on that machine, "
                "`identity: {keycloak: {local-port: 8081}}` publishes it on 127.0.0.1, where this command finds it; "
                "from elsewhere, `identity.keycloak.admin-console` publishes it, or `--server` names another address",
            )
        plain = self.address.scheme == "http" and reply.status == 400
        return KeycloakUnavailable(
            f"the server at `{self.url}` is not a Keycloak" + (" but a web page" if reply.is_page else ""),
            hint=f"try `{self.address.with_scheme('https')}`"
            if plain
            else "`--server` is the address above `/realms/`, with its sub-path: `https://HOST/keycloak`",
        )

    def _shows_the_realm(self) -> bool:
        if not self._realm:
            return False
        # The discovery document is public wherever the sign-in is; the realm's own page may not be.
        path = f"realms/{quote(self._realm, safe='')}"
        try:
            reply = self.repeat("GET", f"{path}/.well-known/openid-configuration")
            return read_answer(reply.body, Issuer)["issuer"].endswith(f"/{path}")
        except (KeycloakUnavailable, Unreadable):
            return False
