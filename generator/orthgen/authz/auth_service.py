"""
Model of the auth-service: the profile of a token, and the studies that a link opens.

Reads the contents of `permissions.json` and of the anonymous profile; decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import Struct

from orthgen.authz.model import Token, TokenKind
from orthgen.authz.permissions import Permission
from orthgen.authz.resources import Resource
from orthgen.findings import Finding, Location, Rule, Severity
from orthgen.formats.yaml_io import Path
from orthgen.spelling import did_you_mean

Locate = Callable[[Path], Location | None]
EVERY_LABEL = "*"
# What the image's own anonymous profile holds since auth-service 25.8.0, used where no other is mounted.
SHIPPED_ANONYMOUS_PROFILE: Mapping[str, Any] = {
    "authorized-labels": [],
    "permissions": ["upload"],
}

SHIPPED_ROLES: Mapping[str, Any] = {
    "admin-role": {
        "authorized-labels": ["*"],
        "permissions": [
            *("view", "download", "share", "send", "upload", "delete", "modify", "anonymize"),
            *("edit-labels", "q-r-remote-modalities", "settings", "admin-permissions"),
        ],
    },
    "doctor-role": {
        "authorized-labels": ["*"],
        "permissions": ["view", "download", "share", "send", "upload"],
    },
    "external-role": {
        "authorized-labels": ["external"],
        "permissions": ["view", "download", "upload"],
    },
}
"""The roles of the image's own permissions.json, in force where no other file takes its place (26.4.1)."""


class Profile(Struct, frozen=True):
    """The auth-service's profile of a caller. `title` names its owner, for people to read."""

    title: str
    permissions: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    is_user: bool = False
    location: Location | None = None
    labels_location: Location | None = None

    @property
    def sees_every_label(self) -> bool:
        return EVERY_LABEL in self.labels


NOBODY = Profile("nobody")


