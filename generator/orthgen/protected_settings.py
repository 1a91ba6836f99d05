"""
Protected settings: keys of orthanc.json that raw settings may not change.

Raw settings (`archive.settings`, `interface.settings`) are for keys that the profile has no word for. A key of this
table is refused, with the reason and the key of the profile to use instead. A value that changes nothing is accepted.
This module reads no profile and prints nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KeyPath = tuple[str, ...]


class ProtectedSetting(Struct, frozen=True):
    """
    Keys that stay as they are rendered, for one reason.

    `keys` are paths with dots; `*` is any name. `why` is a clause; `instead` is the remedy. `allows` tells whether a
    value keeps the protection.
    """

    keys: tuple[str, ...]
    why: str
    instead: str
    allows: Callable[[Any], bool]


class RefusedSetting(Struct, frozen=True):
    """A raw setting that would undo a protection: its path below the settings, the reason and the remedy."""

    path: KeyPath
    why: str
    instead: str

    @property
    def message(self) -> str:
        """The problem, in one clause."""
        return f"`{'.'.join(self.path)}` cannot be set: {self.why}"


def refused_settings(settings: Mapping[str, Any], below: KeyPath = ()) -> Iterator[RefusedSetting]:
    """
    Every raw setting that would undo a protection, in the order of `PROTECTED_SETTINGS`.

    `below` is the section of orthanc.json into which the settings are merged (`("OrthancExplorer2", "UiOptions")` for
    `interface.settings`). The paths of the result are relative to the settings.
    """
    tree: Any = dict(settings)
    for name in reversed(below):
        tree = {name: tree}
    seen: set[KeyPath] = set()
    for setting in PROTECTED_SETTINGS:
        for key in setting.keys:
            for path in _violations(tree, tuple(key.split(".")), setting.allows):
                if path not in seen and len(path) > len(below):
                    seen.add(path)
                    yield RefusedSetting(path[len(below) :], setting.why, setting.instead)


def _violations(
    value: Any, key: KeyPath, allows: Callable[[Any], bool], path: KeyPath = ()
) -> Iterator[KeyPath]:
    if not key:
        if not allows(value):
            yield path
    elif not isinstance(value, dict):
        # A section that is replaced by something else loses all its keys.
        yield path
    else:
        names = list(value) if key[0] == "*" else [key[0]] if key[0] in value else []
        for name in names:
            yield from _violations(value[name], key[1:], allows, (*path, name))


def _no_value(value: Any) -> bool:  # noqa: ARG001 - what it is does not matter
    return False


def _only_values(*values: object) -> Callable[[Any], bool]:
    return lambda value: any(
        value is allowed if isinstance(allowed, bool) else value == allowed for allowed in values
    )


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _names_permissions(value: Any) -> bool:
    """Whether every row of ExtraPermissions asks for something."""
    return isinstance(value, list) and all(
        isinstance(row, list) and len(row) == 3 and isinstance(row[2], str) and row[2].strip("| ") != ""
        for row in value
    )


_EDGE = "nginx is the only service that reaches Orthanc, and nginx uses the rendered address"
_PLUGIN = "the authorization plugin decides on every request"
_PEERS = "the profile names every peer with its rights, so that people can review them"
_ORIGIN = "orthgen derives the value from `institution.url`, and other files have the same value"


def _protect(
    why: str, *keys: str, instead: str = "remove it", allows: Callable[[Any], bool] = _no_value
) -> ProtectedSetting:
    return ProtectedSetting(keys, why, instead, allows)


def _each(path: str, *names: str) -> tuple[str, ...]:
    return tuple(path + name for name in names)


PROTECTED_SETTINGS: tuple[ProtectedSetting, ...] = (
    # Who has access.
    _protect(
        f"{_PLUGIN}, and with Basic authentication Orthanc refuses every request with a token",
        "AuthenticationEnabled",
        allows=_only_values(False),
    ),
    _protect(
        f"{_PLUGIN}; the accounts are in Keycloak",
        "RegisteredUsers",
        instead="use `identity.sign-in`",
    ),
    _protect(
        "Orthanc would refuse the requests that nginx forwards",
        "RemoteAccessAllowed",
        "HttpServerEnabled",
        allows=_only_values(True),
    ),
    _protect(_EDGE, "HttpPort", "HttpBindAddresses", instead="use `deployment.compose` for published ports"),
    _protect(
        f"{_EDGE}; nginx ends TLS, so Orthanc speaks plain http inside the deployment",
        "SslEnabled",
        instead="use `deployment.tls`",
        allows=_only_values(False),
    ),
    _protect(
        "without the authorization plugin every study is open to everybody, and the image itself writes the list of plugins",
        "Plugins",
        instead="enable a plugin by a setting in its own section, such as `Transfers`",
    ),
    # What nobody should be able to do through the web (the security FAQ of the Orthanc Book).
    _protect(
        "anybody with access to this route could run any program on the server",
        "ExecuteLuaEnabled",
        allows=_only_values(False),
    ),
    _protect(
        "a request could write files on the server",
        "RestApiWriteToFileSystemEnabled",
        allows=_only_values(False),
    ),
    _protect("WebDAV does not check permissions", "WebDavEnabled", allows=_only_values(False)),
    _protect(
        "the pages of the legacy Orthanc Explorer send no token, so all their requests are refused",
        "OrthancExplorerEnabled",
        allows=_only_values(False),
    ),
    _protect(
        "peers' certificates would not be checked",
        "HttpsVerifyPeers",
        allows=_only_values(True),
    ),
    _protect(
        "the log would contain tokens and names",
        "HttpVerbose",
        allows=_only_values(False),
    ),
    _protect("the log would contain the names of patients", "DeidentifyLogs", allows=_only_values(True)),
    # What must not be lost.
    _protect(
        "the volume with the studies is mounted at the rendered path; at another path Orthanc starts empty",
        "StorageDirectory",
        "IndexDirectory",
    ),
    _protect(
        "with `Recycle`, Orthanc deletes the oldest patients if the storage is full",
        "MaximumStorageMode",
        instead="set `MaximumStorageSize` alone: Orthanc then refuses new objects if the storage is full",
        allows=_only_values("Reject"),
    ),
    _protect("two Orthancs could write to one database", "PostgreSQL.Lock", instead="use `archive.replicas`"),
    _protect("Orthanc cannot lock a database that it only reads, and does not start", "ReadOnly"),
    _protect(
        "PostgreSQL is set up for the rendered number of connections",
        "PostgreSQL.IndexConnectionsCount",
        instead="use `archive.storage.connections`",
    ),
    _protect(
        "the deployment contains its own PostgreSQL, and Orthanc has to use it",
        *_each("PostgreSQL.", "Host", "Port", "Database", "Username", "EnableIndex", "EnableSsl"),
    ),
    # What a query may take.
    _protect(
        "without a limit, one query for all studies would read the whole database",
        "LimitFindResults",
        "LimitFindInstances",
        instead="set a number above 0",
        allows=_positive,
    ),
    # DICOM.
    _protect(
        "orthgen derives the value from `archive.modalities` and from the AETs of the collections",
        "DicomServerEnabled",
        instead="use `archive.modalities` or `archive.dicom`",
    ),
    _protect("other files of the deployment contain the same AET", "DicomAet", instead="use `archive.aet`"),
    _protect(
        "the published ports of the host lead to the rendered port",
        "DicomPort",
        instead="use `archive.dicom.port`",
    ),
    _protect(
        "Orthanc would accept associations with any called AET",
        "DicomCheckCalledAet",
        allows=_only_values(True),
    ),
    _protect(
        "any computer that uses the AET of a modality would have the rights of this modality",
        "DicomCheckModalityHost",
        "DicomTlsRemoteCertificateRequired",
        allows=_only_values(True),
    ),
    _protect(
        "DICOM peers that are not in the profile would have this right",
        *_each("DicomAlwaysAllow", "Echo", "Store", "Find", "FindWorklist", "Get", "Move"),
        instead="name the peer in `archive.modalities`",
        allows=_only_values(False),
    ),
    _protect(
        _PEERS,
        "DicomModalitiesInDatabase",
        "OrthancPeersInDatabase",
        "DicomWeb.ServersInDatabase",
        instead="name the peers: `archive.modalities`, `OrthancPeers`, `DicomWeb.Servers`",
        allows=_only_values(False),
    ),
    _protect(
        _PEERS,
        *_each("DicomModalities.*.", "AET", "Host", "Port"),
        *_each("DicomModalities.*.Allow", "Echo", "Find", "FindWorklist", "Get", "Move", "Store"),
        *_each("DicomModalities.*.Allow", "StorageCommitment", "NAction", "EventReport"),
        instead="use `archive.modalities`",
    ),
    _protect(
        "the collections of the profile put labels on studies by their called AET",
        "MultitenantDicom",
        instead="use `collections.….gather`",
    ),
    # Secrets with a key of their own in the profile. A raw setting names every other secret: `{secret: NAME}`.
    _protect(
        "`orthgen secrets` makes the password, and Orthanc uses the PostgreSQL of the deployment",
        *_each("PostgreSQL.", "Password", "ConnectionUri"),
    ),
    _protect(
        "the profile would contain a secret",
        *_each("AwsS3Storage.", "AccessKey", "SecretKey"),
        instead="use `archive.storage.files: {s3: {access-key: {secret: …}, secret-key: {secret: …}}}`",
    ),
    _protect(
        "a password in a list cannot be a secret reference, because the elements of a list have no names",
        "OrthancPeers.*",
        "DicomWeb.Servers.*",
        instead="write an object: `{Url: …, Username: …, Password: {secret: …}}`",
        allows=lambda value: not isinstance(value, list),
    ),
    # Who may do what.
    _protect(
        "labels and links belong to studies, so the plugin has to check studies",
        "Authorization.CheckedLevel",
        "Authorization.UncheckedLevels",
        allows=_only_values("studies"),
    ),
    _protect(
        "orthgen derives the rows from `roles` and checks them at every render",
        "Authorization.Permissions",
        instead="use `roles`, or add rows with `ExtraPermissions`",
    ),
    _protect(
        "a row without a permission opens its path to everybody",
        "Authorization.ExtraPermissions",
        instead="name a permission in each row",
        allows=_names_permissions,
    ),
    _protect(
        "the plugin opens these paths to everybody, without sign-in",
        *_each("Authorization.", "UncheckedResources", "UncheckedFolders", "StandardConfigurations"),
        instead="use `viewers`",
    ),
    _protect(
        "the guard in nginx checks the rendered headers and arguments only; a token elsewhere would not be checked",
        *_each("Authorization.", "TokenHttpHeaders", "TokenGetArguments"),
        instead="use `identity.api-keys`",
    ),
    _protect(
        "other settings of the deployment depend on it",
        "Authorization.EnableAuditLogs",
        instead="use `archive.audit-log`",
    ),
    _protect(
        "the plugin has to use the auth-service of the deployment",
        *_each("Authorization.WebService", "", "RootUrl", "UserProfileUrl", "TokenValidationUrl"),
        *_each("Authorization.WebService", "TokenCreationBaseUrl", "TokenDecoderUrl", "SettingsRolesUrl"),
        *_each("Authorization.WebService", "Username", "Password", "Identifier"),
    ),
    # What other files repeat.
    _protect("the viewers read studies by DICOMweb", "DicomWeb.Enable", allows=_only_values(True)),
    _protect(
        "the authorization plugin protects `/dicom-web/` only",
        "DicomWeb.Root",
        allows=_only_values("/dicom-web/"),
    ),
    _protect(_ORIGIN, *_each("DicomWeb.", "PublicRoot", "Host", "Ssl"), instead="use `institution`"),
    _protect(
        "WADO-URI names the study in the query, where the authorization plugin does not look",
        "DicomWeb.EnableWado",
        allows=_only_values(False),
    ),
    _protect(
        "Orthanc Explorer 2 is the only page of Orthanc that sends tokens",
        *_each("OrthancExplorer2.", "Enable", "IsDefaultOrthancUI"),
        allows=_only_values(True),
    ),
    _protect(
        "the authorization plugin opens the folder `/ui/` by its name",
        "OrthancExplorer2.Root",
        allows=_only_values("/ui/"),
    ),
    _protect(
        "the realm in Keycloak has to have the same settings",
        "OrthancExplorer2.Keycloak",
        instead="use `identity`",
    ),
    _protect("nginx and the inbox's rights have to fit it", "OrthancExplorer2.Inbox", instead="use `inbox`"),
    _protect(
        "links to viewers and downloads would carry no token, and the plugin would refuse them",
        "OrthancExplorer2.Tokens.RequiredForLinks",
        allows=_only_values(True),
    ),
    _protect(
        "the auth-service and the guard in nginx need the same value",
        *_each("OrthancExplorer2.Tokens.", "ShareType", "InstantLinksValidity"),
        "OrthancExplorer2.UiOptions.EnableShares",
        instead="use `sharing`",
    ),
    _protect(
        "the labels are those of `collections`",
        "OrthancExplorer2.UiOptions.AvailableLabels",
        instead="use `collections`",
    ),
    _protect(
        "the legacy Orthanc Explorer is off",
        "OrthancExplorer2.UiOptions.EnableLinkToLegacyUi",
        allows=_only_values(False),
    ),
    _protect(
        "the files of OHIF need the same value",
        *_each("OrthancExplorer2.UiOptions.", "OhifViewer3PublicRoot", "EnableOpenInOhifViewer3"),
        *_each("OHIF.", "RouterBasename", "UserConfiguration"),
        instead="use `viewers.ohif`",
    ),
    _protect(
        "reports and share links need OHIF's DICOMweb data source",
        "OHIF.DataSource",
        allows=_only_values("dicom-web"),
    ),
    _protect(_ORIGIN, "StoneWebViewer.DicomWebRoot"),
    _protect(
        "any web page could send commands to the viewer",
        "StoneWebViewer.ExpectedMessageOrigin",
        instead="write the origin of the one page that may, such as `https://portal.example.org`",
        allows=lambda value: value != "*",
    ),
    # The script `labels.lua` of the collections.
    _protect(
        "the list would replace `labels.lua`, and a Lua script has every right in Orthanc",
        "LuaScripts",
        instead="use `collections.….gather`",
    ),
    _protect(
        "the script `labels.lua` uses the same number of seconds",
        "StableAge",
        instead="use `archive.stable-after`",
    ),
    _protect("the script `labels.lua` stores its state in this metadata", "UserMetadata.GatheredLabels"),
    _protect(
        "the script `labels.lua` changes metadata without a revision, which Orthanc would then refuse",
        "CheckRevisions",
        allows=_only_values(False),
    ),
)
