"""
Identity provider mappers: a claim or attribute becomes a realm role, a user name, a name.

One mapper for each role of a provider, never two: with FORCE, each mapper takes the role away again where its
own value is missing, so two of them for one role would undo each other.
https://www.keycloak.org/docs-api/latest/rest-api/index.html#IdentityProviderMapperRepresentation
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from orthgen.deployment import naming
from orthgen.profile.identity import NAME_ID, GitHub, Google, Saml
from orthgen.realm.admin import representations
from orthgen.realm.field_decisions import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind, with_current_keys
from orthgen.realm.provider_roles import granted_role, take_role
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import ProviderMethod, sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.snapshot import RealmSnapshot
    from orthgen.realm.write_context import WriteContext

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
# Attributes of a SAML assertion (ADFS's names) and what they become; OpenID Connect's claims need no mapper.
_SAML_NAMES = {"email": "emailaddress", "firstName": "givenname", "lastName": "surname"}


class IdentityProviderMapper(ResourceKind):
    """The mappers of the profile's providers."""

    name = "identity provider mapper"
    parent = "identity provider"
    reads = ("identity provider",)
    undeclared = UndeclaredFields(
        ignored={"id": "Keycloak's own", "identityProviderAlias": "the parent", "name": "the key"},
        closed=frozenset({"config"}),
    )

    def desired(self, deployment: Deployment) -> Iterator[Resource]:
        if deployment.profile.identity.keycloak.manage != "everything":
            return
        for provider in sign_in_methods(deployment).brokered:
            yield self._mapper(provider, "user name", *_user_name(provider), provider.because)
            # By this, the flows tell who has to sign in at a provider.
            marked = {"attribute": naming.PROVIDER_ATTRIBUTE, "attribute.value": provider.alias}
            yield self._mapper(
                provider, "identity provider", "hardcoded-attribute-idp-mapper", marked, provider.because
            )
            if isinstance(provider.settings, Saml):
                for attribute, claim in _SAML_NAMES.items():
                    config = {"attribute.name": f"{_CLAIMS}/{claim}", "user.attribute": attribute}
                    yield self._mapper(
                        provider, attribute, "saml-user-attribute-idp-mapper", config, provider.because
                    )
            for role in deployment.roles:
                values = [grant.value for grant in role.grants if grant.source == provider.alias]
                if values:
                    because = f"roles.{role.name}.granted-by"
                    mapper = self._mapper(
                        provider, f"role {role.name}", *_role(provider, role.name, values), because
                    )
                    yield _renamed(mapper, role.renamed_from) if role.renamed_from else mapper

    def _mapper(
        self,
        provider: ProviderMethod,
        name: str,
        mapper: str,
        config: dict[str, str],
        because: str,
    ) -> Resource:
        fields = {"identityProviderMapper": mapper, "config": {"syncMode": "FORCE", **config}}
        return Resource(self.name, name, fields, parent=provider.alias, because=because)

    def add_to_import(self, representation: Representation, resource: Resource) -> None:
        mapper = {
            "name": resource.key,
            "identityProviderAlias": resource.parent,
            **dict(resource.fields),
        }
        representation.setdefault("identityProviderMappers", []).append(mapper)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        aliases = {resource.parent for resource in context.desired} | {
            parent for kind, parent, _ in context.owned if kind == self.name
        }
        providers = [
            provider.key for provider in context.of_kind("identity provider") if provider.key in aliases
        ]
        mapper_lists = context.get_all(
            [context.path("identity-provider", "instances", key, "mappers") for key in providers],
            list[representations.IdentityProviderMapper],
        )
        objects = (
            ExistingObject(self.name, mapper["name"], dict(mapper), parent=provider, id=mapper["id"])
            for provider, mappers in zip(providers, mapper_lists, strict=True)
            for mapper in mappers
        )
        yield from with_current_keys(context.desired, objects)

    def create(self, context: WriteContext, resource: Resource) -> None:
        body = {
            "name": resource.key,
            "identityProviderAlias": resource.parent,
            **context.fields(resource, create=True),
        }
        context.api.post(self._path(context, resource.parent), body)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        path = f"{self._path(context, existing.parent)}/{existing.id}"
        # Another type of mapper has other settings, so the old settings are dropped.
        kind = existing.representation.get("identityProviderMapper")
        same_kind = resource.fields.get("identityProviderMapper", kind) == kind
        body = (
            self.update_body(context, existing, resource)
            if same_kind
            else {**existing.representation, **context.fields(resource)}
        )
        context.api.put(path, body)

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        # Keycloak leaves the role with everybody who got it by the mapper. It is taken away before the deletion, because an
        # interrupted run begins again only while the mapper is there, and after it, for people who signed in meanwhile.
        role = _role_of_last_mapper(context.snapshot, existing)
        take_role(context, existing.parent, role)
        context.api.delete(f"{self._path(context, existing.parent)}/{existing.id}")
        take_role(context, existing.parent, role)

    def deletion_effect(self, existing: ExistingObject) -> str:
        role = granted_role(existing.representation)
        return f"people of `{existing.parent}` lose the role `{role}`" if role else ""

    def _path(self, context: WriteContext, provider: str) -> str:
        return context.path("identity-provider", "instances", provider, "mappers")


