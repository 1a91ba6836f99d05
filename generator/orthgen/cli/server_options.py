"""What the options of a command say about a Keycloak server: how it is reached, and who signs in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from orthgen.realm.admin.session import Administrator
    from orthgen.secret_source import SecretSource


class Reach(Struct, frozen=True):
    """The way to a server: its address, whose certificates to trust there, and how long a change may take."""

    server: str
    ca_file: Path | None
    timeout: float

    def check(self, *, allow_plain_http: bool) -> None:
        """Raise OrthgenError where the address is none, or secrets would cross a network in the clear."""
        from orthgen.realm.admin.server import parse_keycloak_address, refuse_clear_text

        address = parse_keycloak_address(self.server)
        if not allow_plain_http:
            refuse_clear_text(address)


class SignInOptions(Struct, frozen=True):
    """Who signs in as administrator: a person, or a client with a secret or a key. References, never secrets."""

    user: str
    client: str
    secret: str
    key: str
    otp: str
    realm: str

    def administrator(self, source: SecretSource) -> Administrator:
        """The administrator with the secrets that the references lead to."""
        from orthgen.deployment.naming import KEYCLOAK_ADMIN_PASSWORD
        from orthgen.realm.admin.session import Administrator

        if self.client and self.key:
            key = source.resolve(self.key, "admin-key")
            return Administrator(self.realm, client=self.client, private_key=key)
        if self.client:
            secret = source.resolve(self.secret or "prompt", "admin-secret")
            return Administrator(self.realm, client=self.client, secret=secret)
        password = (
            source.resolve(self.secret, "admin-secret") if self.secret else source(KEYCLOAK_ADMIN_PASSWORD)
        )
        code = source.resolve(self.otp, "admin-otp") if self.otp else ""
        return Administrator(self.realm, user=self.user, password=password, otp=code)
