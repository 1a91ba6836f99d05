"""What the fake Keycloak makes of a realm's representation in one piece."""

from __future__ import annotations

import json
from typing import Any

from tests.realm.fake_handlers import MAPPER
from tests.realm.fake_realm import Realm

Json = dict[str, Any]
_LISTS = {
    "roles",
    "clients",
    "identityProviders",
    "identityProviderMappers",
    "components",
    "groups",
    "users",
    "authenticationFlows",
    "authenticatorConfig",
    "scopeMappings",
    "defaultRole",
    "requiredActions",
    "localizationTexts",
}


def import_realm(realm: Realm, body: Json) -> Realm:
    """Fill the realm with what `body` holds."""
    realm.settings.update({name: value for name, value in body.items() if name not in _LISTS})
    _import_roles(realm, body)
    _import_clients(realm, body)
    for provider in body.get("identityProviders", []):
        realm.providers[provider["alias"]] = provider
    for mapper in body.get("identityProviderMappers", []):
        identifier = realm.new_id()
        realm.mappers[identifier] = {**mapper, "id": identifier}
    _import_components(realm, body)
    _import_groups(realm, body.get("groups", []), "", "")
    for user in body.get("users", []):
        _import_user(realm, user)
    _import_flows(realm, body)
    if "requiredActions" in body:
        realm.actions = {action["alias"]: action for action in body["requiredActions"]}
    realm.texts.update(body.get("localizationTexts", {}))
    return realm


def _import_roles(realm: Realm, body: Json) -> None:
    default = realm.settings["defaultRole"]["id"]
    for role in body.get("roles", {}).get("realm", []):
        known = next((item for item in realm.roles.values() if item["name"] == role["name"]), None)
        if known is None:
            realm.add_role(role)
        elif known["id"] != default and known["name"] != "offline_access":
            # A role that a realm brings along is not put into its default role.
            realm.composites[default].discard(known["id"])


def _import_clients(realm: Realm, body: Json) -> None:
    for client in body.get("clients", []):
        known = next(
            (item for item in realm.clients.values() if item["clientId"] == client["clientId"]), None
        )
        if known is None:
            realm.add_client(client)
        else:
            mappers = [{**mapper, "id": realm.new_id()} for mapper in client.get("protocolMappers", [])]
            known.update({**client, "protocolMappers": mappers})
            if known.get("serviceAccountsEnabled"):
                known.setdefault("secret", "made by Keycloak")
    for mapping in body.get("scopeMappings", []):
        client = realm.client(mapping["client"])["id"]
        roles = {realm.role_named(name)["id"] for name in mapping["roles"]}
        realm.scope_mappings.setdefault(client, set()).update(roles)


def _import_components(realm: Realm, body: Json) -> None:
    for kind, components in body.get("components", {}).items():
        for component in components:
            if kind.endswith("UserProfileProvider"):
                realm.profile = json.loads(component["config"]["kc.user.profile.config"][0])
                continue
            identifier = realm.new_id()
            below = component.pop("subComponents", {})
            realm.components[identifier] = {
                **component,
                "id": identifier,
                "providerType": kind,
                "parentId": realm.settings["id"],
            }
            for mapper in below.get(MAPPER, []):
                child = realm.new_id()
                realm.components[child] = {
                    **mapper,
                    "id": child,
                    "providerType": MAPPER,
                    "parentId": identifier,
                }


def _import_groups(realm: Realm, groups: list[Json], parent: str, above: str) -> None:
    for group in groups:
        identifier, path = realm.new_id(), f"{above}/{group['name']}"
        realm.groups[identifier] = {
            "id": identifier,
            "name": group["name"],
            "path": path,
            "parentId": parent,
            "realmRoles": list(group.get("realmRoles", [])),
        }
        _import_groups(realm, group.get("subGroups", []), identifier, path)


def _import_user(realm: Realm, user: Json) -> None:
    if "serviceAccountClientId" not in user:
        identifier = realm.new_id()
        realm.users[identifier] = {**user, "id": identifier}
        return
    identifier = realm.service_account(realm.client(user["serviceAccountClientId"])["id"])
    for client_id, names in user.get("clientRoles", {}).items():
        roles = realm.client_roles[realm.client(client_id)["id"]]
        realm.held[identifier].update(role["id"] for role in roles if role["name"] in names)


def _import_flows(realm: Realm, body: Json) -> None:
    ids = {}
    for flow in body.get("authenticationFlows", []):
        ids[flow["alias"]] = realm.new_id()
        kept = {name: value for name, value in flow.items() if name != "authenticationExecutions"}
        realm.flows[ids[flow["alias"]]] = {**kept, "id": ids[flow["alias"]]}
    configs = {item["alias"]: item for item in body.get("authenticatorConfig", [])}
    for flow in body.get("authenticationFlows", []):
        for step in flow["authenticationExecutions"]:
            identifier = realm.new_id()
            stored: Json = {**step, "id": identifier, "parentFlow": ids[flow["alias"]]}
            stored.pop("authenticatorConfig", None)
            if "flowAlias" in step:
                stored["flowId"] = ids[step["flowAlias"]]
            if "authenticatorConfig" in step:
                config = realm.new_id()
                realm.configs[config] = {**configs[step["authenticatorConfig"]], "id": config}
                stored["authenticationConfig"] = config
            realm.executions[identifier] = stored
