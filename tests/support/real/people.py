"""People with a role at a deployment, whatever they sign in with there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.real.stage import Stage

_CLIENT = "tests"
"""In a shared realm, `other-clients` has to name it."""


@dataclass
class People:
    """
    Gives a fresh access token of somebody with a role.

    Where people sign in at a provider that is not there, a client that the realm does not have otherwise asks for tokens.
    """

    stage: Stage
    _passwords: dict[str, str] = field(default_factory=dict)

    def __call__(self, role: str) -> str:
        """A token of an account with this role, which is made at the first call."""
        return str(self.sign_in(role)["access_token"])

    def sign_in(self, role: str) -> dict[str, Any]:
        """The tokens of a new session of this account."""
        realm, name = self.stage.realm, f"a-{role}"
        with self.stage.keycloak() as keycloak:
            if not self._passwords:
                switches = ("publicClient", "directAccessGrantsEnabled", "fullScopeAllowed")
                client = {"clientId": _CLIENT, **dict.fromkeys(switches, True)}
                # Another test may have made it.
                keycloak.admin("POST", f"/{realm}/clients", client, accepted=(201, 409))
            if role not in self._passwords:
                self._passwords[role] = keycloak.add_user(realm, name, roles=[role])
            return keycloak.password_token(realm, _CLIENT, name, self._passwords[role])

    def renew(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """The next tokens of a session."""
        form = {"grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": tokens["refresh_token"]}
        with self.stage.keycloak() as keycloak:
            return keycloak.token(self.stage.realm, form)


def headers_of(stage: Stage, role: str) -> Callable[[], dict[str, str]]:
    """Gives the header of somebody with a role, who signs in on Keycloak's pages at the first call."""

    @cache
    def headers() -> dict[str, str]:
        with stage.keycloak() as keycloak:
            password = keycloak.add_user(stage.realm, f"some-{role}", roles=[role])
        return {"token": f"Bearer {stage.sign_in(f'some-{role}', password)['access_token']}"}

    return headers