def _role_of_last_mapper(snapshot: RealmSnapshot, mapper: ExistingObject) -> str:
    """The role of a mapper if no other mapper of the same provider gives it; that one decides at each sign-in."""
    role = granted_role(mapper.representation)
    others = (
        other
        for other in snapshot.objects.values()
        if (other.kind, other.parent) == (mapper.kind, mapper.parent) and other.id != mapper.id
    )
    return "" if any(granted_role(other.representation) == role for other in others) else role


def _renamed(mapper: Resource, role: str) -> Resource:
    """The mapper of a renamed role: with the old role's name, every sign-in would fail."""
    return replace(mapper, fields={**mapper.fields, "name": mapper.key}, renamed_from=f"role {role}")


def _user_name(provider: ProviderMethod) -> tuple[str, dict[str, str]]:
    """
    A unique user name: the provider's alias and its permanent identifier of the person.

    Names and addresses are reused when a person leaves, and two providers may give the same one to two people. The
    mapper sets the name when the account is created; a linked account keeps its name.
    """
    settings = provider.settings
    at_creation = {"target": "LOCAL", "syncMode": "IMPORT"}
    if not isinstance(settings, Saml):
        # A GitHub login can pass to another person; the number cannot.
        identifier = "id" if isinstance(settings, GitHub) else "sub"
        return "oidc-username-idp-mapper", {"template": f"${{ALIAS}}.${{CLAIM.{identifier}}}", **at_creation}
    identifier = "${NAMEID}" if settings.principal == NAME_ID else f"${{ATTRIBUTE.{settings.principal}}}"
    return "saml-username-idp-mapper", {"template": f"${{ALIAS}}.{identifier}", **at_creation}


def _role(provider: ProviderMethod, role: str, values: list[str]) -> tuple[str, dict[str, Any]]:
    settings = provider.settings
    if isinstance(settings, (Google, GitHub)):
        # Keycloak's claim mappers do not work with these providers. Google's grants name the hosted domain, and Keycloak
        # refuses people of other domains.
        return "oidc-hardcoded-role-idp-mapper", {"role": role}
    protocol = "saml" if isinstance(settings, Saml) else "oidc"
    name = settings.attribute if isinstance(settings, Saml) else _claim_path(settings.claim)
    if len(values) == 1:
        keys = ("attribute.name", "attribute.value") if protocol == "saml" else ("claim", "claim.value")
        return f"{protocol}-role-idp-mapper", {
            keys[0]: name,
            keys[1]: values[0],
            "role": role,
        }
    regex = "|".join(re.escape(value) for value in values)
    conditions = json.dumps([{"key": name, "value": regex}])
    member = "attributes" if protocol == "saml" else "claims"
    return f"{protocol}-advanced-role-idp-mapper", {
        member: conditions,
        f"are.{'attribute' if protocol == 'saml' else 'claim'}.values.regex": "true",
        "role": role,
    }


def _claim_path(claim: str) -> str:
    r"""
    A claim as Keycloak's mappers name it.

    Keycloak reads a dot as a path (`realm_access.roles` is one) and `\.` as a dot (26.2.5, 26.7.3). A web address is no
    path: providers such as Auth0 add claims under web addresses only.
    """
    return re.sub(r"(?<!\\)\.", r"\\.", claim) if "://" in claim else claim


KIND = IdentityProviderMapper()
