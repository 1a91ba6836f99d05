"""One item of `identity.sign-in` for the accounts that Keycloak keeps itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import name_like, plain_text
from orthgen.adoption.references import variable_name
from orthgen.deployment import naming
from orthgen.formats.loose_values import mappings, texts
from orthgen.profile.first_accounts import ADMINISTRATOR
from orthgen.realm.kinds.required_action import PASSWORD

if TYPE_CHECKING:
    from orthgen.adoption.draft import Draft
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document, Path

_LENGTH = re.compile(r"\blength\((\d+)\)")
_DEFAULT_LENGTH = 12
_OTP = "auth-otp-form"


def state_accounts(draft: Draft, path: Path, realm: Document, *, is_only_method: bool) -> None:
    """State accounts where the realm lets people sign in with a password of Keycloak's own."""
    people = [
        (index, user)
        for index, user in mappings(realm.value.get("users"))
        if not user.get("serviceAccountClientId")
    ]
    own_flow = str(realm.value.get("browserFlow", "")).startswith(naming.SIGN_IN_FLOW)
    if not (is_only_method or people or _keeps_passwords(realm, own_flow=own_flow)):
        return
    below = (*path, "accounts")
    remark = "" if own_flow or is_only_method else "remove this where nobody has a password in Keycloak"
    stated = len(draft.entries)
    if not _requires_otp(realm, own_flow=own_flow):
        draft.state((*below, "otp"), "optional", realm.locate(("browserFlow",)), remark=remark)
    length = _LENGTH.search(str(realm.value.get("passwordPolicy", "")))
    if length is not None and int(length[1]) != _DEFAULT_LENGTH and 8 <= int(length[1]) <= 128:
        draft.state((*below, "password-length"), int(length[1]), realm.locate(("passwordPolicy",)))
    if realm.value.get("registrationAllowed") is True:
        draft.state((*below, "self-registration"), True, realm.locate(("registrationAllowed",)))
    if own_flow:
        _state_people(draft, below, realm, people)
    elif people:
        _note_people(draft, realm, people)
    if len(draft.entries) == stated:
        draft.state(below, {}, realm.locate(("realm",)), remark=remark)


def _keeps_passwords(realm: Document, *, own_flow: bool) -> bool:
    """Whether people have passwords in Keycloak: orthgen's realm says so by its action for a new one."""
    enabled = [
        action.get("enabled") is not False
        for _, action in mappings(realm.value.get("requiredActions"))
        if action.get("alias") == PASSWORD
    ]
    if own_flow or False in enabled:
        return enabled == [True]
    asks_for_one = realm.value.get("registrationAllowed") or realm.value.get("resetPasswordAllowed")
    return bool(asks_for_one) or realm.value.get("browserFlow", "browser") == "browser"


def _sign_in_flows(realm: Document) -> dict[str, list[dict[str, Any]]]:
    """The steps of the flows of orthgen's sign-in, by the name of the flow."""
    return {
        str(flow.get("alias")): [step for _, step in mappings(flow.get("authenticationExecutions"))]
        for _, flow in mappings(realm.value.get("authenticationFlows"))
        if str(flow.get("alias", "")).startswith(naming.SIGN_IN_FLOW)
    }


def _requires_otp(realm: Document, *, own_flow: bool) -> bool:
    """Whether a second factor is asked of everybody."""
    if own_flow:
        steps = [
            step
            for alias, steps in _sign_in_flows(realm).items()
            if alias.endswith("password")
            for step in steps
        ]
        return any(step.get("authenticator") == _OTP for step in steps)
    return any(
        action.get("alias") == "CONFIGURE_TOTP" and action.get("defaultAction") is True
        for _, action in mappings(realm.value.get("requiredActions"))
    )


def _state_people(
    draft: Draft, path: Path, realm: Document, people: list[tuple[int, dict[str, Any]]]
) -> None:
    """State the first accounts of a realm of orthgen's, save the administrator that it makes by itself."""
    for index, user in people:
        name = str(user.get("username"))
        if name == ADMINISTRATOR and not user.get("email"):
            continue
        _state_person(draft, (*path, "people", name), realm, index, user)


def _state_person(draft: Draft, path: Path, realm: Document, index: int, user: dict[str, Any]) -> None:
    def place(*keys: str | int) -> Location:
        return realm.locate(("users", index, *keys))

    first, last = plain_text(user.get("firstName")), plain_text(user.get("lastName"))
    draft.state((*path, "name"), first if first == last else f"{first} {last}".strip(), place("firstName"))
    draft.state((*path, "email"), user.get("email"), place("email"))
    if roles := [role for role in texts(user.get("realmRoles")) if not role.startswith("default-roles-")]:
        draft.state((*path, "roles"), [name_like(role) for role in roles], place("realmRoles"))
    credentials = user.get("credentials") or [{}]
    variable = variable_name(credentials[0].get("value")) if isinstance(credentials[0], dict) else None
    secret = (
        variable.lower().replace("_", "-") if variable is not None else naming.first_password(str(path[-1]))
    )
    if secret != naming.first_password(str(path[-1])):
        draft.state((*path, "password"), {"secret": secret}, place("credentials", 0, "value"))


def _note_people(draft: Draft, realm: Document, people: list[tuple[int, dict[str, Any]]]) -> None:
    names = [f"`{user.get('username')}`" for _, user in people]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    draft.note(
        NoteKind.CHANGED,
        f"the realm's export has accounts: {shown}",
        "they stay where Keycloak's database is taken along; in a new Keycloak nobody of them exists. First accounts are "
        "named below `accounts: {people: …}`",
        realm.locate(("users",)),
    )
