"""The objects of one realm of the fake Keycloak."""

from __future__ import annotations

import copy
from typing import Any

from orthgen.errors import KeycloakConflict

Json = dict[str, Any]

SCOPES = ("acr", "basic", "email", "profile", "roles", "web-origins")

ACTIONS = (
    "CONFIGURE_TOTP",
    "TERMS_AND_CONDITIONS",
    "UPDATE_PASSWORD",
    "UPDATE_PROFILE",
    "VERIFY_EMAIL",
    "delete_account",
    "webauthn-register",
    "webauthn-register-passwordless",
    "VERIFY_PROFILE",
    "delete_credential",
    "update_user_locale",
)

OFF = ("TERMS_AND_CONDITIONS", "delete_account")

CONSOLES = ("account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console")


class Identifiers:
    """Ids of objects, counted from `first`; a copy goes on by itself."""

    def __init__(self, first: int) -> None:
        self._next = first

    def new(self) -> str:
        number, self._next = self._next, self._next + 1
        return f"id-{number}"


class Realm:
    """One realm's objects, each in a dictionary by id."""

    def __init__(self, name: str, ids: Identifiers) -> None:
        self.ids = ids
        self.settings: Json = {
            "id": self.new_id(),
            "realm": name,
            "browserFlow": "browser",
            "resetCredentialsFlow": "reset credentials",
            "attributes": {},
            "ssoSessionIdleTimeout": 1800,
            "adminPermissionsEnabled": False,
        }
        self.roles: dict[str, Json] = {}
        self.composites: dict[str, set[str]] = {}
        self.clients: dict[str, Json] = {}
        self.client_roles: dict[str, list[Json]] = {}
        self.scope_mappings: dict[str, set[str]] = {}
        self.scopes = {self.new_id(): name for name in SCOPES}
        self.users: dict[str, Json] = {}
        self.held: dict[str, set[str]] = {}
        anybody = {"view": ["admin", "user"], "edit": ["admin", "user"]}
        personal = {"required": {"roles": ["user"]}, "permissions": anybody}
        self.profile: Json = {
            "attributes": [
                {"name": "username"},
                *({"name": name, **personal} for name in ("email", "firstName", "lastName")),
            ]
        }
        self.texts: dict[str, Json] = {}
        self.actions: dict[str, Json] = {
            alias: {"alias": alias, "enabled": alias not in OFF} for alias in ACTIONS
        }
        self.flows: dict[str, Json] = {}
        self.executions: dict[str, Json] = {}
        self.configs: dict[str, Json] = {}
        self.providers: dict[str, Json] = {}
        self.mappers: dict[str, Json] = {}
        self.groups: dict[str, Json] = {}
        self.components: dict[str, Json] = {}
        self.default_groups: list[str] = []
        self.hidden: frozenset[str] = frozenset()
        """Lists and clients that this administrator may ask for, and may not see."""
        for client in CONSOLES:
            self.add_client({"clientId": client})
        self.client("admin-cli")["attributes"]["client.use.lightweight.access.token.enabled"] = "true"
        self.add_client_roles("account", "manage-account", "view-profile")
        self.add_client_roles("realm-management", "view-realm", "view-users", "realm-admin", "manage-users")
        management = {
            role["name"]: role["id"] for role in self.client_roles[self.client("realm-management")["id"]]
        }
        self.composites[management["realm-admin"]] = {management["manage-users"], management["view-users"]}
        default = self.add_role({"name": f"default-roles-{name}", "composite": True})
        self.settings["defaultRole"] = {"id": default, "name": f"default-roles-{name}"}
        account = [role["id"] for role in self.client_roles[self.client("account")["id"]]]
        uma = [self.add_role({"name": name}) for name in ("offline_access", "uma_authorization")]
        self.composites[default] = {*account, *uma}

    def new_id(self) -> str:
        return self.ids.new()

    def add_role(self, role: Json) -> str:
        if any(role["name"] == other["name"] for other in self.roles.values()):
            raise KeycloakConflict(f"role {role['name']} exists")
        identifier = self.new_id()
        self.roles[identifier] = {"composite": False, "clientRole": False, **role, "id": identifier}
        return identifier

    def role_named(self, name: str) -> Json:
        return next(role for role in self.roles.values() if role["name"] == name)

    def add_client(self, client: Json) -> str:
        if any(client["clientId"] == other["clientId"] for other in self.clients.values()):
            raise KeycloakConflict(f"client {client['clientId']} exists")
        identifier = self.new_id()
        whole: Json = {
            "defaultClientScopes": list(SCOPES),
            "optionalClientScopes": [],
            "attributes": {},
            **copy.deepcopy(client),
            "id": identifier,
        }
        if whole.get("serviceAccountsEnabled") and not whole.get("secret"):
            whole["secret"] = "made by Keycloak"
        whole["protocolMappers"] = [
            {**mapper, "id": self.new_id()} for mapper in whole.get("protocolMappers", [])
        ]
        self.clients[identifier] = whole
        self.client_roles.setdefault(identifier, [])
        return identifier

    def client(self, client_id: str) -> Json:
        return next(item for item in self.clients.values() if item["clientId"] == client_id)

    def add_client_roles(self, client_id: str, *names: str) -> None:
        client = self.client(client_id)["id"]
        for name in names:
            role = {"id": self.new_id(), "name": name, "clientRole": True, "containerId": client}
            self.client_roles[client].append(role)

    def any_role(self, identifier: str) -> Json:
        for roles in self.client_roles.values():
            for role in roles:
                if role["id"] == identifier:
                    return role
        return self.roles[identifier]

    def service_account(self, client: str) -> str:
        name = f"service-account-{self.clients[client]['clientId']}"
        for identifier, user in self.users.items():
            if user["username"] == name:
                return identifier
        identifier = self.new_id()
        self.users[identifier] = {"id": identifier, "username": name}
        self.held[identifier] = {self.settings["defaultRole"]["id"]}
        return identifier
