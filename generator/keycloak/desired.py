"""From a deployment to everything that its realm has to hold, and to the realm file of a first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.documents.artifact import Artifact
from generator.keycloak.kinds import KINDS
from generator.yaml_io import dump_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.deployment.model import Deployment
    from generator.keycloak.resource import Representation, Resource

REALM_FILE = "keycloak/realm.json"


def desired(deployment: Deployment) -> tuple[Resource, ...]:
    """Every object that the realm has to hold, in the order in which they can be made."""
    return tuple(resource for kind in KINDS for resource in kind.desired(deployment))


def representation(realm: str, resources: Sequence[Resource]) -> Representation:
    """The realm as Keycloak's import reads it; secrets are placeholders."""
    # The lists that every export of Keycloak has, so that its readers find them (kcwarden does not guess).
    found: Representation = {
        "realm": realm,
        "attributes": {},
        "roles": {"realm": [], "client": {}},
        "clients": [],
        "identityProviders": [],
        "identityProviderMappers": [],
        "components": {},
    }
    kinds = {kind.name: kind for kind in KINDS}
    for resource in resources:
        kinds[resource.kind].place(found, resource)
    return found


def realm_file(deployment: Deployment) -> Artifact:
    """keycloak/realm.json, for `start --import-realm`: the realm that provisioning would make, in one piece."""
    resources = desired(deployment)
    found = representation(deployment.profile.identity.realm, resources)
    # What the file was written for; a newer server migrates it at import.
    found["keycloakVersion"] = deployment.release.components["keycloak"]
    return Artifact(REALM_FILE, dump_json(found))
