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
from orthgen.realm.fields import UndeclaredFields
from orthgen.realm.kinds.base import ResourceKind, under_new_keys
from orthgen.realm.resource import Representation, Resource
from orthgen.realm.sign_in_methods import ProviderMethod, sign_in_methods
from orthgen.realm.snapshot import ExistingObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.deployment.model import Deployment
    from orthgen.realm.read_context import ReadContext
    from orthgen.realm.write_context import WriteContext

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
# Attributes of a SAML assertion (ADFS's names) and what they become; OpenID Connect's claims need no mapper.
_SAML_NAMES = {"email": "emailaddress", "firstName": "givenname", "lastName": "surname"}


class IdentityProviderMapper(ResourceKind):
    """The mappers of our providers."""

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

    def place(self, representation: Representation, resource: Resource) -> None:
        mapper = {
            "name": resource.key,
            "identityProviderAlias": resource.parent,
            **dict(resource.fields),
        }
        representation.setdefault("identityProviderMappers", []).append(mapper)

    def read(self, context: ReadContext) -> Iterator[ExistingObject]:
        wanted = {resource.parent for resource in context.desired} | {
            parent for kind, parent, _ in context.owned if kind == self.name
        }
        providers = [
            provider.key for provider in context.of_kind("identity provider") if provider.key in wanted
        ]
        listed = context.get_all(
            [context.path("identity-provider", "instances", key, "mappers") for key in providers],
            list[representations.IdentityProviderMapper],
        )
        found = (
            ExistingObject(self.name, mapper["name"], dict(mapper), parent=provider, id=mapper["id"])
            for provider, mappers in zip(providers, listed, strict=True)
            for mapper in mappers
        )
        yield from under_new_keys(context.desired, found)

    def create(self, context: WriteContext, resource: Resource) -> None:
        body = {
            "name": resource.key,
            "identityProviderAlias": resource.parent,
            **context.fields(resource, create=True),
        }
        context.api.post(self._path(context, resource.parent), body)

    def update(self, context: WriteContext, existing: ExistingObject, resource: Resource) -> None:
        path = f"{self._path(context, existing.parent)}/{existing.id}"
        declared = context.fields(resource)
        # Another type of mapper has other settings: the old ones would only be in the way.
        kind = existing.representation.get("identityProviderMapper")
        same = declared.get("identityProviderMapper", kind) == kind
        body = self.whole(context, existing, declared) if same else {**existing.representation, **declared}
        context.api.put(path, body)

    def delete(self, context: WriteContext, existing: ExistingObject) -> None:
        context.api.delete(f"{self._path(context, existing.parent)}/{existing.id}")

    def _path(self, context: WriteContext, provider: str) -> str:
        return context.path("identity-provider", "instances", provider, "mappers")


def _renamed(mapper: Resource, role: str) -> Resource:
    """The mapper of a role that had another name: one that names a role which is not there ends every sign-in."""
    return replace(mapper, fields={**mapper.fields, "name": mapper.key}, renamed_from=f"role {role}")


def _user_name(provider: ProviderMethod) -> tuple[str, dict[str, str]]:
    """
    A user name that no other account can have: the provider's alias and its lasting identifier of the person.

    Names and addresses that people know each other by pass to others when somebody leaves, and two providers may
    give one to two people. Written when the account is made: one that was joined keeps its name.
    """
    settings = provider.settings
    made_once = {"target": "LOCAL", "syncMode": "IMPORT"}
    if not isinstance(settings, Saml):
        # Who gives a GitHub login up leaves it to the next person; the number stays.
        person = "id" if isinstance(settings, GitHub) else "sub"
        return "oidc-username-idp-mapper", {"template": f"${{ALIAS}}.${{CLAIM.{person}}}", **made_once}
    person = "${NAMEID}" if settings.principal == NAME_ID else f"${{ATTRIBUTE.{settings.principal}}}"
    return "saml-username-idp-mapper", {"template": f"${{ALIAS}}.{person}", **made_once}


def _role(provider: ProviderMethod, role: str, values: list[str]) -> tuple[str, dict[str, Any]]:
    settings = provider.settings
    if isinstance(settings, (Google, GitHub)):
        # Keycloak's mappers of claims are not made for these providers. Google's grants name the hosted domain, and
        # Keycloak lets nobody of another one in.
        return "oidc-hardcoded-role-idp-mapper", {"role": role}
    protocol = "saml" if isinstance(settings, Saml) else "oidc"
    # A dot in a claim's name would be read as a path (`realm_access.roles` is one, and meant as one).
    name = settings.attribute if isinstance(settings, Saml) else settings.claim
    if len(values) == 1:
        keys = ("attribute.name", "attribute.value") if protocol == "saml" else ("claim", "claim.value")
        return f"{protocol}-role-idp-mapper", {
            keys[0]: name,
            keys[1]: values[0],
            "role": role,
        }
    regex = "|".join(re.escape(value) for value in values)
    listed = json.dumps([{"key": name, "value": regex}])
    what = "attributes" if protocol == "saml" else "claims"
    return f"{protocol}-advanced-role-idp-mapper", {
        what: listed,
        f"are.{'attribute' if protocol == 'saml' else 'claim'}.values.regex": "true",
        "role": role,
    }


KIND = IdentityProviderMapper()
