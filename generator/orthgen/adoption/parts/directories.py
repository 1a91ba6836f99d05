"""One item of `identity.sign-in` for an LDAP directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import name_like
from orthgen.adoption.references import realm_reference
from orthgen.formats.loose_values import mappings
from orthgen.realm.kinds.directory import MAPPER, STORAGE, VENDORS

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document, Path

_OWN_MAPPERS = {
    "user-attribute-ldap-mapper",
    "msad-user-account-control-mapper",
    "group-ldap-mapper",
    "full-name-ldap-mapper",
}


def state_directory(draft: Draft, path: Path, realm: Document, index: int) -> bool:
    """State the user federation at `index` of the realm; False where it is no LDAP directory or is switched off."""
    where: Path = ("components", STORAGE, index)
    component = realm.value["components"][STORAGE][index]
    config = component.get("config") if isinstance(component.get("config"), dict) else {}
    name = str(component.get("name", ""))
    if component.get("providerId") != "ldap":
        what = f"people come from the user federation `{name}` ({component.get('providerId')})"
        draft.note(
            NoteKind.LEFT_OUT,
            what,
            "the profile knows LDAP alone: they need another way of signing in",
            realm.locate(where),
        )
        return False
    if _first(config, "enabled") == "false":
        return False

    def place(key: str) -> Location:
        return realm.locate((*where, "config", key))

    below = (*path, "ldap")
    if name_like(name) != "ldap":
        draft.state((*below, "alias"), name_like(name), realm.locate((*where, "name")))
    draft.state((*below, "url"), _first(config, "connectionUrl").split(" ")[0], place("connectionUrl"))
    if " " in _first(config, "connectionUrl").strip():
        draft.note(
            NoteKind.LEFT_OUT,
            f"`{name}` names several servers",
            "the profile names one: give it an address that stands for all",
            place("connectionUrl"),
        )
    if _first(config, "startTls") == "true":
        draft.state((*below, "start-tls"), True, place("startTls"))
    vendor = _first(config, "vendor")
    vendor = vendor if vendor in VENDORS else "other"
    if vendor != "ad":
        draft.state((*below, "vendor"), vendor, place("vendor"))
    draft.state((*below, "bind-dn"), _first(config, "bindDn"), place("bindDn"))
    credential = _first(config, "bindCredential")
    realm_reference(
        draft,
        (*below, "bind-password"),
        credential,
        f"{name_like(name)}-bind-password",
        place("bindCredential"),
    )
    draft.state((*below, "users-dn"), _first(config, "usersDn"), place("usersDn"))
    _state_groups(draft, below, realm, where, component)
    attribute = _first(config, "usernameLDAPAttribute")
    if attribute and attribute != VENDORS[vendor][0]:
        draft.state((*below, "user-name"), attribute, place("usernameLDAPAttribute"))
    return True


def _first(config: Any, key: str) -> str:
    """The value of a component's setting, of which Keycloak keeps lists."""
    values = config.get(key) if isinstance(config, dict) else None
    return str(values[0]) if isinstance(values, list) and values else ""


def _state_groups(draft: Draft, path: Path, realm: Document, where: Path, component: dict[str, Any]) -> None:
    inside = component.get("subComponents")
    mappers = inside.get(MAPPER) if isinstance(inside, dict) else None
    for index, mapper in mappings(mappers):
        place = realm.locate((*where, "subComponents", MAPPER, index))
        kind = mapper.get("providerId")
        if kind == "group-ldap-mapper":
            draft.state((*path, "groups-dn"), _first(mapper.get("config"), "groups.dn"), place)
        elif kind not in _OWN_MAPPERS:
            draft.note(
                NoteKind.LEFT_OUT,
                f"the directory's mapper `{mapper.get('name')}` ({kind})",
                "the profile grants roles by the directory's groups: `granted-by: [{ldap: GROUP}]`",
                place,
            )
