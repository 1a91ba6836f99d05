"""
A Keycloak in memory, behind the four methods of `AdminApi`: what the kinds use of the admin API, and no more.

Where it differs from a real one the tests in tests/real/ say so: every story runs on both.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import unquote

from orthgen.errors import KeycloakConflict, KeycloakError
from orthgen.realm.admin.api import NotFound
from orthgen.realm.admin.representations import checked

T = TypeVar("T")
Json = dict[str, Any]
Hook = Callable[[int, str, str, bool], None]
"""Called before (False) and after (True) each request, with its number; what it raises, the caller gets."""

SCOPES = ("acr", "basic", "email", "profile", "roles", "web-origins")
MASK = "**********"
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
PROVIDER_BINDINGS = ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias")
OFF = ("TERMS_AND_CONDITIONS", "delete_account")
CONSOLES = ("account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console")


def _nothing(number: int, verb: str, path: str, after: bool) -> None:  # noqa: FBT001
    """Let every request pass."""


class Realm:
    """One realm's objects, each in a dictionary by id."""

    def __init__(self, name: str, ids: Iterator[int]) -> None:
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
        """Lists that this administrator may ask for, and whose objects the administrator may not see."""
        for client in CONSOLES:
            self.add_client({"clientId": client})
        self.add_client_roles("account", "manage-account", "view-profile")
        self.add_client_roles("realm-management", "view-realm", "view-users")
        default = self.add_role({"name": f"default-roles-{name}", "composite": True})
        self.settings["defaultRole"] = {"id": default, "name": f"default-roles-{name}"}
        account = [role["id"] for role in self.client_roles[self.client("account")["id"]]]
        uma = [self.add_role({"name": name}) for name in ("offline_access", "uma_authorization")]
        self.composites[default] = {*account, *uma}

    def new_id(self) -> str:
        return f"id-{next(self.ids)}"

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


