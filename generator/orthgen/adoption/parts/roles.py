"""`roles` and `signed-out`: what people may do, from permissions.json and the anonymous profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.parts.collections import collection_names
from orthgen.adoption.profile_values import name_like, plain_text
from orthgen.authz.auth_service import SHIPPED_ANONYMOUS_PROFILE, SHIPPED_ROLES
from orthgen.authz.plugin_config import FILTER_URLS
from orthgen.catalogue import at_least
from orthgen.deployment.guard_settings import MARKER
from orthgen.formats.loose_values import mappings, texts
from orthgen.profile.rights import EVERY_STUDY, PERMISSIONS_OF, Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.findings import Location
    from orthgen.formats.yaml_io import Document
    from orthgen.observed.model import AuthService

_SOME_ROLES = {"staff": {"can": ["view"], "collections": "all"}}
# The auth-service's permissions for which the profile has words of its own.
_WORDS = {"all": "everything", "admin-permissions": "administer"}


def state_roles(original: OriginalDeployment, draft: Draft) -> None:
    """State every role of permissions.json, and what people who are not signed in can do."""
    for document in original.permissions:
        roles = document.value.get("roles") if isinstance(document.value, dict) else None
        for index, (name, rights) in enumerate((roles if isinstance(roles, dict) else {}).items()):
            if isinstance(rights, dict):
                _state_role(original, draft, document, str(name), rights)
                _state_title(original, draft, str(name), index)
    if not draft.has(("roles",)):
        _state_unread_roles(original, draft)
    _state_signed_out(original, draft)


def role_named(name: str) -> str:
    """The name in the profile of a role in Keycloak."""
    return name_like(name)


def _state_role(
    original: OriginalDeployment, draft: Draft, document: Document, role: str, rights: Mapping[str, Any]
) -> None:
    name, place = role_named(role), document.locate(("roles", role))
    path = ("roles", name)
    if name != role:
        draft.note(
            NoteKind.CHANGED,
            f"the role `{role}`",
            f"is called `{name}`, because names are small letters, digits and dashes: in a realm that stays, grant the new "
            "role to everybody who holds the old one, or let the provider's mappers do it at the next sign-in",
            place,
        )
    labels = texts(rights.get("authorized-labels"))
    words = _words(draft, rights.get("permissions"), labels, place, role)
    guard = original.own.guard
    if guard is not None and role in guard.value.get("reporters", ()):
        words.append("report")
    if not words:
        draft.remove(path)
        draft.note(
            NoteKind.LEFT_OUT,
            f"the role `{role}` has no permission",
            "who holds it can do nothing, today and later",
            place,
        )
        return
    draft.state((*path, "can"), words, document.locate(("roles", role, "permissions")))
    draft.state(
        (*path, "collections"),
        _collections(draft, labels),
        document.locate(("roles", role, "authorized-labels")),
    )


def _state_title(original: OriginalDeployment, draft: Draft, role: str, index: int) -> None:
    """State what people call the role, where it is more than its name: as the realm describes it, or ACCESS.md."""
    path = ("roles", role_named(role))
    titles = [
        *_descriptions(original, role),
        *((each.title, each.place) for each in original.own.roles[index : index + 1]),
    ]
    for title, place in titles[:1]:
        if draft.has(path) and title != role.replace("-", " ").capitalize():
            draft.state((*path, "title"), title, place)


def _descriptions(original: OriginalDeployment, role: str) -> Iterator[tuple[str, Location]]:
    realm = original.realm
    roles = realm.value.get("roles", {}) if realm is not None else {}
    for index, each in mappings(roles.get("realm") if isinstance(roles, dict) else None):
        text = (
            plain_text(each.get("description")) if isinstance(each, dict) and each.get("name") == role else ""
        )
        if realm is not None and text and "${" not in text:
            yield text, realm.locate(("roles", "realm", index, "description"))


def _words(draft: Draft, permissions: Any, labels: list[str], place: Location, who: str) -> list[str]:
    """The rights in the profile's words; a permission that the auth-service does not know is noted."""
    given = texts(permissions)
    if EVERY_STUDY in labels and MARKER in given:
        # orthgen gives it to every role that sees each study.
        given.remove(MARKER)
    words: list[str] = []
    for permission in given:
        word = _WORDS.get(permission, permission)
        if word in get_args(Right) and permission not in PERMISSIONS_OF:
            words.append(word)
        else:
            draft.note(
                NoteKind.LEFT_OUT,
                f"the permission `{permission}` of `{who}` is not in the auth-service's list",
                "it grants nothing, and newer auth-services refuse to start with it",
                place,
            )
    return words


