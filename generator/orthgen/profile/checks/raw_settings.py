"""Checks of raw settings: protected keys, keys that the release does not read, prerequisites, and secrets in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orthgen.catalogue.configuration_keys import ValueKind
from orthgen.catalogue.named_secrets import secret_file
from orthgen.catalogue.orthanc_defaults import orthanc_default
from orthgen.catalogue.prerequisites import Prerequisite, PrerequisiteKind, needs
from orthgen.field_types import SecretRef
from orthgen.findings import Rule, Severity
from orthgen.formats.merging import nested
from orthgen.profile.raw_settings import INTERFACE, raw_settings
from orthgen.protected_settings import refused_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.catalogue.configuration_keys import UnknownKey
    from orthgen.findings import Finding
    from orthgen.profile.checks.context import CheckContext
    from orthgen.profile.root import Profile

Path = tuple[str, ...]

_VOLUME = "/var/lib/orthanc"
_SYSTEM_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"

_SENSITIVE_NAME = (
    r"(?i)(?:pass(?:word|wd|phrase)|secret|credential|connection-?string|(?:api|access|account|private|master)-?key|"
    r"authorization|cookie|pin)s?$|^pwd$|token$"
)
_URL_WITH_USER = r"(?i)[a-z][a-z0-9+.-]*://[^/\s@]*@"
_SENSITIVE_VALUE = (
    r"(?i)(?:^|;)\s*(?:password|pwd|accountkey|sharedaccess(?:key|signature))\s*="  # a connection string
    r"|^(?:basic|bearer)\s+\S|^eyJ[\w-]+\.[\w-]+\.|-----BEGIN |^AKIA[0-9A-Z]{16}$"
)
_A_NAME = (
    "write the name of a file below `secrets/`, such as `{secret: peer-password}`; never the secret itself. If this was "
    "a secret, change it"
)
_NOT_IN_ADDRESSES = (
    "write the address without them, and `Username: …` and `Password: {secret: name-of-the-secret}` beside it. If this "
    "profile was ever shared, change the password"
)
_NAME_IT = (
    "write `{secret: name-of-the-secret}` in its place; `orthgen secrets` then asks for the value. If this profile was "
    "ever shared, change the secret"
)


PROTECTED_SETTING = Rule(
    "protected-setting",
    Severity.ERROR,
    summary="A raw setting would undo a protection of the deployment.",
    remedy="Remove it, or use the key of the profile that the finding names.",
    example="""
        archive: {settings: {HttpsVerifyPeers: false}}
    """,
)
UNREAD_SETTING = Rule(
    "unread-setting",
    Severity.ERROR,
    summary="No component of the release reads the raw setting, so that it would have no effect.",
    remedy="Correct the spelling, or remove the setting.",
    example="""
        archive: {settings: {StableAgee: 3}}
    """,
)


def settings_are_read(context: CheckContext) -> Iterator[Finding]:
    """Raw settings are keys that the release reads, and undo no protection."""
    release = context.release
    if release is None:
        return
    for where, prefix, settings in raw_settings(context.profile):
        for refused in refused_settings(settings, prefix):
            # The value may be a secret: no excerpt shows it.
            path = (*where, *refused.path)
            yield context.finding(
                PROTECTED_SETTING, path, refused.message, refused.instead, key=True, is_sensitive=True
            )
        for unknown in release.unknown_keys(nested(prefix, settings)):
            path = (*where, *unknown.path[len(prefix) :])
            message = f"release {release.name} reads no key `{'.'.join(unknown.path)}`"
            hint = _hint(unknown, nested(prefix, settings))
            yield context.finding(UNREAD_SETTING, path, message, hint, key=True)


WRONG_KIND_OF_SETTING = Rule(
    "wrong-kind-of-setting",
    Severity.ERROR,
    summary="A raw setting has a value of another kind than its component reads. Orthanc and most plugins then end at once with "
    "`Bad type for a parameter`; a page does not do what the setting says.",
    remedy="Write a value of the kind that the finding names. YAML takes `yes`, and every value in quotes, for text.",
    example="""
        archive: {settings: {MetricsEnabled: "yes"}}
    """,
)
_KINDS = {
    ValueKind.FLAG: ("`true` or `false`", "`true` or `false`, without quotes"),
    ValueKind.NUMBER: ("a whole number", "the digits alone, without quotes"),
    ValueKind.TEXT: ("a text", "the value in quotes"),
    ValueKind.LIST: ("a list", "its items in brackets"),
    ValueKind.SECTION: ("a mapping", "a name and its value in each line below it"),
}


def settings_are_of_their_kind(context: CheckContext) -> Iterator[Finding]:
    """Raw settings have values that Orthanc and its plugins start with."""
    release = context.release
    if release is None:
        return
    for where, prefix, settings in raw_settings(context.profile):
        whole = nested(prefix, settings)
        for path, kind in (*release.misfits(whole), *_not_whole(whole)):
            value = _value_at(whole, path)
            if isinstance(value, SecretRef):
                continue
            expected, instead = _KINDS[kind]
            message = f"`{_dotted(path)}` takes {expected}"
            # The value may be a secret: no excerpt shows it.
            yield context.finding(
                WRONG_KIND_OF_SETTING,
                (*where, *path[len(prefix) :]),
                message,
                f"write {instead}",
                key=True,
                is_sensitive=True,
            )


def _not_whole(settings: Mapping[str, Any]) -> Iterator[tuple[Path, ValueKind]]:
    """Numbers that Orthanc itself does not read: with a point, or less than zero."""
    for name, value in settings.items():
        is_count = isinstance(orthanc_default((name,)), int)
        if is_count and isinstance(value, int | float) and (isinstance(value, float) or value < 0):
            yield (name,), ValueKind.NUMBER


SETTING_WITHOUT_EFFECT = Rule(
    "setting-without-effect",
    Severity.ERROR,
    summary="A raw setting needs what the deployment does not have: a file, a volume, a network, or "
    "another part of the profile.",
    remedy="Do what the finding says, or remove the setting.",
    example="""
        archive: {settings: {PythonScript: /script.py}}
    """,
)


def settings_can_work(context: CheckContext) -> Iterator[Finding]:
    """The prerequisites of raw settings exist: a network, a volume, another part of the profile; no file of the host."""
    for where, prefix, settings in raw_settings(context.profile):
        for rule, path, value in needs(nested(prefix, settings)):
            if len(path) > len(prefix) and not _is_met(rule, path, value, context.profile):
                place = (*where, *path[len(prefix) :])
                message = f"`{_dotted(path)}` cannot work: {rule.why}"
                # The value may be a secret: no excerpt shows it.
                yield context.finding(
                    SETTING_WITHOUT_EFFECT, place, message, rule.instead, key=True, is_sensitive=True
                )


SECRET_IN_SETTINGS = Rule(
    "secret-in-settings",
    Severity.ERROR,
    summary="Raw settings contain a secret, or a reference to a secret where no image reads it. "
    "Profiles are shared and kept in version control.",
    remedy="Write `{secret: name-of-the-secret}`. If the profile contained a secret and was "
    "shared, change the secret.",
    example="""
        archive:
          settings:
            OrthancPeers:
              lyon: {Url: https://lyon.example.org, Username: pacs, Password: example}
    """,
)


def settings_hold_no_secret(context: CheckContext) -> Iterator[Finding]:
    """A secret is named and never written, wherever it may stand, and only where the image can be given it."""
    for where, prefix, settings in raw_settings(context.profile):
        requirements = tuple(needs(nested(prefix, settings)))
        literal = {path for rule, path, _ in requirements if rule.need is PrerequisiteKind.SECRET}
        useless = [
            path for rule, path, value in requirements if not _is_met(rule, path, value, context.profile)
        ]
        for path, value in _leaves(settings):
            whole = (*prefix, *path)
            # What cannot work has been refused whole.
            if any(whole[: len(prefix_path)] == prefix_path for prefix_path in useless):
                continue
            message, hint = _complaint(whole, value, is_secret=whole in literal)
            if message:
                place = (*where, *path)
                yield context.finding(SECRET_IN_SETTINGS, place, message, hint, key=True, is_sensitive=True)


def _hint(unknown: UnknownKey, settings: Mapping[str, Any]) -> str:
    """The remedy for a key that is not read; a key that cannot be set is not proposed instead."""
    value = _value_at(settings, unknown.path)
    for name in reversed(unknown.use or ()):
        value = {name: value}
    refused = next(refused_settings(value), None) if unknown.use else None
    if refused is None:
        return unknown.hint
    return f"{refused.instead}: `{'.'.join(refused.path)}` cannot be set here"


def _value_at(settings: Mapping[str, Any], path: Path) -> Any:
    value: Any = settings
    for name in path:
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def _is_met(rule: Prerequisite, path: Path, value: Any, profile: Profile) -> bool:
    match rule.need:
        case PrerequisiteKind.FILE:
            # Where the bucket has an authority, the file of this key is made of both.
            has_authority = getattr(profile.archive.storage.files.s3, "authority", None) is not None
            return path == ("HttpsCACertificates",) and value == _SYSTEM_CERTIFICATES and not has_authority
        case PrerequisiteKind.FOLDER:
            return isinstance(value, str) and (value == _VOLUME or value.startswith(f"{_VOLUME}/"))
        case PrerequisiteKind.PUBLIC_PATH:
            return isinstance(value, str) and value.startswith(("https://", "http://"))
        case PrerequisiteKind.VOLUME:
            return profile.archive.storage.files.s3 is None
        case PrerequisiteKind.PART:
            return _has(rule.part, profile)
        case PrerequisiteKind.NEVER:
            return False
        case PrerequisiteKind.SECRET | PrerequisiteKind.NETWORK | PrerequisiteKind.NOTHING:
            return True


def _has(part: str, profile: Profile) -> bool:
    if part == "archive.storage.database":
        return profile.archive.storage.database == "postgresql"
    value: Any = profile
    for name in part.split("."):
        value = getattr(value, name, None)
    return bool(value)


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value and not _is_misspelt(value):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, str(index)))
    else:
        yield path, value


def _is_misspelt(value: dict[str, Any]) -> bool:
    """Whether the value looks like a reference, and names no possible secret."""
    return list(value) == ["secret"] and isinstance(value["secret"], str)


def _complaint(path: Path, value: Any, *, is_secret: bool) -> tuple[str, str]:
    """Message and hint about a written-out or misplaced secret; empty for any other value."""
    if isinstance(value, SecretRef):
        return _cannot_be_given(path)
    if isinstance(value, dict) and _is_misspelt(value):
        return f"`{_dotted(path)}` names no secret", _A_NAME
    if not isinstance(value, str) or not value:
        return "", ""
    if re.search(_URL_WITH_USER, value):
        return f"`{_dotted(path)}` carries a user name or a password", _NOT_IN_ADDRESSES
    # A member of a list is told by the list's name.
    name = next((part for part in reversed(path) if not part.isdigit()), "")
    if is_secret or re.search(_SENSITIVE_NAME, name) or re.search(_SENSITIVE_VALUE, value):
        return f"`{_dotted(path)}` holds a secret, and a profile is no place for one", _NAME_IT
    return "", ""


def _cannot_be_given(path: Path) -> tuple[str, str]:
    if path[: len(INTERFACE)] == INTERFACE:
        return (
            f"`{_dotted(path)}` cannot hold a secret: Orthanc Explorer 2 sends its options to every browser",
            "remove it",
        )
    if any(part.isdigit() for part in path):
        return (
            f"`{_dotted(path)}` cannot be a secret: the image has no name for the elements of a list",
            "write an object with keys instead of the list: `{Url: …, Username: …, Password: {secret: …}}`",
        )
    if secret_file(path) is None:
        return (
            f"`{_dotted(path)}` cannot be a secret: the image has no name for a key with `_`, `.` or `/`",
            "choose a name of letters, digits and dashes",
        )
    return "", ""


def _dotted(path: Path) -> str:
    return ".".join(path)
