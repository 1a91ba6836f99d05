"""
Creation of a realm in one request, and polling for its outcome where no answer comes.

Keycloak needs a minute or more for a realm of thousands of objects, in one transaction. A proxy gives up before that,
and a second request fails while the first one still runs ("Database operation failed" of Keycloak 26.7.3). So the
poll reads the realm: it exists with the run's mark after the transaction, and not before.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import OutcomeUnknown, read_realm

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.realm.admin.api import AdminApi
    from orthgen.realm.admin.representations import Realm

MAX_ATTEMPTS = 4
# Reads of the realm before the request is repeated: few where it never reached Keycloak, more where it is at work.
READS_WHILE_RUNNING, READS_UNSENT = 15, 3


def _nothing(_: float) -> None:
    """Tell nothing."""


@dataclass(frozen=True, slots=True)
class Polling:
    """Timeout and interval of the wait for an outcome, and the function that shows progress."""

    timeout_seconds: float = 600.0
    interval_seconds: float = 2.0
    progress: Callable[[float], None] = _nothing
    """Called every `progress_seconds` with the seconds waited so far."""
    progress_seconds: float = 15.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def max_attempts(self) -> int:
        """Number of reads within the timeout."""
        return max(1, int(self.timeout_seconds / self.interval_seconds))


def make_realm(api: AdminApi, body: dict[str, Any], mark: str, polling: Polling) -> None:
    """Make the realm of `body`, which carries `mark`. Returns once it is there, whoever's answer was lost."""
    name = str(body["realm"])
    at_work, begun = False, time.monotonic()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            _with_progress(lambda: api.post("admin/realms", body), polling)
        except OutcomeUnknown as error:
            problem: KeycloakError = error
            at_work = at_work or error.still_running
        except (KeycloakRefused, KeycloakUnavailable):
            raise
        except KeycloakError as error:
            if attempt == 1:
                raise
            # The second request is turned away because the first is still at work.
            problem, at_work = error, True
        else:
            return
        reads = READS_UNSENT
        if at_work:
            reads = min(READS_WHILE_RUNNING, polling.max_attempts) if attempt == 1 else polling.max_attempts
        if _appears(api, name, mark, polling, reads):
            return
        if time.monotonic() - begun > polling.timeout_seconds:
            break
    raise _given_up(name, problem, polling)


def _appears(api: AdminApi, realm: str, mark: str, polling: Polling, reads: int) -> bool:
    for number in range(reads):
        found = read_realm(api, realm)
        if found is not None and mark_of(found) == mark:
            return True
        # Keycloak 26.7.3 shows a realm that was just made in brief, without attributes, for a moment.
        if found is not None and (mark_of(found) or number + 1 == reads):
            raise KeycloakConflict(
                f"another run has made the realm `{realm}` meanwhile",
                hint="run again for a fresh plan",
            )
        if number + 1 < reads:
            polling.sleep(polling.interval_seconds)
            waited = (number + 1) * polling.interval_seconds
            if waited % polling.progress_seconds < polling.interval_seconds:
                polling.progress(waited)
    return False


def _with_progress(request: Callable[[], Any], polling: Polling) -> None:
    """Carry out a request that may take minutes, and tell now and then that it is not over."""
    outcome: list[BaseException] = []

    def carry_out() -> None:
        try:
            request()
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            outcome.append(error)

    # A daemon: whoever ends the program does not wait for the answer.
    thread = threading.Thread(target=carry_out, daemon=True)
    thread.start()
    waited = 0.0
    while thread.is_alive():
        thread.join(polling.progress_seconds)
        waited += polling.progress_seconds
        if thread.is_alive():
            polling.progress(waited)
    for error in outcome:
        raise error


def mark_of(realm: Realm) -> str:
    """The mark of the run that changed the realm last."""
    return str((realm.get("attributes") or {}).get(naming.REVISION_ATTRIBUTE, ""))


def _given_up(realm: str, problem: KeycloakError, polling: Polling) -> KeycloakUnavailable:
    return KeycloakUnavailable(
        f"the realm `{realm}` was asked for and is not there: {problem.message}",
        hint=f"waited for {polling.timeout_seconds:g} s (`--timeout`); Keycloak may still be at work, and its log says so. "
        "Run again later: nothing is made twice",
    )
