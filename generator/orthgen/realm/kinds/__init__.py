"""Kinds of Keycloak objects that orthgen manages, in the order of their dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.realm.kinds import (
    client,
    default_group,
    default_role,
    directory,
    directory_mapper,
    flow,
    flow_binding,
    group,
    identity_provider,
    identity_provider_mapper,
    page_text,
    protocol_mapper,
    realm,
    realm_role,
    required_action,
    scope_mapping,
    service_account,
    user,
    user_attribute,
    user_profile,
)

if TYPE_CHECKING:
    from orthgen.realm.kinds.base import ResourceKind

# Made from first to last, removed from last to first: a mapper needs its provider, a provider the flow that it
# is bound to, everything that grants a role the role.
KINDS: tuple[ResourceKind, ...] = (
    flow.VERSIONS,  # nothing is made of it, and its objects go last
    realm.KIND,
    user_profile.KIND,
    user_attribute.KIND,
    realm_role.KIND,
    client.KIND,
    default_role.KIND,
    protocol_mapper.KIND,
    scope_mapping.KIND,
    service_account.KIND,
    required_action.KIND,
    page_text.KIND,
    flow.KIND,
    flow_binding.KIND,
    identity_provider.KIND,
    identity_provider_mapper.KIND,
    group.KIND,
    default_group.KIND,
    directory.KIND,
    directory_mapper.KIND,
    user.KIND,
)

KIND_NAMED = {kind.name: kind for kind in KINDS}
