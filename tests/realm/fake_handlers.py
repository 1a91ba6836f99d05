"""What the fake Keycloak does with a realm at each request that is more than one expression."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orthgen.errors import KeycloakConflict, KeycloakError, KeycloakRefused
from orthgen.realm.admin.api import NotFound
from tests.realm.fake_realm import SCOPES, Json, Realm

MASK = "**********"

PROVIDER_BINDINGS = ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias")


def list_initial_access(realm: Realm) -> list[Json]:
    if realm.hidden - {"groups"}:
        raise KeycloakRefused("403")
    return []


def read_attacks(realm: Realm, _: str) -> Json:
    if "groups" in realm.hidden:
        raise KeycloakRefused("403")
    return {"numFailures": 0}


def put_realm(realm: Realm, body: Json) -> None:
    mail_server = body.get("smtpServer")
    if mail_server and not mail_server.get("from"):
        raise KeycloakError("400: Invalid sender address 'null'")  # 26.7
    realm.settings.update(body)


def list_composites(realm: Realm, identifier: str) -> list[Json]:
    return [realm.any_role(role) for role in sorted(realm.composites.get(identifier, ()))]


def partial_import(realm: Realm, body: Json) -> None:
    for role in body.get("roles", {}).get("realm", []):
        if not any(role["name"] == other["name"] for other in realm.roles.values()):
            realm.add_role(role)
    for user in body.get("users", []):
        if not any(user["username"] == other["username"] for other in realm.users.values()):
            identifier = realm.new_id()
            realm.users[identifier] = {**user, "id": identifier}


def put_client(realm: Realm, identifier: str, body: Json) -> None:
    client = realm.clients[identifier]
    if body.get("protocol") != client.get("protocol", body.get("protocol")):
        client["defaultClientScopes"] = list(SCOPES)
    turned_on = body.get("serviceAccountsEnabled") and not client.get("serviceAccountsEnabled")
    client.update({name: value for name, value in body.items() if name not in {"id", "protocolMappers"}})
    if turned_on:
        client.setdefault("secret", "made by Keycloak")


def change_scope(realm: Realm, client: str, which: str, scope: str, *, add: bool) -> None:
    names = realm.clients[client]["defaultClientScopes" if which == "default" else "optionalClientScopes"]
    name = realm.scopes[scope]
    if add and name not in names:
        names.append(name)
    if not add and name in names:
        names.remove(name)


def post_mapper(realm: Realm, client: str, body: Json) -> str:
    mappers = realm.clients[client]["protocolMappers"]
    if any(mapper["name"] == body["name"] for mapper in mappers):
        raise KeycloakConflict("mapper exists")
    mappers.append({**body, "id": realm.new_id()})
    return str(mappers[-1]["id"])


def put_mapper(realm: Realm, client: str, identifier: str, body: Json) -> None:
    mapper = next(item for item in realm.clients[client]["protocolMappers"] if item["id"] == identifier)
    mapper.update(body)


def delete_mapper(realm: Realm, client: str, identifier: str, _: Any) -> None:
    mappers = realm.clients[client]["protocolMappers"]
    mappers.remove(next(item for item in mappers if item["id"] == identifier))


def role_mappings(realm: Realm, user: str) -> Json:
    roles = [realm.any_role(role) for role in realm.held.get(user, ())]
    by_client: Json = {}
    for role in roles:
        if role["clientRole"]:
            name = realm.clients[role["containerId"]]["clientId"]
            by_client.setdefault(name, {"id": role["containerId"], "mappings": []})["mappings"].append(role)
    return {"realmMappings": [role for role in roles if not role["clientRole"]], "clientMappings": by_client}


def list_executions(realm: Realm, alias: str) -> list[Json]:
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


def list_flows(realm: Realm) -> list[Json]:
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


def post_flow(realm: Realm, body: Json) -> str:
    if any(flow["alias"] == body["alias"] for flow in realm.flows.values()):
        raise KeycloakConflict("flow exists")
    return add_object(realm, realm.flows, body)


def post_flow_below(realm: Realm, alias: str, body: Json) -> str:
    parent = next(item for item in realm.flows.values() if item["alias"] == alias)
    flow = post_flow(realm, {"alias": body["alias"], "topLevel": False})
    step = {"parentFlow": parent["id"], "requirement": "DISABLED", "priority": 0}
    return add_object(realm, realm.executions, {**step, "authenticatorFlow": True, "flowId": flow})


def put_execution(realm: Realm, _: str, body: Json) -> None:
    step = realm.executions[body["id"]]
    step.update(requirement=body["requirement"], priority=body.get("priority", step["priority"]))


def delete_flow(realm: Realm, identifier: str, _: Any) -> None:
    bindings = [provider.get(name) for provider in realm.providers.values() for name in PROVIDER_BINDINGS]
    bindings += [realm.settings.get(name) for name in ("browserFlow", "resetCredentialsFlow")]
    overrides = [client.get("authenticationFlowBindingOverrides") or {} for client in realm.clients.values()]
    if realm.flows[identifier]["alias"] in bindings or any(identifier in item.values() for item in overrides):
        raise KeycloakError("500: Cannot remove authentication flow, it is currently in use")
    del realm.flows[identifier]
    for key in [key for key, item in realm.executions.items() if item["parentFlow"] == identifier]:
        below = realm.executions.pop(key).get("flowId")
        if below:
            delete_flow(realm, below, None)


def post_config(realm: Realm, execution: str, body: Json) -> str:
    identifier = add_object(realm, realm.configs, body)
    realm.executions[execution]["authenticationConfig"] = identifier
    return identifier


def register_action(realm: Realm, body: Json) -> None:
    realm.actions[body["providerId"]] = {"alias": body["providerId"], "enabled": True}


def add_texts(realm: Realm, language: str, body: Json) -> None:
    realm.texts.setdefault(language, {}).update(body)


def post_provider(realm: Realm, body: Json) -> str:
    if body["alias"] in realm.providers:
        raise KeycloakConflict("provider exists")
    realm.providers[body["alias"]] = body
    return str(body["alias"])


def masked(provider: Json) -> Json:
    secret = provider.get("config", {}).get("clientSecret", "")
    if secret and not secret.startswith("${vault."):
        return {**provider, "config": {**provider["config"], "clientSecret": MASK}}
    return provider


def put_provider(realm: Realm, alias: str, body: Json) -> None:
    before = realm.providers[alias]
    if before.get("organizationId") and not realm.settings.get("organizationsEnabled"):
        raise KeycloakError("400: Organization associated with broker does not exist")
    if body.get("organizationId") == "":
        raise KeycloakError("500: unknown_error")  # 26.2
    if body.get("config", {}).get("clientSecret") == MASK:
        body["config"]["clientSecret"] = before["config"].get("clientSecret", "")
    realm.providers[alias] = {**body, "providerId": before["providerId"]}


def unlink_provider(realm: Realm, _: str, alias: str, __: Any) -> None:
    assert realm.settings["organizationsEnabled"]
    del realm.providers[alias]["organizationId"]


def delete_provider(realm: Realm, alias: str, _: Any) -> None:
    del realm.providers[alias]
    for identifier in [key for key, item in realm.mappers.items() if item["identityProviderAlias"] == alias]:
        del realm.mappers[identifier]


def post_idp_mapper(realm: Realm, alias: str, body: Json) -> str:
    if alias not in realm.providers:
        raise NotFound(alias)
    if any(
        item["name"] == body["name"] and item["identityProviderAlias"] == alias
        for item in realm.mappers.values()
    ):
        raise KeycloakConflict("mapper exists")
    return add_object(realm, realm.mappers, {**body, "identityProviderAlias": alias})


def post_group(realm: Realm, *rest: Any) -> str:
    parent, body = rest if len(rest) == 2 else ("", rest[0])
    above = realm.groups[parent]["path"] if parent else ""
    path = f"{above}/{body['name']}"
    siblings = (group for group in realm.groups.values() if group["parentId"] == parent)
    if any(group["name"] == body["name"] for group in siblings):
        raise KeycloakConflict("group exists")
    return add_object(realm, realm.groups, {**body, "path": path, "parentId": parent, "realmRoles": []})


def _page(found: list[Json], first: Any = 0, **query: Any) -> list[Json]:
    # Numbers are texts where a server in front of the fake read them from an address.
    return found[int(first) :][: int(query.get("max", len(found)))]


def list_groups(realm: Realm, parent: str = "", **query: Any) -> list[Json]:
    if "groups" in realm.hidden:
        return []
    found = [group for group in realm.groups.values() if group["parentId"] == parent]
    return _page(found, **query)


def change_group_roles(realm: Realm, group: str, body: list[Json], *, add: bool) -> None:
    names = realm.groups[group]["realmRoles"]
    for role in body:
        if add and role["name"] not in names:
            names.append(role["name"])
        if not add and role["name"] in names:
            names.remove(role["name"])


def delete_group(realm: Realm, identifier: str, _: Any) -> None:
    path = realm.groups[identifier]["path"]
    for key in [key for key, item in realm.groups.items() if (item["path"] + "/").startswith(path + "/")]:
        del realm.groups[key]


def post_component(realm: Realm, body: Json) -> str:
    identifier = add_object(realm, realm.components, body)
    if body["providerId"] == "ldap":
        for name in ("username", "creation date"):  # as Keycloak does with a new directory
            mapper = {"name": name, "providerId": "user-attribute-ldap-mapper", "providerType": MAPPER}
            add_object(realm, realm.components, {**mapper, "parentId": identifier, "config": {}})
    return identifier


MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"


def list_components(realm: Realm, **query: str) -> list[Json]:
    return [
        item
        for item in realm.components.values()
        if query.get("parent") in {None, item.get("parentId")}
        and query.get("type") in {None, item["providerType"]}
    ]


def delete_component(realm: Realm, identifier: str, _: Any) -> None:
    del realm.components[identifier]
    for key in [key for key, item in realm.components.items() if item.get("parentId") == identifier]:
        del realm.components[key]


def delete_role(realm: Realm, identifier: str, _: Any) -> None:
    role = realm.roles.pop(identifier)
    for held in (*realm.scope_mappings.values(), *realm.composites.values(), *realm.held.values()):
        held.discard(identifier)
    for group in realm.groups.values():
        if role["name"] in group["realmRoles"]:
            group["realmRoles"].remove(role["name"])


def add_object(realm: Realm, where: dict[str, Json], body: Json) -> str:
    identifier = realm.new_id()
    where[identifier] = {**body, "id": identifier}
    return identifier


def put_profile(realm: Realm, body: Json) -> None:
    realm.profile = body


def find_users(realm: Realm, username: str = "", **query: Any) -> list[Json]:
    alias = query.get("idpAlias", "")
    found = [
        user
        for user in realm.users.values()
        if username in {"", user["username"]}
        and (not alias or alias in {link["identityProvider"] for link in user.get("federatedIdentities", [])})
    ]
    return _page(found, **query)


def users_of_role(realm: Realm, name: str, **query: Any) -> list[Json]:
    role = realm.role_named(name)["id"]
    found = [realm.users[user] for user, held in realm.held.items() if role in held]
    return _page(found, **query)


def users_of_client_role(realm: Realm, client: str, name: str, **query: Any) -> list[Json]:
    (role,) = (role["id"] for role in realm.client_roles[client] if role["name"] == name)
    return _page([realm.users[user] for user, held in realm.held.items() if role in held], **query)


def groups_of_client_role(realm: Realm, client: str, name: str, **query: Any) -> list[Json]:
    owner = realm.clients[client]["clientId"]
    found = [group for group in realm.groups.values() if name in group.get("clientRoles", {}).get(owner, ())]
    return _page(found, **query)


def groups_of_role(realm: Realm, name: str, **_: Any) -> list[Json]:
    return [group for group in realm.groups.values() if name in group["realmRoles"]]