@dataclass(frozen=True, slots=True)
class AuthService:
    """
    The roles, the anonymous profile, and whether the service answers at all.

    A service that does not answer (stopped, unreachable, or with another password) has `reachable` false.
    """

    roles: Mapping[str, Profile]
    anonymous: Profile
    reachable: bool = True
    findings: tuple[Finding, ...] = ()
    _unions: dict[tuple[str, ...], Profile] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def compile(
        cls,
        permissions: Mapping[str, Any],
        anonymous: Mapping[str, Any] = SHIPPED_ANONYMOUS_PROFILE,
        *,
        locate: Locate | None = None,
        locate_anonymous: Locate | None = None,
        reachable: bool = True,
    ) -> AuthService:
        """
        The service with these two files; what it stumbles over is in `findings`.

        `locate` and `locate_anonymous` give the place of a path of keys in the respective file. An anonymous
        profile that the service cannot read holds nothing, and the service runs on.
        """
        findings: list[Finding] = []
        entries = permissions.get("roles")
        roles = {
            name: _profile(f"role `{name}`", entry, ("roles", name), locate, findings)
            for name, entry in (entries.items() if isinstance(entries, Mapping) else ())
        }
        if not isinstance(entries, Mapping):
            at = locate(("roles",)) if locate else None
            message = "`roles` is not an object; the auth-service does not start"
            findings.append(Finding(UNREADABLE_ROLE, message, at or Location("permissions.json", 1, 1)))
        nobody = _anonymous_profile(anonymous, locate_anonymous, findings)
        return cls(roles, nobody, reachable, tuple(findings))

    @property
    def starts(self) -> bool:
        """Whether the service can read its roles; with one that it cannot read it ends at once."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    def stopped(self) -> AuthService:
        """A copy of the service that does not answer."""
        return replace(self, reachable=False)

    def profile(self, token: Token | None) -> Profile | None:
        """The profile for a token, the anonymous one for no token; None where the service does not answer."""
        if not self.reachable:
            return None
        if token is None or token.kind is not TokenKind.USER:
            return self.anonymous
        return self._union(token.roles)

    def _union(self, names: tuple[str, ...]) -> Profile:
        """The union over the roles that `permissions.json` knows; role names are equal to the letter or not at all."""
        union = self._unions.get(names)
        if union is None:
            union = self._unions[names] = _united(names, self.roles)
        return union

    def opens(self, token: Token, resource: Resource) -> bool:
        """
        Whether a link opens a resource: it names studies, so it opens nothing else; the method plays no part.

        Both the Orthanc id and the DICOM UID are compared where the link holds them.
        """
        if token.kind is not TokenKind.LINK:
            return False
        return bool({resource.orthanc_id, resource.uid} & token.studies - {""})


def _united(names: tuple[str, ...], roles: Mapping[str, Profile]) -> Profile:
    profiles = [roles[name] for name in names if name in roles]
    if len(profiles) == 1:
        return profiles[0]
    title = "roles " + ", ".join(f"`{name}`" for name in names) if names else "a user without roles"
    if len(names) == 1:
        title = f"role `{names[0]}`, which `permissions.json` does not know"
    return Profile(
        title,
        frozenset().union(*(role.permissions for role in profiles)),
        frozenset().union(*(role.labels for role in profiles)),
        is_user=True,
        location=profiles[0].location if profiles else None,
        labels_location=profiles[0].labels_location if profiles else None,
    )


UNREADABLE_ROLE = Rule(
    "unreadable-role",
    Severity.ERROR,
    summary="The auth-service cannot read a role of permissions.json and does not start.",
    remedy="Write the role as the finding says.",
    file="permissions.json",
    example="""
        {"roles": {"reader": {"permissions": ["veiw"], "authorized-labels": ["*"]}}}
    """,
)
UNREADABLE_ANONYMOUS_PROFILE = Rule(
    "unreadable-anonymous-profile",
    Severity.WARNING,
    summary="The auth-service cannot read its anonymous profile and gives no right to people who are not signed in.",
    remedy="Write the profile as the finding says.",
    file="anonymous.json",
    example="""
        {"name": "Anonymous", "validity": 60, "permissions": "view", "authorized-labels": []}
    """,
)


def _profile(
    title: str, entry: object, path: Path, locate: Locate | None, findings: list[Finding]
) -> Profile:
    """A role; what the service cannot read of it keeps the service from starting."""
    fields = entry if isinstance(entry, Mapping) else {}
    at = locate(_existing(fields, path, "permissions")) if locate else None
    for message, hint in _unreadable(entry):
        full_message = f"{message}; the auth-service does not start with it"
        findings.append(Finding(UNREADABLE_ROLE, full_message, at or Location(title, 1, 1), hint))
    return Profile(
        title,
        frozenset(_words(fields.get("permissions"))),
        frozenset(_words(_labels(fields))),
        is_user=True,
        location=at,
        labels_location=locate(_existing(fields, path, "authorized-labels")) if locate else None,
    )


def _anonymous_profile(entry: Mapping[str, Any], locate: Locate | None, findings: list[Finding]) -> Profile:
    title = "the anonymous profile (signed-out people and links)"
    unreadable = _unreadable(entry)
    at = locate(_existing(entry, (), "permissions")) if locate else None
    for message, hint in unreadable:
        full_message = f"{message}; the auth-service then gives nothing to anybody who is not signed in"
        findings.append(
            Finding(UNREADABLE_ANONYMOUS_PROFILE, full_message, at or Location(title, 1, 1), hint)
        )
    return Profile(
        title,
        frozenset() if unreadable else frozenset(_words(entry.get("permissions"))),
        frozenset() if unreadable else frozenset(_words(_labels(entry))),
        location=at,
        labels_location=locate(_existing(entry, (), "authorized-labels")) if locate else None,
    )


def _unreadable(entry: object) -> list[tuple[str, str]]:
    """The entries that the service's own model of the file refuses (25.8 to 26.4.1), each with a hint."""
    if not isinstance(entry, Mapping):
        return [("not a JSON object", '{"permissions": [...], "authorized-labels": [...]}')]
    malformed = [
        (f"`{key}` is not a list of texts", "")
        for key, value in (
            ("permissions", entry.get("permissions", [])),
            ("authorized-labels", _labels(entry)),
        )
        if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value)
    ]
    permissions = [permission.value for permission in Permission]
    unknown = [name for name in _words(entry.get("permissions")) if name not in permissions]
    return malformed + [
        (f"`{name}` is not a permission", did_you_mean(name, permissions)) for name in unknown
    ]


def _labels(fields: Mapping[str, Any]) -> object:
    # The service reads both spellings; with both, the one with the hyphen.
    return fields.get("authorized-labels", fields.get("authorized_labels", []))


def _existing(fields: Mapping[str, Any], path: Path, key: str) -> Path:
    return (*path, key) if key in fields else path


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()
