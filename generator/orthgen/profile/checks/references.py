"""Checks of names that other parts of the profile have to define."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orthgen.authz.policy import PrincipalKind
from orthgen.findings import Rule, Severity
from orthgen.profile.rights import EVERY_STUDY
from orthgen.spelling import Vocabulary, did_you_mean
from orthgen.viewers import VIEWERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orthgen.findings import Finding
    from orthgen.formats.yaml_io import Path
    from orthgen.profile.checks.context import CheckContext


UNKNOWN_COLLECTION = Rule(
    "unknown-collection",
    Severity.ERROR,
    summary="The profile names a collection that it does not define.",
    remedy="Correct the spelling, or define the collection below `collections:`.",
    example="""
        collections: {cardio: {}}
        roles: {staff: {can: [view], collections: [cardoi]}}
    """,
)


def collections_exist(context: CheckContext) -> Iterator[Finding]:
    """Every collection that a role names is defined."""
    collections = Vocabulary(context.names("collections"))
    holders: list[tuple[Path, list[str]]] = [
        (("roles", name, "collections"), role.collections) for name, role in context.profile.roles.items()
    ]
    holders.append((("signed-out", "collections"), context.profile.signed_out.collections))
    for path, names in holders:
        for index, name in enumerate(names):
            is_known = name == EVERY_STUDY or name in collections
            if not is_known and not context.is_known_otherwise("collections", name):
                hint = did_you_mean(name, collections, otherwise="define it below `collections:`")
                hint = "write `collections: all`, without brackets" if name == "all" else hint
                yield context.finding(
                    UNKNOWN_COLLECTION, (*path, index), f"unknown collection `{name}`", hint
                )


AMBIGUOUS_NAME = Rule(
    "ambiguous-name",
    Severity.ERROR,
    summary="A role is called like people without a role (`signed-out`, `instant-link`, `share-link`), or a collection is called "
    "`all`, which means every study. Tables of rights, `expectations` and `orthgen explain` could not tell the two apart.",
    remedy="Choose another name.",
    example="""
        identity: {keycloak: {local-port: 8081}}
        roles: {signed-out: {can: [view], collections: all}}
    """,
)
_EVERY_COLLECTION = "all"


def names_have_one_meaning(context: CheckContext) -> Iterator[Finding]:
    """No role has the name of people without a role, and no collection that of every study."""
    for name in context.profile.roles:
        if name in {kind.value for kind in PrincipalKind} - {PrincipalKind.ROLE.value}:
            message = f"`{name}` means people without a role"
            yield context.finding(
                AMBIGUOUS_NAME, ("roles", name), message, "choose another name for the role", key=True
            )
    if _EVERY_COLLECTION in context.profile.collections:
        message = f"`{_EVERY_COLLECTION}` means every study, with or without a label"
        path = ("collections", _EVERY_COLLECTION)
        yield context.finding(
            AMBIGUOUS_NAME, path, message, "choose another name for the collection", key=True
        )


UNKNOWN_ROLE = Rule(
    "unknown-role",
    Severity.ERROR,
    summary="The profile names a role that it does not define.",
    remedy="Correct the spelling, or define the role below `roles:`.",
    example="""
        expectations: [{role: stuff, can: view}]
    """,
)


def expectations_are_about_something(context: CheckContext) -> Iterator[Finding]:
    """The roles and collections that an expectation names exist."""
    roles, collections = (Vocabulary(context.names(part)) for part in ("roles", "collections"))
    for index, expectation in enumerate(context.profile.expectations):
        references = (
            ("role", expectation.role, roles, "role"),
            ("on", expectation.on, collections, "collection"),
        )
        for key, value, vocabulary, noun in references:
            if value is None or value in vocabulary:
                continue
            if not context.is_known_otherwise(f"{noun}s", value):
                hint = did_you_mean(value, vocabulary, otherwise=f"define it below `{noun}s:`")
                yield context.finding(
                    UNKNOWN_COLLECTION if key == "on" else UNKNOWN_ROLE,
                    ("expectations", index, key),
                    f"unknown {noun} `{value}`",
                    hint,
                )


VIEWER_NOT_ENABLED = Rule(
    "viewer-not-enabled",
    Severity.ERROR,
    summary="The default viewer, or the viewer of share links, is not enabled.",
    remedy="Add it below `viewers:`, or name a viewer that is enabled.",
    example="""
        viewers: {stone: {}, default: ohif}
    """,
)
VIEWER_NOT_SHAREABLE = Rule(
    "viewer-not-shareable",
    Severity.ERROR,
    summary="The auth-service makes no share links for this viewer.",
    remedy="Share with one of the viewers that the finding lists.",
    example="""
        viewers: {wsi: {}}
        sharing: {viewer: wsi}
    """,
)


def viewers_are_enabled(context: CheckContext) -> Iterator[Finding]:
    """A viewer that is the default, or that share links open, is one that the profile enables."""
    profile = context.profile
    enabled = context.names("viewers")
    kinds = {viewer.name for viewer in VIEWERS}
    available = [name for name in enabled if name in kinds]
    default = profile.viewers.default
    if default is not None and default not in available and not context.is_uncertain("viewers"):
        yield context.finding(
            VIEWER_NOT_ENABLED, ("viewers", "default"), *_not_enabled(default, available, kinds)
        )
    if profile.sharing is None or context.is_uncertain("sharing"):
        return
    viewer = profile.sharing.viewer
    if viewer not in available:
        if context.is_uncertain("viewers"):
            return
        yield context.finding(
            VIEWER_NOT_ENABLED, ("sharing", "viewer"), *_not_enabled(viewer, available, kinds)
        )
    elif viewer not in (shareable := [kind.name for kind in VIEWERS if kind.share_type is not None]):
        hint = f"share with one of {', '.join(f'`{name}`' for name in shareable)}"
        yield context.finding(
            VIEWER_NOT_SHAREABLE,
            ("sharing", "viewer"),
            f"`{viewer}` cannot be opened by a share link",
            hint,
        )


def _not_enabled(name: str, available: list[str], kinds: set[str]) -> tuple[str, str]:
    if name in kinds:
        return f"viewer `{name}` is not enabled", f"add `{name}: {{}}` below `viewers:`"
    return f"unknown viewer `{name}`", did_you_mean(name, available or sorted(kinds))


RENAME_CONFLICT = Rule(
    "rename-conflict",
    Severity.ERROR,
    summary="`renamed-from` names a role or collection that is still there, or that another one was "
    "renamed from as well.",
    remedy="Remove one of the two.",
    example="""
        identity: {keycloak: {local-port: 8081}}
        roles: {reader: {renamed-from: staff, can: [view], collections: all}}
    """,
)


def renamed_roles_had_their_name_alone(context: CheckContext) -> Iterator[Finding]:
    """The former name of a role is no other role's name or former name."""
    first: dict[str, str] = {}
    for name, role in context.profile.roles.items():
        old = role.renamed_from
        if old is None:
            continue
        path = ("roles", name, "renamed-from")
        if old in context.profile.roles:
            hint = f"remove one: Keycloak's role `{old}` is either kept or renamed"
            yield context.finding(RENAME_CONFLICT, path, f"the role `{old}` is still there", hint)
        elif old in first:
            hint = f"`{first[old]}` has it already; people who held it can hold one of the two only"
            yield context.finding(RENAME_CONFLICT, path, f"`{old}` became two roles", hint)
        first.setdefault(old, name)


def people_hold_existing_roles(context: CheckContext) -> Iterator[Finding]:
    """The roles that first accounts start with are defined."""
    defined = Vocabulary(context.names("roles"))
    for index, method in enumerate(context.profile.identity.sign_in):
        people = method.accounts.people if method.accounts is not None else {}
        for name, person in people.items():
            for position, role in enumerate(person.roles):
                if role not in defined and not context.is_known_otherwise("roles", role):
                    path = ("identity", "sign-in", index, "accounts", "people", name, "roles", position)
                    hint = did_you_mean(role, defined, otherwise="define it below `roles:`")
                    yield context.finding(UNKNOWN_ROLE, path, f"unknown role `{role}`", hint)
