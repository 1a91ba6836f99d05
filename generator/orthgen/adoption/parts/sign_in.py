"""`identity.sign-in`: providers, directories and accounts, from a realm's export."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.parts.accounts import state_accounts
from orthgen.adoption.parts.directories import state_directory
from orthgen.adoption.parts.providers import state_provider
from orthgen.formats.loose_values import mappings
from orthgen.realm.kinds.directory import STORAGE

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document

_SIGN_IN = ("identity", "sign-in")
_POSITION = re.compile(r"identity\.sign-in\.(\d+)\.")


def state_sign_in(original: OriginalDeployment, draft: Draft) -> None:
    """State the ways of signing in, in the order of the sign-in page; accounts where nothing is known."""
    if draft.has(("identity", "keycloak", "server")):
        return
    realm = original.realm
    if realm is None:
        _state_unread_realm(original, draft)
        return
    count = int(_begins_with_accounts(realm))
    providers = mappings(realm.value.get("identityProviders"))
    for index, provider in sorted(providers, key=lambda item: _position(item[1])):
        if provider.get("enabled") is False:
            continue
        count += state_provider(draft, (*_SIGN_IN, count), realm, index)
    components = realm.value.get("components")
    directories = components.get(STORAGE) if isinstance(components, dict) else None
    for index, _ in mappings(directories):
        count += state_directory(draft, (*_SIGN_IN, count), realm, index)
    state_accounts(draft, (*_SIGN_IN, count), realm, is_only_method=not draft.has(_SIGN_IN))
    _close_gaps(draft)


def _begins_with_accounts(realm: Document) -> bool:
    """Whether orthgen's realm names its first provider as the second way of signing in, so that accounts are the first."""
    flows = (flow for _, flow in mappings(realm.value.get("authenticationFlows")))
    positions = [
        int(match[1]) for flow in flows if (match := _POSITION.search(str(flow.get("description", ""))))
    ]
    return min(positions, default=0) > 0


def _close_gaps(draft: Draft) -> None:
    """Give the ways of signing in positions without a gap; accounts that come last stand first where a place is left."""
    entries = {path: draft.entries.pop(path) for path in list(draft.entries) if path[:2] == _SIGN_IN}
    positions = sorted({int(path[2]) for path in entries})
    last = positions[-1] if positions else 0
    is_first_free = bool(positions) and positions[0] > 0
    order = [last, *positions[:-1]] if is_first_free else positions
    for path, entry in entries.items():
        draft.move(entry, (*_SIGN_IN, order.index(int(path[2])), *path[3:]))


def sign_in_aliases(draft: Draft) -> dict[str, str]:
    """
    The sign-in methods that the draft has: the kind of each by the name that `granted-by` calls it.

    `provider NAME` leads from a provider's name in Keycloak to that name; the two are the same today.
    """
    aliases: dict[str, str] = {}
    for path in draft.entries:
        if path[:2] == _SIGN_IN and len(path) > 3:
            kind = str(path[3])
            alias = str(draft.get((*path[:4], "alias")) or kind)
            aliases[alias] = kind
            aliases[f"provider {alias}"] = alias
    return aliases


def _position(provider: dict[str, Any]) -> int:
    config = provider.get("config")
    order = str(config.get("guiOrder", "")) if isinstance(config, dict) else ""
    return int(order) if order.isdigit() else 1000


def _state_unread_realm(original: OriginalDeployment, draft: Draft) -> None:
    """Accounts, where no realm was read: Keycloak's are somewhere else, Orthanc's own are not taken along."""
    users = original.get("RegisteredUsers")
    place = next(
        (
            original.at(*path)
            for path in (("RegisteredUsers",), ("OrthancExplorer2", "Keycloak"))
            if original.settings.has(*path)
        ),
        None,
    )
    draft.state((*_SIGN_IN, 0, "accounts"), {}, *([place] if place is not None else []))
    if isinstance(users, dict) and users:
        names = ", ".join(f"`{name}`" for name in users)
        draft.note(
            NoteKind.CHANGED,
            f"Orthanc's own users ({names}) sign in by Basic authentication",
            "they become accounts of Keycloak, with new passwords and a second factor: name them below "
            "`accounts: {people: …}`, or make them in its console. Programs use API keys (`identity: {api-keys: true}`)",
            original.at("RegisteredUsers"),
        )
    elif original.keycloak_service is not None:
        draft.note(
            NoteKind.CHANGED,
            "the realm's export was not read, so its ways of signing in are not known",
            "give the export beside the other files (`kc.sh export --realm NAME --users skip --file realm.json` in Keycloak's "
            "container, while it is stopped; or *Realm settings*, *Action*, *Partial export*), or write `identity.sign-in` by hand",
            original.keycloak_service.definition.locate(()),
        )
    if (
        users is None
        and not original.settings.get("RegisteredUsers")
        and original.keycloak_service is None
        and original.auth_service is None
        and original.orthanc is not None
        and not original.settings.has("Authorization")
    ):
        note_open_orthanc(draft)


def note_open_orthanc(draft: Draft, *places: Location) -> None:
    """Note that Orthanc answers everybody who reaches it."""
    draft.note(
        NoteKind.CHANGED,
        "Orthanc itself asks nobody to sign in",
        "everybody has to: without a token Orthanc answers 403",
        *places,
    )
