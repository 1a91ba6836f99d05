"""
The only door to a Keycloak server: four verbs on the admin API, and the only importer of python-keycloak.

python-keycloak keeps the connection and knows the token endpoint. What is added here: tokens that are renewed
in time and once for all threads, retries of what may be repeated, respect for a server that asks for less, and
errors that say whose fault it was. A POST is not repeated by itself where nobody knows whether it was carried
out: that is `Uncertain`, and whoever asked has to look first.
"""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.errors import GatewayError, KeycloakConflict, KeycloakRefused, KeycloakUnavailable
from generator.keycloak.rights import missing_right
from generator.keycloak.verbs import NotFound, Uncertain

if TYPE_CHECKING:
    from collections.abc import Callable

    from requests import Response

ATTEMPTS = 6
_AGAIN = frozenset({429, 500, 502, 503, 504})
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class Administrator:
    """
    Who signs in, in which realm: a person with a password, or a client with a secret or a private key.

    `private_key` is PEM text. Nothing of this is ever shown.
    """

    realm: str = "master"
    user: str = ""
    password: str = field(default="", repr=False)
    otp: str = field(default="", repr=False)
    client: str = "admin-cli"
    secret: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)


class Gateway:
    """An administrator's connection to one server. Several threads may use it."""

    def __init__(  # noqa: PLR0913 - what a connection is made of
        self,
        server: str,
        administrator: Administrator,
        *,
        verify: bool | str = True,
        timeout: int = 60,
        connections: int = 4,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        from keycloak import KeycloakOpenID
        from keycloak.connection import ConnectionManager

        self.server = server.rstrip("/") + "/"
        self.requests = 0
        self.writes = 0
        self.connections = connections
        self._administrator = administrator
        self._sleep = sleep
        self._lock = threading.Lock()
        self._token_lock = threading.RLock()
        self._quiet_until = 0.0
        self._expires = 0.0
        self._refresh = ""
        self._audience = ""
        # Retries are ours: the library would repeat a POST whose answer was lost.
        self._connection = ConnectionManager(
            base_url=self.server,
            headers={"Content-Type": "application/json"},
            timeout=timeout,
            max_retries=0,
            pool_maxsize=connections,
        )
        self._openid = KeycloakOpenID(
            server_url=self.server,
            realm_name=administrator.realm,
            client_id=administrator.client,
            client_secret_key=administrator.secret or None,
            timeout=timeout,
            max_retries=0,
        )
        # Not handed to the constructors: they would make a second client of it, which no longer takes a path.
        self._connection.verify = verify
        self._openid.connection.verify = verify

    # --------------------------------------------------------------------------------------------- verbs

    def get(self, path: str, **query: Any) -> Any:
        answer = self._repeat("GET", path, lambda: self._connection.raw_get(path, **query))
        try:
            return answer.json()
        except ValueError as error:
            raise _no_keycloak(self.server) from error

    def put(self, path: str, body: Any) -> None:
        text = json.dumps(body)
        self._repeat("PUT", path, lambda: self._connection.raw_put(path, data=text))

    def delete(self, path: str, body: Any = None) -> None:
        text = None if body is None else json.dumps(body)
        try:
            self._repeat("DELETE", path, lambda: self._connection.raw_delete(path, data=text))  # type: ignore[arg-type]
        except NotFound:
            return  # gone already: that is what was wanted

    def post(self, path: str, body: Any) -> str:
        text = json.dumps(body)
        answer = self._repeat("POST", path, lambda: self._connection.raw_post(path, data=text))
        return str(answer.headers.get("Location", "")).rpartition("/")[2]

    # ------------------------------------------------------------------------------------------ requests

    def _repeat(self, verb: str, path: str, send: Callable[[], Response]) -> Response:
        renewed = False
        for attempt in range(1, ATTEMPTS + 1):
            answer = self._send(verb, send)
            if isinstance(answer, str):
                if verb == "POST":
                    raise Uncertain(f"the answer to POST {path} was lost")
                if attempt < ATTEMPTS:
                    self._pause(attempt)
                    continue
                raise self._unreachable(answer)
            if answer.status_code == 401 and not renewed:
                renewed = True
                self._sign_in(stale=True)
                continue
            if answer.status_code in _AGAIN and attempt < ATTEMPTS:
                if verb == "POST" and answer.status_code != 429:
                    raise Uncertain(f"POST {path} was answered by {answer.status_code}")
                self._pause(attempt, answer)
                continue
            return _checked(verb, path, answer)
        raise self._unreachable()

    def _send(self, verb: str, send: Callable[[], Response]) -> Response | str:
        """One request: the answer, or why none came."""
        from keycloak.exceptions import KeycloakConnectionError

        self._sign_in()
        self._wait_if_asked()
        with self._lock:
            self.requests += 1
            self.writes += verb != "GET"
        try:
            return send()
        except KeycloakConnectionError as error:
            return self._reason_of(error)

    def _pause(self, attempt: int, answer: Response | None = None) -> None:
        asked = answer.headers.get("Retry-After", "") if answer is not None else ""
        # Jitter, so that threads that were turned away together do not come back together.
        wait = min(0.1 * 2**attempt, 5.0) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        if asked.isdigit():
            wait = max(wait, min(float(asked), _LONGEST_WAIT))
        if answer is not None and answer.status_code == 429:
            with self._lock:
                self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
        else:
            self._sleep(wait)

    def _wait_if_asked(self) -> None:
        wait = self._quiet_until - time.monotonic()
        if wait > 0:
            self._sleep(wait)

    # ------------------------------------------------------------------------------------------- sign-in

    def _sign_in(self, *, stale: bool = False) -> None:
        """Have a token that lasts a while; several threads ask, one fetches."""
        if not stale and time.monotonic() < self._expires:
            return
        seen = self._expires
        with self._token_lock:
            if (not stale and time.monotonic() < self._expires) or self._expires != seen:
                return  # another thread was faster
            token = self._fetch_token()
            lifetime = float(token.get("expires_in", 60))
            self._refresh = str(token.get("refresh_token", ""))
            self._connection.add_param_headers("Authorization", f"Bearer {token['access_token']}")
            # Renewed well before the end: clocks differ and requests take their time.
            self._expires = time.monotonic() + lifetime * 0.8

    def _fetch_token(self) -> dict[str, Any]:
        from keycloak.exceptions import KeycloakConnectionError, KeycloakError

        for attempt in range(1, ATTEMPTS + 1):
            with self._lock:
                self.requests += 1
            try:
                return self._ask_for_token()
            except KeycloakConnectionError as error:
                problem: Exception = self._unreachable(self._reason_of(error))
            except KeycloakError as error:
                if self._refresh and error.response_code in {400, 401}:
                    self._refresh = ""  # the session is over (a restart, a time-out): sign in anew
                    continue
                problem = self._token_refused(error)
                if error.response_code not in _AGAIN:
                    raise problem from None
            if attempt < ATTEMPTS:
                self._pause(attempt)
        raise problem

    def _ask_for_token(self) -> dict[str, Any]:
        administrator = self._administrator
        if self._refresh:
            found = self._openid.refresh_token(self._refresh, **self._assertion())
        elif administrator.user:
            found = self._openid.token(
                administrator.user,
                administrator.password,
                # Digits, with leading zeros that an int would lose.
                totp=administrator.otp or None,  # type: ignore[arg-type]
            )
        else:
            found = self._openid.token(grant_type="client_credentials", **self._assertion())  # type: ignore[arg-type]
        if not isinstance(found, dict) or "access_token" not in found:
            raise _no_keycloak(self.server)
        return found

    def _assertion(self) -> dict[str, str]:
        if not self._administrator.private_key:
            return {}
        from generator.keycloak.assertion import client_assertion

        if not self._audience:
            # The name that Keycloak goes by, which is its public one even where we reach it by another.
            self._audience = str(self._openid.well_known()["issuer"])
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": client_assertion(
                self._administrator.client, self._audience, self._administrator.private_key
            ),
        }

    def _token_refused(self, error: Any) -> GatewayError:
        code = error.response_code
        who = (
            f"the administrator `{self._administrator.user}`"
            if self._administrator.user
            else f"the client `{self._administrator.client}`"
        )
        if code in {400, 401} and b"error" in (error.response_body or b""):
            return KeycloakRefused(
                f"Keycloak does not let {who} in (realm `{self._administrator.realm}`)",
                hint="check the name and the secret; an administrator with a second factor needs `--admin-otp`",
            )
        if code in _AGAIN:
            return self._unreachable(f"it answers {code}")
        return _no_keycloak(self.server)

    def _reason_of(self, error: BaseException) -> str:
        """Why no answer came, in the words of the deepest cause; a certificate that is not trusted ends the run."""
        from requests.exceptions import SSLError

        cause: BaseException | None = error.__cause__
        if isinstance(cause, SSLError):
            raise KeycloakUnavailable(
                f"the certificate of `{self.server}` is not trusted",
                hint="`--ca-file` names the authority that signed it; there is no way to go without",
            ) from error
        while cause is not None and (cause.__cause__ or cause.__context__) is not None:
            cause = cause.__cause__ or cause.__context__
        return str(getattr(cause, "strerror", None) or "no answer").lower()

    def _unreachable(self, why: str = "no answer") -> KeycloakUnavailable:
        return KeycloakUnavailable(
            f"cannot reach Keycloak at `{self.server}`: {why}",
            hint="nothing was compared and nothing is known about the realm; check the address and the network",
        )


def _no_keycloak(server: str) -> KeycloakUnavailable:
    return KeycloakUnavailable(
        f"what answers at `{server}` is no Keycloak",
        hint="`--server` is the address above `/realms/`, with its sub-path: `https://HOST/keycloak`",
    )


def _checked(verb: str, path: str, answer: Response) -> Response:
    code = answer.status_code
    if code < 300:
        return answer
    if code == 404:
        raise NotFound(f"{verb} {path}: there is no such object")
    if code == 409:
        raise KeycloakConflict(f"{verb} {path}: it exists already", hint="another run may be at work")
    if code in {401, 403}:
        raise KeycloakRefused(
            f"Keycloak refuses {verb} {path}",
            hint=f"the administrator lacks the role {missing_right(verb, path)}",
        )
    if code in _AGAIN:
        raise KeycloakUnavailable(f"Keycloak answers {verb} {path} with {code}, again and again")
    raise GatewayError(f"Keycloak answers {verb} {path} with {code}{_reason(answer)}")


def _reason(answer: Response) -> str:
    """What Keycloak says about it; its messages name fields and objects, never values of secrets."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    said = body.get("errorMessage") or body.get("error_description") or body.get("error") if body else ""
    return f": {said}" if isinstance(said, str) and said else ""
