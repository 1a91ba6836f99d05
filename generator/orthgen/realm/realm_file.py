"""Desired objects of a deployment's realm, and the realm file of a first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.deployment import naming
from orthgen.formats.yaml_io import dump_json
from orthgen.products.artifact import Artifact
from orthgen.realm.kinds import KIND_NAMED, KINDS
from orthgen.realm.ownership import owned_text
from orthgen.realm.resource import FlowUse, SecretUse, replace_uses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orthgen.deployment.model import Deployment
    from orthgen.realm.resource import Representation, Resource

REALM_FILE = "keycloak/realm.json"

# A person reads a realm from its name to its flows. Every other key is a setting, and stands between the two lists.
_READ_FIRST = ("realm", "displayName", "enabled")
_READ_LAST = (
    "attributes",
    "roles",
    "defaultRole",
    "groups",
    "defaultGroups",
    "clients",
    "scopeMappings",
    "identityProviders",
    "identityProviderMappers",
    "components",
    "users",
    "requiredActions",
    "browserFlow",
    "resetCredentialsFlow",
    "authenticationFlows",
    "authenticatorConfig",
    "localizationTexts",
    "keycloakVersion",
)


def desired(deployment: Deployment) -> tuple[Resource, ...]:
    """Every object that the realm has to hold, in the order of creation."""
    return tuple(resource for kind in KINDS for resource in kind.desired(deployment))


def representation(realm: str, resources: Sequence[Resource]) -> Representation:
    """The realm as Keycloak's import reads it, with secrets and flows as references."""
    # Every export of Keycloak has these lists, and programs such as kcwarden need them.
    body: Representation = {
        "realm": realm,
        "attributes": {},
        "roles": {"realm": [], "client": {}},
        "clients": [],
        "identityProviders": [],
        "identityProviderMappers": [],
        "components": {},
    }
    for resource in resources:
        if not resource.foreign:
            KIND_NAMED[resource.kind].add_to_import(body, resource)
    body["attributes"] = {
        **body["attributes"],
        naming.OWNED_ATTRIBUTE: owned_text(
            resource.address for resource in resources if is_recorded(resource)
        ),
    }
    return body


def is_recorded(resource: Resource) -> bool:
    """Whether the ownership record names the object."""
    return KIND_NAMED[resource.kind].is_recorded(resource.key)


def realm_file(deployment: Deployment) -> Artifact:
    """keycloak/realm.json, for `start --import-realm`: the same realm that provisioning creates."""
    realm = representation(deployment.profile.identity.realm, desired(deployment))
    # A newer server migrates the file at import.
    realm["keycloakVersion"] = deployment.release.components["keycloak"]
    # The import replaces every `${…}` in the file's text by a variable or by the default after its colon, and only then
    # reads the JSON: so a literal `$` before a brace is written as an escape.
    text = dump_json(replace_uses(in_reading_order(realm), _in_file))
    text = text.replace("${", r"\u0024{").replace(_VARIABLE, "${")
    return Artifact(REALM_FILE, text)


def in_reading_order(realm: Representation) -> Representation:
    """The realm in reading order: name, settings, objects."""
    settings = [key for key in realm if key not in {*_READ_FIRST, *_READ_LAST}]
    return {key: realm[key] for key in (*_READ_FIRST, *settings, *_READ_LAST) if key in realm}


# JSON's escape for a character that no profile holds.
_VARIABLE = r"\u0000{"


def _in_file(use: SecretUse | FlowUse) -> str:
    if isinstance(use, FlowUse):
        return use.first
    return use.reference if use.through == "vault" else f"\0{{{use.variable}}}"
