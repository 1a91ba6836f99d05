"""The requests that the fake Keycloak knows, each with its handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.realm import fake_handlers as handlers
from tests.realm.fake_realm import Json, Realm


def _change_set(which: Callable[[Realm, str], set[str]], *, add: bool) -> Callable[..., None]:
    def change(realm: Realm, identifier: str, *rest: Any) -> None:
        ids = {role["id"] for role in rest[-1]}
        for role in ids:
            realm.any_role(role)
        (which(realm, identifier).update if add else which(realm, identifier).difference_update)(ids)

    return change


def _update(where: Callable[[Realm], dict[str, Json]]) -> Callable[..., None]:
    def update(realm: Realm, *rest: Any) -> None:
        identifier, body = rest[-2:]
        where(realm)[identifier].update(body)

    return update


def _remove(where: Callable[[Realm], dict[str, Json]]) -> Callable[..., None]:
    def remove(realm: Realm, *rest: Any) -> None:
        del where(realm)[rest[-2]]

    return remove


_ID = r"([^/]+)"

ROUTES: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("GET ", lambda realm: realm.settings),
    ("PUT ", handlers.put_realm),
    (
        "GET roles",
        lambda realm, **_: [
            {**role, "composite": bool(realm.composites.get(key))} for key, role in realm.roles.items()
        ],
    ),
    ("POST roles", lambda realm, body: realm.add_role(body)),
    (f"PUT roles-by-id/{_ID}", _update(lambda realm: realm.roles)),
    (f"DELETE roles-by-id/{_ID}", handlers.delete_role),
    (f"GET roles-by-id/{_ID}/composites", handlers.list_composites),
    (
        f"POST roles-by-id/{_ID}/composites",
        _change_set(lambda realm, key: realm.composites.setdefault(key, set()), add=True),
    ),
    (
        f"DELETE roles-by-id/{_ID}/composites",
        _change_set(lambda realm, key: realm.composites.setdefault(key, set()), add=False),
    ),
    (f"GET roles/{_ID}/users", handlers.users_of_role),
    (f"GET roles/{_ID}/groups", handlers.groups_of_role),
    ("GET groups/count", lambda realm: {"count": len(realm.groups)}),
    (f"GET groups/{_ID}", lambda realm, key, **_: realm.groups[key]),
    (f"GET groups/{_ID}/members", lambda realm, key, **_: realm.groups[key].get("members", [])),
    ("GET default-groups", lambda realm: [realm.groups[key] for key in realm.default_groups]),
    (f"PUT default-groups/{_ID}", lambda realm, key, _: realm.default_groups.append(key)),
    (f"DELETE default-groups/{_ID}", lambda realm, key, _: realm.default_groups.remove(key)),
    ("POST partialImport", handlers.partial_import),
    (
        "GET clients",
        lambda realm, clientId=None: [  # noqa: N803 - Keycloak's own word
            item
            for item in realm.clients.values()
            if clientId in {None, item["clientId"]} and realm.hidden.isdisjoint({"clients", item["clientId"]})
        ],
    ),
    ("POST clients", lambda realm, body: realm.add_client(body)),
    ("GET clients-initial-access", handlers.list_initial_access),
    (f"GET attack-detection/brute-force/users/{_ID}", handlers.read_attacks),
    (f"GET clients/{_ID}", lambda realm, key: realm.clients[key]),
    (f"PUT clients/{_ID}", handlers.put_client),
    (f"DELETE clients/{_ID}", _remove(lambda realm: realm.clients)),
    (f"GET clients/{_ID}/roles/{_ID}/users", handlers.users_of_client_role),
    (f"GET clients/{_ID}/roles/{_ID}/groups", handlers.groups_of_client_role),
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
        lambda realm, client, which, scope, _: handlers.change_scope(realm, client, which, scope, add=True),
    ),
    (
        f"DELETE clients/{_ID}/(default|optional)-client-scopes/{_ID}",
        lambda realm, client, which, scope, _: handlers.change_scope(realm, client, which, scope, add=False),
    ),
    (f"POST clients/{_ID}/protocol-mappers/models", handlers.post_mapper),
    (f"PUT clients/{_ID}/protocol-mappers/models/{_ID}", handlers.put_mapper),
    (f"DELETE clients/{_ID}/protocol-mappers/models/{_ID}", handlers.delete_mapper),
    ("GET client-scopes", lambda realm: [{"id": key, "name": name} for key, name in realm.scopes.items()]),
    ("GET users", handlers.find_users),
    (
        f"GET users/{_ID}/federated-identity",
        lambda realm, user: realm.users[user].get("federatedIdentities", []),
    ),
    ("GET users/count", lambda realm: len(realm.users)),
    ("GET users/profile", lambda realm: realm.profile),
    ("PUT users/profile", handlers.put_profile),
    (f"GET users/{_ID}/role-mappings", handlers.role_mappings),
    (
        f"POST users/{_ID}/role-mappings/(?:realm|clients/[^/]+)",
        _change_set(lambda realm, key: realm.held.setdefault(key, set()), add=True),
    ),
    (
        f"DELETE users/{_ID}/role-mappings/(?:realm|clients/[^/]+)",
        _change_set(lambda realm, key: realm.held.setdefault(key, set()), add=False),
    ),
    ("GET authentication/flows", handlers.list_flows),
    ("POST authentication/flows", handlers.post_flow),
    (f"DELETE authentication/flows/{_ID}", handlers.delete_flow),
    (f"POST authentication/flows/{_ID}/executions/flow", handlers.post_flow_below),
    (f"PUT authentication/flows/{_ID}/executions", handlers.put_execution),
    (f"GET authentication/flows/{_ID}/executions", handlers.list_executions),
    (
        "POST authentication/executions",
        lambda realm, body: handlers.add_object(realm, realm.executions, body),
    ),
    (f"POST authentication/executions/{_ID}/config", handlers.post_config),
    (f"GET authentication/config/{_ID}", lambda realm, key: realm.configs[key]),
    (f"PUT authentication/config/{_ID}", _update(lambda realm: realm.configs)),
    ("GET authentication/required-actions", lambda realm: list(realm.actions.values())),
    (f"GET authentication/required-actions/{_ID}", lambda realm, alias: realm.actions[alias]),
    (f"PUT authentication/required-actions/{_ID}", _update(lambda realm: realm.actions)),
    ("POST authentication/register-required-action", handlers.register_action),
    (f"GET localization/{_ID}", lambda realm, language: realm.texts.get(language, {})),
    (f"POST localization/{_ID}", handlers.add_texts),
    (
        "GET identity-provider/instances",
        lambda realm: [handlers.masked(provider) for provider in realm.providers.values()],
    ),
    ("POST identity-provider/instances", handlers.post_provider),
    (f"PUT identity-provider/instances/{_ID}", handlers.put_provider),
    (f"DELETE organizations/{_ID}/identity-providers/{_ID}", handlers.unlink_provider),
    (f"DELETE identity-provider/instances/{_ID}", handlers.delete_provider),
    (
        f"GET identity-provider/instances/{_ID}/mappers",
        lambda realm, alias: [
            item for item in realm.mappers.values() if item["identityProviderAlias"] == alias
        ],
    ),
    (f"POST identity-provider/instances/{_ID}/mappers", handlers.post_idp_mapper),
    (f"PUT identity-provider/instances/{_ID}/mappers/{_ID}", _update(lambda realm: realm.mappers)),
    (f"DELETE identity-provider/instances/{_ID}/mappers/{_ID}", _remove(lambda realm: realm.mappers)),
    ("GET groups", handlers.list_groups),
    ("POST groups", handlers.post_group),
    (f"DELETE groups/{_ID}", handlers.delete_group),
    (f"GET groups/{_ID}/children", handlers.list_groups),
    (f"POST groups/{_ID}/children", handlers.post_group),
    (
        f"POST groups/{_ID}/role-mappings/realm",
        lambda realm, key, body: handlers.change_group_roles(realm, key, body, add=True),
    ),
    (
        f"DELETE groups/{_ID}/role-mappings/realm",
        lambda realm, key, body: handlers.change_group_roles(realm, key, body, add=False),
    ),
    ("GET components", handlers.list_components),
    ("POST components", handlers.post_component),
    (f"PUT components/{_ID}", _update(lambda realm: realm.components)),
    (f"DELETE components/{_ID}", handlers.delete_component),
)
