"""The codes of an authenticator app (RFC 6238), as Keycloak asks for them."""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from dataclasses import dataclass

_PERIOD = 30


def one_time_code(secret: str, number: int | None = None) -> str:
    """The six digits for Keycloak's secret: those of now, or of the period with that number."""
    period = int(time.time()) // _PERIOD if number is None else number
    digest = hmac.new(secret.encode(), struct.pack(">Q", period), hashlib.sha1).digest()
    value = struct.unpack(">I", digest[digest[-1] & 15 :][:4])[0] & 0x7FFFFFFF
    return f"{value % 10**6:06d}"


@dataclass
class Authenticator:
    """One person's app. Keycloak takes no code twice, so a second one within a period is that of the next."""

    secret: str
    _last: int = 0

    def code(self) -> str:
        """A code that has not been used."""
        self._last = max(int(time.time()) // _PERIOD, self._last + 1)
        return one_time_code(self.secret, self._last)