class FakeKeycloak:
    """The four verbs. `hook` sees each request and may raise in its place, or after it was carried out."""

    def __init__(self) -> None:
        self.realms: dict[str, Realm] = {}
        self.log: list[tuple[str, str]] = []
        self.hook: Hook = _nothing
        self._ids = itertools.count(1)
        self._lock = threading.RLock()

    def __deepcopy__(self, memo: dict[int, Any]) -> FakeKeycloak:
        copied = FakeKeycloak()
        copied.realms, copied._ids = copy.deepcopy(self.realms, memo), itertools.count(1000)
        return copied

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Every request that changed something."""
        return [entry for entry in self.log if entry[0] != "GET"]

    def get(self, path: str, kind: type[T], **query: Any) -> T:
        return checked(self.ask("GET", path, None, query), kind)

    def post(self, path: str, body: Any) -> str:
        return str(self.ask("POST", path, copy.deepcopy(body), {}) or "")

    def put(self, path: str, body: Any) -> None:
        self.ask("PUT", path, copy.deepcopy(body), {})

    def delete(self, path: str, body: Any = None) -> None:
        try:
            self.ask("DELETE", path, copy.deepcopy(body), {})
        except NotFound:
            return

    def ask(self, verb: str, path: str, body: Any, query: Json) -> Any:
        """Answer one request."""
        json.dumps(body)  # what cannot travel fails here as it would on the wire
        with self._lock:
            number = len(self.log)
            self.log.append((verb, path))
        self.hook(number, verb, path, False)
        # One request at a time, and its answer copied before the next: a run has several threads.
        with self._lock:
            answer = copy.deepcopy(self._dispatch(verb, path, body, query))
        self.hook(number, verb, path, True)
        return answer

    def _dispatch(self, verb: str, path: str, body: Any, query: Json) -> Any:
        parts = [unquote(part) for part in path.split("/")][2:]
        if not parts:
            return self._import(body)
        realm = self.realms.get(parts[0])
        if realm is None:
            raise NotFound(path)
        below = "/".join(parts[1:])
        for pattern, handler in _ROUTES:
            match = re.fullmatch(pattern, f"{verb} {below}")
            if match is not None:
                try:
                    return handler(realm, *match.groups(), *(() if verb == "GET" else (body,)), **query)
                except (KeyError, StopIteration) as error:
                    raise NotFound(path) from error
        raise AssertionError(f"the fake does not know {verb} {path}")

    def _import(self, body: Json) -> str:
        from tests.realm.fake_import import import_realm  # noqa: PLC0415 - it imports this module

        if body["realm"] in self.realms:
            raise KeycloakConflict("realm exists")
        self.realms[body["realm"]] = import_realm(Realm(body["realm"], self._ids), body)
        return str(body["realm"])


# ----------------------------------------------------------------------------------------------- handlers


def _put_realm(realm: Realm, body: Json) -> None:
    mail_server = body.get("smtpServer")
    if mail_server and not mail_server.get("from"):
        raise KeycloakError("400: Invalid sender address 'null'")  # 26.7
    realm.settings.update(body)


def _composites(realm: Realm, identifier: str) -> list[Json]:
    return [realm.any_role(role) for role in sorted(realm.composites.get(identifier, ()))]


def _change_set(which: Callable[[Realm, str], set[str]], *, add: bool) -> Callable[..., None]:
    def change(realm: Realm, identifier: str, *rest: Any) -> None:
        ids = {role["id"] for role in rest[-1]}
        for role in ids:
            realm.any_role(role)
        (which(realm, identifier).update if add else which(realm, identifier).difference_update)(ids)

    return change


def _partial_import(realm: Realm, body: Json) -> None:
    for role in body.get("roles", {}).get("realm", []):
        if not any(role["name"] == other["name"] for other in realm.roles.values()):
            realm.add_role(role)
    for user in body.get("users", []):
        if not any(user["username"] == other["username"] for other in realm.users.values()):
            identifier = realm.new_id()
            realm.users[identifier] = {**user, "id": identifier}


def _put_client(realm: Realm, identifier: str, body: Json) -> None:
    client = realm.clients[identifier]
    turned_on = body.get("serviceAccountsEnabled") and not client.get("serviceAccountsEnabled")
    client.update({name: value for name, value in body.items() if name not in {"id", "protocolMappers"}})
    if turned_on:
        client.setdefault("secret", "made by Keycloak")


def _scope(realm: Realm, client: str, which: str, scope: str, *, add: bool) -> None:
    names = realm.clients[client]["defaultClientScopes" if which == "default" else "optionalClientScopes"]
    name = realm.scopes[scope]
    if add and name not in names:
        names.append(name)
    if not add and name in names:
        names.remove(name)


def _post_mapper(realm: Realm, client: str, body: Json) -> str:
    mappers = realm.clients[client]["protocolMappers"]
    if any(mapper["name"] == body["name"] for mapper in mappers):
        raise KeycloakConflict("mapper exists")
    mappers.append({**body, "id": realm.new_id()})
    return str(mappers[-1]["id"])


def _put_mapper(realm: Realm, client: str, identifier: str, body: Json) -> None:
    mapper = next(item for item in realm.clients[client]["protocolMappers"] if item["id"] == identifier)
    mapper.update(body)


def _delete_mapper(realm: Realm, client: str, identifier: str, _: Any) -> None:
    mappers = realm.clients[client]["protocolMappers"]
    mappers.remove(next(item for item in mappers if item["id"] == identifier))


def _role_mappings(realm: Realm, user: str) -> Json:
    roles = [realm.any_role(role) for role in realm.held.get(user, ())]
    by_client: Json = {}
    for role in roles:
        if role["clientRole"]:
            name = realm.clients[role["containerId"]]["clientId"]
            by_client.setdefault(name, {"id": role["containerId"], "mappings": []})["mappings"].append(role)
    return {"realmMappings": [role for role in roles if not role["clientRole"]], "clientMappings": by_client}


def _executions(realm: Realm, alias: str) -> list[Json]:
    flow = next(item for item in realm.flows.values() if item["alias"] == alias)
    return list(_walk(realm, flow["id"], 0))


def _walk(realm: Realm, flow: str, level: int) -> Iterator[Json]:
    steps = [item for item in realm.executions.values() if item["parentFlow"] == flow]
    for index, step in enumerate(sorted(steps, key=lambda item: item["priority"])):
        shown = {"level": level, "index": index, "requirement": step["requirement"], "id": step["id"]}
        if step.get("authenticatorFlow"):
            alias = realm.flows[step["flowId"]]["alias"]
            yield {**shown, "authenticationFlow": True, "displayName": alias, "flowId": step["flowId"]}
            yield from _walk(realm, step["flowId"], level + 1)
        else:
            config = step.get("authenticationConfig", "")
            named = {"alias": realm.configs[config]["alias"]} if config else {}
            yield {**shown, "providerId": step["authenticator"], "authenticationConfig": config, **named}


def _list_flows(realm: Realm) -> list[Json]:
    found = []
    for flow in realm.flows.values():
        if flow["topLevel"]:
            steps = [item for item in realm.executions.values() if item["parentFlow"] == flow["id"]]
            executions = [
                {
                    **step,
                    "flowAlias": realm.flows[step["flowId"]]["alias"] if step.get("flowId") else None,
                    "authenticatorConfig": step.get("authenticationConfig"),
                }
                for step in steps
            ]
            found.append({**flow, "authenticationExecutions": executions})
    return found


def _post_flow(realm: Realm, body: Json) -> str:
    if any(flow["alias"] == body["alias"] for flow in realm.flows.values()):
        raise KeycloakConflict("flow exists")
    return _add(realm, realm.flows, body)


def _post_flow_below(realm: Realm, alias: str, body: Json) -> str:
    parent = next(item for item in realm.flows.values() if item["alias"] == alias)
    flow = _post_flow(realm, {"alias": body["alias"], "topLevel": False})
    step = {"parentFlow": parent["id"], "requirement": "DISABLED", "priority": 0}
    return _add(realm, realm.executions, {**step, "authenticatorFlow": True, "flowId": flow})


def _put_execution(realm: Realm, _: str, body: Json) -> None:
    step = realm.executions[body["id"]]
    step.update(requirement=body["requirement"], priority=body.get("priority", step["priority"]))


def _delete_flow(realm: Realm, identifier: str, _: Any) -> None:
    bindings = [provider.get(name) for provider in realm.providers.values() for name in PROVIDER_BINDINGS]
    bindings += [realm.settings.get(name) for name in ("browserFlow", "resetCredentialsFlow")]
    overrides = [client.get("authenticationFlowBindingOverrides") or {} for client in realm.clients.values()]
    if realm.flows[identifier]["alias"] in bindings or any(identifier in item.values() for item in overrides):
        raise KeycloakError("500: Cannot remove authentication flow, it is currently in use")
    del realm.flows[identifier]
    for key in [key for key, item in realm.executions.items() if item["parentFlow"] == identifier]:
        below = realm.executions.pop(key).get("flowId")
        if below:
            _delete_flow(realm, below, None)


def _post_config(realm: Realm, execution: str, body: Json) -> str:
    identifier = _add(realm, realm.configs, body)
    realm.executions[execution]["authenticationConfig"] = identifier
    return identifier


def _register_action(realm: Realm, body: Json) -> None:
    realm.actions[body["providerId"]] = {"alias": body["providerId"], "enabled": True}


def _texts(realm: Realm, language: str, body: Json) -> None:
    realm.texts.setdefault(language, {}).update(body)


def _post_provider(realm: Realm, body: Json) -> str:
    if body["alias"] in realm.providers:
        raise KeycloakConflict("provider exists")
    realm.providers[body["alias"]] = body
    return str(body["alias"])


def _masked(provider: Json) -> Json:
    secret = provider.get("config", {}).get("clientSecret", "")
    if secret and not secret.startswith("${vault."):
        return {**provider, "config": {**provider["config"], "clientSecret": MASK}}
    return provider


def _put_provider(realm: Realm, alias: str, body: Json) -> None:
    before = realm.providers[alias]
    if body.get("config", {}).get("clientSecret") == MASK:
        body["config"]["clientSecret"] = before["config"].get("clientSecret", "")
    realm.providers[alias] = {**body, "providerId": before["providerId"]}


def _delete_provider(realm: Realm, alias: str, _: Any) -> None:
    del realm.providers[alias]
    for identifier in [key for key, item in realm.mappers.items() if item["identityProviderAlias"] == alias]:
        del realm.mappers[identifier]


def _post_idp_mapper(realm: Realm, alias: str, body: Json) -> str:
    if alias not in realm.providers:
        raise NotFound(alias)
    if any(
        item["name"] == body["name"] and item["identityProviderAlias"] == alias
        for item in realm.mappers.values()
    ):
        raise KeycloakConflict("mapper exists")
    return _add(realm, realm.mappers, {**body, "identityProviderAlias": alias})


def _post_group(realm: Realm, *rest: Any) -> str:
    parent, body = rest if len(rest) == 2 else ("", rest[0])
    above = realm.groups[parent]["path"] if parent else ""
    path = f"{above}/{body['name']}"
    if any(group["path"] == path for group in realm.groups.values()):
        raise KeycloakConflict("group exists")
    return _add(realm, realm.groups, {**body, "path": path, "parentId": parent, "realmRoles": []})


def _page(found: list[Json], first: Any = 0, **query: Any) -> list[Json]:
    # Numbers are texts where a server in front of the fake read them from an address.
    return found[int(first) :][: int(query.get("max", len(found)))]


def _groups(realm: Realm, parent: str = "", **query: Any) -> list[Json]:
    if "groups" in realm.hidden:
        return []
    found = [group for group in realm.groups.values() if group["parentId"] == parent]
    return _page(found, **query)


def _group_roles(realm: Realm, group: str, body: list[Json], *, add: bool) -> None:
    names = realm.groups[group]["realmRoles"]
    for role in body:
        if add and role["name"] not in names:
            names.append(role["name"])
        if not add and role["name"] in names:
            names.remove(role["name"])


def _delete_group(realm: Realm, identifier: str, _: Any) -> None:
    path = realm.groups[identifier]["path"]
    for key in [key for key, item in realm.groups.items() if (item["path"] + "/").startswith(path + "/")]:
        del realm.groups[key]


def _post_component(realm: Realm, body: Json) -> str:
    identifier = _add(realm, realm.components, body)
    if body["providerId"] == "ldap":
        for name in ("username", "creation date"):  # as Keycloak does with a new directory
            mapper = {"name": name, "providerId": "user-attribute-ldap-mapper", "providerType": MAPPER}
            _add(realm, realm.components, {**mapper, "parentId": identifier, "config": {}})
    return identifier


MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"


def _components(realm: Realm, **query: str) -> list[Json]:
    return [
        item
        for item in realm.components.values()
        if query.get("parent") in {None, item.get("parentId")}
        and query.get("type") in {None, item["providerType"]}
    ]


def _delete_component(realm: Realm, identifier: str, _: Any) -> None:
    del realm.components[identifier]
    for key in [key for key, item in realm.components.items() if item.get("parentId") == identifier]:
        del realm.components[key]


def _delete_role(realm: Realm, identifier: str, _: Any) -> None:
    role = realm.roles.pop(identifier)
    for held in (*realm.scope_mappings.values(), *realm.composites.values(), *realm.held.values()):
        held.discard(identifier)
    for group in realm.groups.values():
        if role["name"] in group["realmRoles"]:
            group["realmRoles"].remove(role["name"])


def _add(realm: Realm, where: dict[str, Json], body: Json) -> str:
    identifier = realm.new_id()
    where[identifier] = {**body, "id": identifier}
    return identifier


def _update(where: Callable[[Realm], dict[str, Json]]) -> Callable[..., None]:
    def update(realm: Realm, *rest: Any) -> None:
        identifier, body = rest[-2:]
        where(realm)[identifier].update(body)

    return update


def _remove(where: Callable[[Realm], dict[str, Json]]) -> Callable[..., None]:
    def remove(realm: Realm, *rest: Any) -> None:
        del where(realm)[rest[-2]]

    return remove


def _put_profile(realm: Realm, body: Json) -> None:
    realm.profile = body


def _find_users(realm: Realm, username: str = "", **query: Any) -> list[Json]:
    alias = query.get("idpAlias", "")
    found = [
        user
        for user in realm.users.values()
        if username in {"", user["username"]}
        and (not alias or alias in {link["identityProvider"] for link in user.get("federatedIdentities", [])})
    ]
    return _page(found, **query)


def _users_of_role(realm: Realm, name: str, **query: Any) -> list[Json]:
    role = realm.role_named(name)["id"]
    found = [realm.users[user] for user, held in realm.held.items() if role in held]
    return _page(found, **query)


def _groups_of_role(realm: Realm, name: str, **_: Any) -> list[Json]:
    return [group for group in realm.groups.values() if name in group["realmRoles"]]


_ID = r"([^/]+)"
_ROUTES: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("GET ", lambda realm: realm.settings),
    ("PUT ", _put_realm),
    (
        "GET roles",
        lambda realm, **_: [
            {**role, "composite": bool(realm.composites.get(key))} for key, role in realm.roles.items()
        ],
    ),
    ("POST roles", lambda realm, body: realm.add_role(body)),
    (f"PUT roles-by-id/{_ID}", _update(lambda realm: realm.roles)),
    (f"DELETE roles-by-id/{_ID}", _delete_role),
    (f"GET roles-by-id/{_ID}/composites", _composites),
    (
        f"POST roles-by-id/{_ID}/composites",
        _change_set(lambda realm, key: realm.composites.setdefault(key, set()), add=True),
    ),
    (
        f"DELETE roles-by-id/{_ID}/composites",
        _change_set(lambda realm, key: realm.composites.setdefault(key, set()), add=False),
    ),
    (f"GET roles/{_ID}/users", _users_of_role),
    (f"GET roles/{_ID}/groups", _groups_of_role),
    ("GET groups/count", lambda realm: {"count": len(realm.groups)}),
    (f"GET groups/{_ID}", lambda realm, key, **_: realm.groups[key]),
    (f"GET groups/{_ID}/members", lambda realm, key, **_: realm.groups[key].get("members", [])),
    ("GET default-groups", lambda realm: [realm.groups[key] for key in realm.default_groups]),
    (f"PUT default-groups/{_ID}", lambda realm, key, _: realm.default_groups.append(key)),
    (f"DELETE default-groups/{_ID}", lambda realm, key, _: realm.default_groups.remove(key)),
    ("POST partialImport", _partial_import),
    (
        "GET clients",
        lambda realm, clientId=None: [  # noqa: N803 - Keycloak's own word
            item
            for item in realm.clients.values()
            if clientId in {None, item["clientId"]} and "clients" not in realm.hidden
        ],
    ),
    ("POST clients", lambda realm, body: realm.add_client(body)),
    (f"PUT clients/{_ID}", _put_client),
    (f"DELETE clients/{_ID}", _remove(lambda realm: realm.clients)),
    (
        f"GET clients/{_ID}/roles",
        lambda realm, client: [
            {**role, "composite": bool(realm.composites.get(role["id"]))}
            for role in realm.client_roles[client]
        ],
    ),
    (f"GET clients/{_ID}/client-secret", lambda realm, client: {"value": realm.clients[client]["secret"]}),
    (f"GET clients/{_ID}/service-account-user", lambda realm, client: {"id": realm.service_account(client)}),
    (
        f"GET clients/{_ID}/scope-mappings",
        lambda realm, client: {
            "realmMappings": [realm.roles[role] for role in realm.scope_mappings.get(client, ())]
        },
    ),
    (
        f"POST clients/{_ID}/scope-mappings/realm",
        _change_set(lambda realm, key: realm.scope_mappings.setdefault(key, set()), add=True),
    ),
    (
        f"DELETE clients/{_ID}/scope-mappings/realm",
        _change_set(lambda realm, key: realm.scope_mappings.setdefault(key, set()), add=False),
    ),
    (
        f"PUT clients/{_ID}/(default|optional)-client-scopes/{_ID}",
        lambda realm, client, which, scope, _: _scope(realm, client, which, scope, add=True),
    ),
    (
        f"DELETE clients/{_ID}/(default|optional)-client-scopes/{_ID}",
        lambda realm, client, which, scope, _: _scope(realm, client, which, scope, add=False),
    ),
    (f"POST clients/{_ID}/protocol-mappers/models", _post_mapper),
    (f"PUT clients/{_ID}/protocol-mappers/models/{_ID}", _put_mapper),
    (f"DELETE clients/{_ID}/protocol-mappers/models/{_ID}", _delete_mapper),
    ("GET client-scopes", lambda realm: [{"id": key, "name": name} for key, name in realm.scopes.items()]),
    ("GET users", _find_users),
    (
        f"GET users/{_ID}/federated-identity",
        lambda realm, user: realm.users[user].get("federatedIdentities", []),
    ),
    ("GET users/count", lambda realm: len(realm.users)),
    ("GET users/profile", lambda realm: realm.profile),
    ("PUT users/profile", _put_profile),
    (f"GET users/{_ID}/role-mappings", _role_mappings),
    (
        f"POST users/{_ID}/role-mappings/(?:realm|clients/[^/]+)",
        _change_set(lambda realm, key: realm.held.setdefault(key, set()), add=True),
    ),
    (
        f"DELETE users/{_ID}/role-mappings/(?:realm|clients/[^/]+)",
        _change_set(lambda realm, key: realm.held.setdefault(key, set()), add=False),
    ),
    ("GET authentication/flows", _list_flows),
    ("POST authentication/flows", _post_flow),
    (f"DELETE authentication/flows/{_ID}", _delete_flow),
    (f"POST authentication/flows/{_ID}/executions/flow", _post_flow_below),
    (f"PUT authentication/flows/{_ID}/executions", _put_execution),
    (f"GET authentication/flows/{_ID}/executions", _executions),
    ("POST authentication/executions", lambda realm, body: _add(realm, realm.executions, body)),
    (f"POST authentication/executions/{_ID}/config", _post_config),
    (f"GET authentication/config/{_ID}", lambda realm, key: realm.configs[key]),
    (f"PUT authentication/config/{_ID}", _update(lambda realm: realm.configs)),
    ("GET authentication/required-actions", lambda realm: list(realm.actions.values())),
    (f"GET authentication/required-actions/{_ID}", lambda realm, alias: realm.actions[alias]),
    (f"PUT authentication/required-actions/{_ID}", _update(lambda realm: realm.actions)),
    ("POST authentication/register-required-action", _register_action),
    (f"GET localization/{_ID}", lambda realm, language: realm.texts.get(language, {})),
    (f"POST localization/{_ID}", _texts),
    (
        "GET identity-provider/instances",
        lambda realm: [_masked(provider) for provider in realm.providers.values()],
    ),
    ("POST identity-provider/instances", _post_provider),
    (f"PUT identity-provider/instances/{_ID}", _put_provider),
    (f"DELETE identity-provider/instances/{_ID}", _delete_provider),
    (
        f"GET identity-provider/instances/{_ID}/mappers",
        lambda realm, alias: [
            item for item in realm.mappers.values() if item["identityProviderAlias"] == alias
        ],
    ),
    (f"POST identity-provider/instances/{_ID}/mappers", _post_idp_mapper),
    (f"PUT identity-provider/instances/{_ID}/mappers/{_ID}", _update(lambda realm: realm.mappers)),
    (f"DELETE identity-provider/instances/{_ID}/mappers/{_ID}", _remove(lambda realm: realm.mappers)),
    ("GET groups", _groups),
    ("POST groups", _post_group),
    (f"DELETE groups/{_ID}", _delete_group),
    (f"GET groups/{_ID}/children", _groups),
    (f"POST groups/{_ID}/children", _post_group),
    (
        f"POST groups/{_ID}/role-mappings/realm",
        lambda realm, key, body: _group_roles(realm, key, body, add=True),
    ),
    (
        f"DELETE groups/{_ID}/role-mappings/realm",
        lambda realm, key, body: _group_roles(realm, key, body, add=False),
    ),
    ("GET components", _components),
    ("POST components", _post_component),
    (f"PUT components/{_ID}", _update(lambda realm: realm.components)),
    (f"DELETE components/{_ID}", _delete_component),
)


def empty_realm(fake: FakeKeycloak, name: str) -> Realm:
    """A realm that somebody made by hand and left as Keycloak makes it."""
    fake.post("admin/realms", {"realm": name, "enabled": True})
    fake.log.clear()
    return fake.realms[name]
