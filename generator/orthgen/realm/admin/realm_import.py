"""
Makes a realm in one piece, and waits for the outcome where the answer does not come.

Keycloak takes a minute and more for a realm of thousands of objects, in one transaction. A proxy gives up before that,
and a second request fails while the first is still at work ("Database operation failed" of Keycloak 26.7.3). So the
realm itself is asked: it is there with our mark once the transaction is done, and not before.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orthgen.deployment import naming
from orthgen.errors import GatewayError, KeycloakConflict, KeycloakRefused, KeycloakUnavailable
from orthgen.realm.admin.api import Uncertain
from orthgen.realm.snapshot import read_realm

if TYPE_CHECKING:
    from collections.abc import Callable

    from orthgen.realm.admin.api import Verbs
    from orthgen.realm.admin.representations import Realm

_ATTEMPTS = 4
# A request that never reached Keycloak is repeated after so many looks; one that is at work is seen by then or later.
_FEW_LOOKS, _LEAST_LOOKS = 15, 3


def _nothing(_: float) -> None:
    """Tell nothing."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an outcome, and whom to tell that it takes a while."""

    seconds: float = 600.0
    between: float = 2.0
    tell: Callable[[float], None] = _nothing
    """Is told now and then for how many seconds it has been waited."""
    tell_every: float = 15.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def looks(self) -> int:
        """How often to look in all."""
        return max(1, int(self.seconds / self.between))


def make_realm(verbs: Verbs, body: dict[str, Any], mark: str, patience: Patience) -> None:
    """Make the realm of `body`, which carries `mark`. Returns once it is there, whoever's answer was lost."""
    name = str(body["realm"])
    at_work, begun = False, time.monotonic()
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _with_signs_of_life(lambda: verbs.post("admin/realms", body), patience)
        except Uncertain as error:
            problem: GatewayError = error
            at_work = at_work or error.still_running
        except (KeycloakRefused, KeycloakUnavailable):
            raise
        except GatewayError as error:
            if attempt == 1:
                raise
            # The second request is turned away because the first is still at work.
            problem, at_work = error, True
        else:
            return
        looks = _LEAST_LOOKS
        if at_work:
            looks = min(_FEW_LOOKS, patience.looks) if attempt == 1 else patience.looks
        if _appears(verbs, name, mark, patience, looks):
            return
        if time.monotonic() - begun > patience.seconds:
            break
    raise _given_up(name, problem, patience)


def _appears(verbs: Verbs, realm: str, mark: str, patience: Patience, looks: int) -> bool:
    for number in range(looks):
        found = read_realm(verbs, realm)
        if found is not None and mark_of(found) == mark:
            return True
        # Keycloak 26.7.3 shows a realm that was just made in brief, without attributes, for a moment.
        if found is not None and (mark_of(found) or number + 1 == looks):
            raise KeycloakConflict(
                f"another run has made the realm `{realm}` meanwhile",
                hint="run again for a fresh plan",
            )
        if number + 1 < looks:
            patience.sleep(patience.between)
            waited = (number + 1) * patience.between
            if waited % patience.tell_every < patience.between:
                patience.tell(waited)
    return False


def _with_signs_of_life(request: Callable[[], Any], patience: Patience) -> None:
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
        thread.join(patience.tell_every)
        waited += patience.tell_every
        if thread.is_alive():
            patience.tell(waited)
    for error in outcome:
        raise error


def mark_of(realm: Realm) -> str:
    """The mark of the run that changed the realm last."""
    return str((realm.get("attributes") or {}).get(naming.REVISION_ATTRIBUTE, ""))


def _given_up(realm: str, problem: GatewayError, patience: Patience) -> KeycloakUnavailable:
    return KeycloakUnavailable(
        f"the realm `{realm}` was asked for and is not there: {problem.message}",
        hint=f"waited for {patience.seconds:g} s (`--timeout`); Keycloak may still be at work, and its log says so. "
        "Run again later: nothing is made twice",
    )
