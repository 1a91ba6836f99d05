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
# Reads of the realm before the request is repeated: few where it never reached Keycloak, more where it may run.
READS_WHILE_RUNNING, READS_UNSENT = 15, 3


def _no_progress(_: float) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Polling:
    """Timeout and interval of the wait for an outcome, and the function that shows progress."""

    timeout_seconds: float = 600.0
    interval_seconds: float = 2.0
    progress: Callable[[float], None] = _no_progress
    """Called every `progress_seconds` with the seconds waited so far."""
    progress_seconds: float = 15.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def max_attempts(self) -> int:
        """Number of reads within the timeout."""
        return max(1, int(self.timeout_seconds / self.interval_seconds))


def create_realm(api: AdminApi, body: dict[str, Any], mark: str, polling: Polling) -> None:
    """Create the realm of `body`, which carries `mark`. Returns once the realm exists, even if the answer was lost."""
    name = str(body["realm"])
    is_running, started = False, time.monotonic()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            _with_progress(lambda: api.post("admin/realms", body), polling)
        except OutcomeUnknown as error:
            problem: KeycloakError = error
            is_running = is_running or error.still_running
        except (KeycloakRefused, KeycloakUnavailable):
            raise
        except KeycloakError as error:
            if attempt == 1:
                raise
            # Keycloak refuses the second request while the first one runs.
            problem, is_running = error, True
        else:
            return
        reads = READS_UNSENT
        if is_running:
            reads = min(READS_WHILE_RUNNING, polling.max_attempts) if attempt == 1 else polling.max_attempts
        if _appears(api, name, mark, polling, reads):
            return
        if time.monotonic() - started > polling.timeout_seconds:
            break
    raise _given_up(name, problem, polling)


def _appears(api: AdminApi, realm: str, mark: str, polling: Polling, reads: int) -> bool:
    for number in range(reads):
        existing = read_realm(api, realm)
        if existing is not None and mark_of(existing) == mark:
            return True
        # Keycloak 26.7.3 shows a new realm without attributes for a moment.
        if existing is not None and (mark_of(existing) or number + 1 == reads):
            raise KeycloakConflict(
                f"another run has made the realm `{realm}` meanwhile",
                hint="run again for a new plan",
            )
        if number + 1 < reads:
            polling.sleep(polling.interval_seconds)
            waited = (number + 1) * polling.interval_seconds
            if waited % polling.progress_seconds < polling.interval_seconds:
                polling.progress(waited)
    return False


def _with_progress(request: Callable[[], Any], polling: Polling) -> None:
    """Send a request that may take minutes, and report progress meanwhile."""
    outcome: list[BaseException] = []

    def send() -> None:
        try:
            request()
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            outcome.append(error)

    # A daemon, so that the end of the program does not wait for the answer.
    thread = threading.Thread(target=send, daemon=True)
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
        f"the realm `{realm}` was requested, but does not exist: {problem.message}",
        hint=f"waited for {polling.timeout_seconds:g} s (`--timeout`); Keycloak may still be at work, and its log says so. "
        "Run again later: nothing is created twice",
    )
