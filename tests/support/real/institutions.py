"""Institutions whose people sign in at a deployment: realms of another Keycloak, and their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.real.identity_providers import SECRET
from tests.support.real.keycloak import RunningKeycloak
from tests.support.real.visitor import SignedIn, sign_in


@dataclass
class Institution:
    """A realm that people of an institution sign in at, known to the deployment by its name."""

    server: RunningKeycloak
    name: str
    ours: RunningKeycloak
    realm: str
    claim: str = "roles"
    """The claim with the roles of a person, as a mapper of Keycloak writes it."""

    @property
    def issuer(self) -> str:
        return f"{self.server.url}/realms/{self.at}"

    @property
    def at(self) -> str:
        """Its realm there."""
        return f"{self.name}-of-{self.realm}"

    def make(self) -> None:
        """Make the realm, as its administrators would, with a client for the deployment."""
        everywhere = {"id.token.claim": "true", "access.token.claim": "true", "userinfo.token.claim": "true"}
        config = {"claim.name": self.claim, "multivalued": "true", "jsonType.label": "String", **everywhere}
        kind = "oidc-usermodel-realm-role-mapper"
        mapper = {"name": "roles", "protocol": "openid-connect", "protocolMapper": kind, "config": config}
        client = {
            "clientId": "orthanc-app",
            "secret": SECRET,
            "redirectUris": [f"{self.ours.url}/realms/{self.realm}/broker/{self.name}/endpoint"],
            "protocolMappers": [mapper],
        }
        realm = {
            "realm": self.at,
            "enabled": True,
            "roles": {"realm": [{"name": "staff"}, {"name": "bosses"}]},
        }
        self.server.import_realm({**realm, "clients": [client]})

    def hire(self, name: str, *roles: str, email: str, verified: bool = True) -> Person:
        """Give somebody an account at the institution."""
        password = self.server.add_user(self.at, name, roles=roles, email=email, emailVerified=verified)
        return Person(self, name, password)

    def account(self, name: str) -> dict[str, Any]:
        """An account of the institution's."""
        return dict(self.server.admin("GET", f"/{self.at}/users?exact=true&username={name}").json()[0])


@dataclass
class Person:
    """Somebody with an account at an institution."""

    institution: Institution
    name: str
    password: str

    def sign_in(self) -> SignedIn:
        """Sign in at the deployment with a fresh browser."""
        where = self.institution
        return sign_in(where.ours, where.realm, self.name, self.password, through=where.name)

    def change_address(self, email: str) -> None:
        """The institution gives the person another address."""
        account = {**self.institution.account(self.name), "email": email}
        self.institution.server.admin("PUT", f"/{self.institution.at}/users/{account['id']}", account)

    def leave(self) -> None:
        """The institution takes the account away."""
        where = self.institution
        where.server.admin("DELETE", f"/{where.at}/users/{where.account(self.name)['id']}")