def _collections(draft: Draft, labels: list[str]) -> Any:
    names = collection_names(draft)
    return "all" if EVERY_STUDY in labels else [names[label] for label in labels if label in names]


def _state_unread_roles(original: OriginalDeployment, draft: Draft) -> None:
    """State the roles where no permissions.json was read: the image's own, or one for everybody who gets in."""
    service = original.auth_service
    filters = any(original.settings.get("Authorization", key) for key in FILTER_URLS)
    needed = "the roles of the auth-service's permissions.json, which was not read; give the file beside the others"
    if service is None and filters:
        draft.fill_in(("roles",), needed, original.at("Authorization"), stand_in=_SOME_ROLES)
    elif service is None or not original.has_keycloak:
        places = [
            original.at(key) for key in ("RegisteredUsers", "Authorization") if original.settings.has(key)
        ][:1]
        remark = (
            "today a password gives no right, because the authorization plugin looks at tokens only"
            if filters
            else "today everybody with a password may do this"
        )
        draft.state(("roles", "staff", "can"), ["everything"], *places, remark=remark)
        draft.state(("roles", "staff", "collections"), "all")
    elif (
        place := next((each.replaced_permissions for each in original.deployment.auth_services), None)
    ) is not None:
        draft.fill_in(("roles",), needed, place, stand_in=_SOME_ROLES)
    else:
        _state_shipped_roles(draft, service.definition.locate(()))


def _state_shipped_roles(draft: Draft, place: Location) -> None:
    remark = "as the auth-service's image ships it"
    for name, rights in SHIPPED_ROLES.items():
        words = [_WORDS.get(permission, permission) for permission in rights["permissions"]]
        labels = rights["authorized-labels"]
        draft.state(("roles", name, "can"), words, place, remark=remark)
        draft.state(("roles", name, "collections"), "all" if EVERY_STUDY in labels else labels)
        for label in labels:
            if label != EVERY_STUDY:
                draft.state(("collections", label), {}, place, remark=remark)


def _state_signed_out(original: OriginalDeployment, draft: Draft) -> None:
    service = next(iter(original.deployment.auth_services), None)
    document = service.anonymous_profile if service is not None else None
    if document is not None and isinstance(document.value, dict):
        labels = texts(document.value.get("authorized-labels"))
        words = _words(
            draft,
            document.value.get("permissions"),
            labels,
            document.locate(("permissions",)),
            "people who are not signed in",
        )
        if words:
            draft.state(("signed-out", "can"), words, document.locate(("permissions",)))
            draft.state(
                ("signed-out", "collections"),
                _collections(draft, labels),
                document.locate(("authorized-labels",)),
            )
    elif service is not None and _has_shipped_anonymous_profile(original, service):
        permissions = ", ".join(SHIPPED_ANONYMOUS_PROFILE.get("permissions", ()))
        draft.note(
            NoteKind.CHANGED,
            f"the auth-service's image lets people who are not signed in: {permissions}",
            "nobody does anything without signing in; to keep that, write `signed-out: {can: [upload]}`",
            *([service.service.definition.locate(())] if service.service is not None else []),
        )


def _has_shipped_anonymous_profile(original: OriginalDeployment, service: AuthService) -> bool:
    """Whether the image's anonymous profile is in force: the auth-service has it from 25.8 on, the plugin asks from 0.10 on."""
    container = service.service
    if container is None or (service.release and not at_least(service.release, "25.8")):
        return False
    image = original.orthanc_service.image if original.orthanc_service is not None else None
    plugin = image.components.get("authorization") if image is not None else None
    is_replaced = container.environment.has("ANONYMOUS_PROFILE_FILE_PATH") or any(
        mount.target.endswith("/anonymous-profile.json") for mount in container.mounts
    )
    return not is_replaced and (plugin is None or at_least(plugin, "0.10.0"))
