"""`roles.NAME.granted-by`: who holds a role, from the mappers of providers and from groups."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.parts.roles import role_named
from orthgen.adoption.parts.sign_in import sign_in_aliases
from orthgen.formats.loose_values import mappings, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document

_ROLE_MAPPER = re.compile(
    r"(?:oidc|saml|keycloak-oidc)-(?:(?P<advanced>advanced)-)?role-idp-mapper|oidc-role-idp-mapper"
)
# Words without a character that means something in a regular expression, and their separator.
_LITERAL = re.compile(r"[\w \-/@:=,&|]+")
_HARDCODED = "oidc-hardcoded-role-idp-mapper"
_OWN_MAPPERS = {
    "hardcoded-attribute-idp-mapper",
    "oidc-username-idp-mapper",
    "saml-username-idp-mapper",
    "saml-user-attribute-idp-mapper",
    "oidc-user-attribute-idp-mapper",
}


def state_grants(original: OriginalDeployment, draft: Draft) -> None:
    """State the rules by which people come to hold roles; what a person granted by hand stays in Keycloak."""
    realm = original.realm
    if realm is None or draft.has(("identity", "keycloak", "server")):
        return
    aliases = sign_in_aliases(draft)
    for index, mapper in mappings(realm.value.get("identityProviderMappers")):
        _state_mapper(draft, aliases, mapper, realm.locate(("identityProviderMappers", index)))
    directories = {alias for alias, kind in aliases.items() if kind == "ldap"}
    for group, place in _groups(realm, realm.value.get("groups"), ("groups",)):
        _state_group(draft, directories, group, place)


def state_console(original: OriginalDeployment, draft: Draft) -> None:
    """State a way to Keycloak's console where a role is granted by hand alone."""
    keycloak = ("identity", "keycloak")
    if original.is_rendered or "accounts" not in sign_in_aliases(draft) or draft.has(keycloak):
        return
    roles = {path[1] for path in draft.entries if path[0] == "roles" and len(path) > 1}
    granted = {path[1] for path in draft.entries if path[0] == "roles" and path[2:3] == ("granted-by",)}
    if len(roles) > 1 and roles - granted:
        remark = "administrators grant roles in Keycloak's console, on the host itself: http://127.0.0.1:8081/admin/"
        draft.state((*keycloak, "local-port"), 8081, remark=remark)


def _grant(draft: Draft, role: Any, source: str, value: str, place: Location) -> None:
    path = ("roles", role_named(str(role)))
    if not draft.has(path):
        what = f"`{source}: {value}` grants the role `{role}`, which permissions.json does not have"
        draft.note(
            NoteKind.LEFT_OUT, what, "the role says nothing to Orthanc; other applications may use it", place
        )
        return
    known = [entry.value for known, entry in draft.entries.items() if known[:3] == (*path, "granted-by")]
    if {source: value} not in known:
        draft.state((*path, "granted-by", len(known)), {source: value}, place)


def _state_mapper(draft: Draft, aliases: dict[str, str], mapper: dict[str, Any], place: Location) -> None:
    provider = aliases.get(f"provider {mapper.get('identityProviderAlias')}")
    config = mapper.get("config")
    kind = str(mapper.get("identityProviderMapper"))
    if provider is None or not isinstance(config, dict) or kind in _OWN_MAPPERS:
        return
    values = _values(kind, config, draft)
    if values is None:
        draft.note(
            NoteKind.LEFT_OUT,
            f"the mapper `{mapper.get('name')}` of `{provider}` ({kind}) grants or changes something",
            "the profile has no word for it; orthgen's realm grants roles by one claim of each provider",
            place,
        )
        return
    for value in values:
        _grant(draft, config.get("role"), provider, value, place)


def _values(kind: str, config: dict[str, Any], draft: Draft) -> list[str] | None:
    """The values of the claim or attribute that grant the role; None where the mapper cannot be said."""
    if kind == _HARDCODED:
        domain = next(
            (entry.value for path, entry in draft.entries.items() if path[-1:] == ("hosted-domain",)), None
        )
        return [domain] if domain is not None else None
    if not _ROLE_MAPPER.fullmatch(kind) or "." in str(config.get("role", ".")):
        return None
    if "advanced" not in kind:
        value = config.get("claim.value", config.get("attribute.value"))
        return [value] if isinstance(value, str) and value else None
    conditions = _conditions(config.get("claims", config.get("attributes")))
    if len(conditions) != 1:
        return None
    value = str(conditions[0].get("value", ""))
    is_regex = "true" in (config.get("are.claim.values.regex"), config.get("are.attribute.values.regex"))
    return _alternatives(value) if is_regex else [value]


def _conditions(text: Any) -> list[dict[str, Any]]:
    try:
        conditions = json.loads(text)
    except (TypeError, ValueError):
        return []
    return [condition for _, condition in mappings(conditions)]


def _alternatives(regex: str) -> list[str] | None:
    """The words of which a regular expression matches one; None where it matches more than words."""
    words = [re.sub(r"\\(.)", r"\1", part) for part in re.split(r"(?<!\\)\|", regex)]
    is_literal = "|".join(re.escape(word) for word in words) == regex or _LITERAL.fullmatch(regex)
    return words if is_literal else None


def _groups(
    realm: Document, groups: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[dict[str, Any], Location]]:
    """Every group with its place, parents first."""
    for index, group in mappings(groups):
        yield group, realm.locate((*path, index))
        yield from _groups(realm, group.get("subGroups"), (*path, index, "subGroups"))


def _state_group(draft: Draft, directories: set[str], group: dict[str, Any], place: Location) -> None:
    path = str(group.get("path") or f"/{group.get('name')}")
    first, _, rest = path.strip("/").partition("/")
    for role in texts(group.get("realmRoles")):
        if role.startswith("default-roles-"):
            continue
        if first in directories and rest:
            _grant(draft, role, first, rest, place)
        elif len(directories) == 1 and not rest and _reads_groups(draft):
            _grant(draft, role, min(directories), first, place)
        else:
            _grant(draft, role, "group", path, place)


def _reads_groups(draft: Draft) -> bool:
    """Whether the directory's groups become Keycloak's."""
    return any(path[-1] == "groups-dn" for path in draft.entries)
