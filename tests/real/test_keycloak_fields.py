"""Every field of Keycloak's representations is decided: a new one in a newer Keycloak is a finding."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from orthgen.realm.kinds import KIND_NAMED
from orthgen.realm.realm_file import desired
from tests.support.builders import EXAMPLES, example, make_deployment
from tests.support.real import parts
from tests.support.real.java_class import members

PACKAGE = "org.keycloak.representations"
CLASSES = {
    "realm": "idm.RealmRepresentation",
    "client": "idm.ClientRepresentation",
    "protocol mapper": "idm.ProtocolMapperRepresentation",
    "realm role": "idm.RoleRepresentation",
    "group": "idm.GroupRepresentation",
    "identity provider": "idm.IdentityProviderRepresentation",
    "identity provider mapper": "idm.IdentityProviderMapperRepresentation",
    "directory": "idm.ComponentRepresentation",
    "directory mapper": "idm.ComponentRepresentation",
    "user attribute": "userprofile.config.UPAttribute",
    "user profile": "userprofile.config.UPConfig",
    "flow": "idm.AuthenticationFlowRepresentation",
}
# Representations within others, by kind and member; the executions of a flow come in two forms.
PARTS = {
    "user profile.groups": ("userprofile.config.UPGroup",),
    "user attribute.permissions": ("userprofile.config.UPAttributePermissions",),
    "user attribute.required": ("userprofile.config.UPAttributeRequired",),
    "user attribute.selector": ("userprofile.config.UPAttributeSelector",),
    "flow.steps": (
        "idm.AbstractAuthenticationExecutionRepresentation",
        "idm.AuthenticationExecutionExportRepresentation",
        "idm.AuthenticationExecutionInfoRepresentation",
    ),
    "flow.settings": ("idm.AuthenticatorConfigRepresentation",),
}
WIDE = make_deployment(
    identity="{smtp: {host: mail.example.org, sender: pacs@example.org}, api-keys: true, sign-in: [accounts: {}]}"
)


def fields_of(kind: str, version: str) -> set[str]:
    """The fields of the kind's representation in one Keycloak."""
    return fields_of_class(CLASSES[kind], version)


def fields_of_class(name: str, version: str) -> set[str]:
    """The fields of one class in one Keycloak."""
    home = parts.keycloak(version) / "lib" / "lib" / "main"
    return members(home / f"org.keycloak.keycloak-core-{version}.jar", f"{PACKAGE}.{name}")


def decided_of_part(part: str) -> set[str]:
    """The fields of a part that its kind decides."""
    kind, _, member = part.partition(".")
    ignored = KIND_NAMED[kind].undeclared.ignored
    return {name.removeprefix(f"{member}.") for name in ignored if name.startswith(f"{member}.")}


def declared(kind: str) -> set[str]:
    """The fields that any deployment declares."""
    deployments = (*(example(name) for name in EXAMPLES), WIDE)
    resources = (resource for deployment in deployments for resource in desired(deployment))
    return {name for resource in resources if resource.kind == kind for name in resource.fields}


def decided(kind: str) -> set[str]:
    """The fields that are declared, watched or ignored."""
    undeclared = KIND_NAMED[kind].undeclared
    ignored = {name for name in undeclared.ignored if "." not in name}
    return declared(kind) | set(undeclared.watched) | ignored


def listed(names: Iterable[str]) -> list[str]:
    """Names in an order that reads."""
    return sorted(names)


@pytest.mark.parametrize("version", parts.keycloak_versions())
@pytest.mark.parametrize("kind", CLASSES)
def test_every_field_is_declared_watched_or_ignored(kind: str, version: str) -> None:
    """Keycloak knows no field of these objects that nobody has thought about."""
    assert listed(fields_of(kind, version) - decided(kind)) == []


@pytest.mark.parametrize("kind", CLASSES)
def test_no_decision_is_about_a_field_that_does_not_exist(kind: str) -> None:
    """A misspelt name would leave the field undecided."""
    known = {name for version in parts.keycloak_versions() for name in fields_of(kind, version)}
    undeclared = KIND_NAMED[kind].undeclared

    assert (
        listed({name for name in (*undeclared.watched, *undeclared.ignored) if "." not in name} - known) == []
    )


@pytest.mark.parametrize("part", PARTS)
def test_every_field_of_a_part_is_decided(part: str) -> None:
    """The members of members are decided one by one as well, and no decision is about one that does not exist."""
    versions = parts.keycloak_versions()
    fields = {
        version: {field for name in PARTS[part] for field in fields_of_class(name, version)}
        for version in versions
    }

    undecided = {version: listed(fields[version] - decided_of_part(part)) for version in versions}

    assert undecided == {version: [] for version in versions}
    assert listed(decided_of_part(part) - set().union(*fields.values())) == []
