"""
`archive.settings` and `interface.settings`: what Orthanc's configuration says beyond the rest of the profile.

The settings that the draft renders are compared with the observed ones. What differs becomes a raw setting where
validation allows it, and a note where it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orthgen.adoption.draft import NoteKind
from orthgen.adoption.profile_values import name_like
from orthgen.adoption.references import note_secret
from orthgen.catalogue.named_secrets import secret_file
from orthgen.catalogue.orthanc_defaults import orthanc_default
from orthgen.products.orthanc import orthanc_settings
from orthgen.products.orthanc.bucket import AUTHORITIES
from orthgen.profile.raw_settings import INTERFACE
from orthgen.secret_detection import is_secret_name, may_be_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orthgen.adoption.draft import Draft
    from orthgen.adoption.original_deployment import OriginalDeployment
    from orthgen.deployment.model import Deployment
    from orthgen.observed.settings import Settings

KeyPath = tuple[str, ...]

# Settings that the parts of the profile state or note: what differs there differs for a reason that is told.
_STATED = (
    ("Name",),
    ("DicomAet",),
    ("DicomPort",),
    ("DicomModalities",),
    ("DicomModalitiesInDatabase",),
    ("OverwriteInstances",),
    ("StableAge",),
    ("StorageDirectory",),
    ("IndexDirectory",),
    ("HttpPort",),
    ("Plugins",),
    ("RegisteredUsers",),
    ("AuthenticationEnabled",),
    ("RemoteAccessAllowed",),
    ("LuaScripts",),
    ("PythonScript",),
    ("MultitenantDicom",),
    *(
        (key,)
        for key in (
            "DicomAlwaysAllowEcho",
            "DicomAlwaysAllowStore",
            "DicomAlwaysAllowFind",
            "DicomAlwaysAllowGet",
        )
    ),
    *(
        ("PostgreSQL", key)
        for key in ("EnableIndex", "EnableStorage", "Host", "Port", "Database", "Username", "Password")
    ),
    ("PostgreSQL", "ConnectionUri"),
    ("PostgreSQL", "IndexConnectionsCount"),
    ("PostgreSQL", "Lock"),
    *(
        ("AwsS3Storage", key)
        for key in ("BucketName", "Region", "Endpoint", "VirtualAddressing", "AccessKey", "SecretKey")
    ),
    *(("AwsS3Storage", "StorageEncryption", key) for key in ("Enable", "MasterKey", "PreviousMasterKeys")),
    *(
        ("Authorization", key)
        for key in (
            "WebService",
            "WebServiceRootUrl",
            "WebServiceUsername",
            "WebServicePassword",
            "WebServiceIdentifier",
            "WebServiceTokenCreationBaseUrl",
            "WebServiceTokenValidationUrl",
            "WebServiceTokenDecoderUrl",
            "WebServiceUserProfileUrl",
            "WebServiceSettingsRolesUrl",
            "WebServiceLoginUrl",
            "EnableAuditLogs",
            "StandardConfigurations",
            "TokenHttpHeaders",
            "CheckedLevel",
        )
    ),
    ("OrthancExplorer2", "Emails"),
    (*INTERFACE, "EnableSharesByEmail"),
    *((*INTERFACE, f"ShareEmail{key}") for key in ("ContentTemplate", "LayoutTemplate", "Title")),
    ("DicomWeb", "Root"),
    ("DicomWeb", "PublicRoot"),
    ("DicomWeb", "Enable"),
    ("DicomWeb", "Host"),
    ("OHIF",),
    *(
        ("OrthancExplorer2", key)
        for key in (
            "Enable",
            "IsDefaultUI",
            "IsDefaultOrthancUI",
            "Theme",
            "CustomTitle",
            "Root",
            "OrthancApiPublicRoot",
            "Keycloak",
            "Tokens",
            "Inbox",
        )
    ),
    *(
        (*INTERFACE, key)
        for key in (
            "EnableShares",
            "ShareDuration",
            "ShareDurations",
            "DefaultShareDuration",
            "AvailableLanguages",
            "DefaultLanguage",
            "StudyListSearchMode",
            "StudyListContentIfNoSearch",
            "MaxStudiesDisplayed",
            "AvailableLabels",
            "ViewersIcons",
            "ViewersOrdering",
            "OhifViewer3PublicRoot",
            "EnableOpenInOhifViewer",
            "EnableOpenInOhifViewer3",
            "EnableOpenInMedDreamViewer",
            "EnableWorklists",
            "EnableAuditLogs",
        )
    ),
    ("Worklists", "Enable"),
    ("Worklists", "Directory"),
    ("Worklists", "SaveInOrthancDatabase"),
)
_AUTHORITIES = ("HttpsCACertificates",)


def state_remaining_settings(original: OriginalDeployment, draft: Draft, deployment: Deployment) -> None:
    """State what Orthanc's configuration says and the deployment of the draft does not."""
    expected = orthanc_settings(deployment)
    replaced: list[str] = []
    for path, value in _differing(original.settings.value, expected):
        if path == _AUTHORITIES and expected.get(*path) == AUTHORITIES:
            continue  # stated as the authority of the bucket
        place = original.settings.locate(path)
        if orthanc_default(path) == value:
            # A file that repeats Orthanc's defaults asks for nothing.
            if _has(expected, path):
                replaced.append(".".join(path))
            continue
        key = ("archive", "settings", *path)
        if path[:2] == INTERFACE and len(path) > 2:
            key = ("interface", "settings", *path[2:])
        # A switch such as `EnableChangePassword` is about secrets, and is none.
        is_switch = isinstance(value, bool | int | float)
        if may_be_secret(path[-1], value) or (is_secret_name(path[-1]) and not is_switch):
            _state_secret(draft, key, path, original.settings)
        elif value is not None:
            draft.state(key, value, place)
    if replaced:
        draft.note(
            NoteKind.CHANGED,
            f"settings that the file leaves at Orthanc's default: {', '.join(f'`{name}`' for name in replaced)}",
            "orthgen's values take their place; `orthanc/orthanc.json` has a comment on each that matters",
        )


def _state_secret(draft: Draft, key: tuple[str, ...], path: KeyPath, settings: Settings) -> None:
    """State a reference in place of a secret that the image can read from a file; else note it."""
    place = settings.locate(path)
    if secret_file(path) is None:
        what = f"`{'.'.join(path)}` holds a secret"
        draft.note(NoteKind.LEFT_OUT, what, "the image reads no secret for this key from a file", place)
        return
    name = name_like("-".join(path[-2:]))
    draft.state(key, {"secret": name}, place)
    note_secret(draft, name, f"the value of `{'.'.join(path)}`", place)


def _differing(
    observed: Mapping[str, Any], expected: Any, path: KeyPath = ()
) -> Iterator[tuple[KeyPath, Any]]:
    """The values that are there and not expected, in the order of the file."""
    for name, value in observed.items():
        here = (*path, name)
        if any(here[: len(stated)] == stated for stated in _STATED):
            continue
        other = expected.get(name) if isinstance(expected, dict) else None
        if isinstance(value, dict) and (value or isinstance(other, dict)):
            yield from _differing(value, other, here)
        elif value != other or not isinstance(expected, dict) or name not in expected:
            yield here, value


def _has(settings: Any, path: KeyPath) -> bool:
    for name in path:
        if not isinstance(settings, dict) or name not in settings:
            return False
        settings = settings[name]
    return True
