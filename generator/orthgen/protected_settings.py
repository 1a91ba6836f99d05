"""
Protected settings: keys of orthanc.json that raw settings may not change.

The escape hatch (`archive.settings`, `interface.settings`) is for what the profile has no word for. A key that
stands here is refused, with the reason and with the way of asking for what was meant. A value that changes
nothing is let through. Nothing here knows of profiles or prints.
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

    `keys` are paths with dots, `*` standing for any name. `why` is a clause; `instead` says how to ask for what
    was meant. `allows` reveals a value whether it leaves the guarantee whole.
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
    Whatever in raw settings would undo a protection, in the order of `GUARANTEES`.

    `below` is where in orthanc.json the settings are merged (`("OrthancExplorer2", "UiOptions")` for the
    interface's); the paths that come back are relative to the settings.
    """
    tree: Any = dict(settings)
    for name in reversed(below):
        tree = {name: tree}
    seen: set[KeyPath] = set()
    for guarantee in GUARANTEES:
        for key in guarantee.keys:
            for path in _violations(tree, tuple(key.split(".")), guarantee.allows):
                if path not in seen and len(path) > len(below):
                    seen.add(path)
                    yield RefusedSetting(path[len(below) :], guarantee.why, guarantee.instead)


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


_EDGE = "only the proxy reaches Orthanc, and it knows this address only"
_PLUGIN = "the authorization plugin decides on every request"
_PEERS = "the rights of each peer are in the profile, where they can be reviewed"
_ORIGIN = "it follows from the public origin, and other files repeat it"


def _protect(
    why: str, *keys: str, instead: str = "remove it", allows: Callable[[Any], bool] = _no_value
) -> ProtectedSetting:
    return ProtectedSetting(keys, why, instead, allows)


def _each(path: str, *names: str) -> tuple[str, ...]:
    return tuple(path + name for name in names)


GUARANTEES: tuple[ProtectedSetting, ...] = (
    # Who gets in.
    _protect(
        f"{_PLUGIN}, and Basic authentication beside it refuses every token",
        "AuthenticationEnabled",
        allows=_only_values(False),
    ),
    _protect(f"{_PLUGIN}; users are Keycloak's", "RegisteredUsers", instead="use `identity.sign-in`"),
    _protect(
        "the proxy would be refused", "RemoteAccessAllowed", "HttpServerEnabled", allows=_only_values(True)
    ),
    _protect(
        _EDGE, "HttpPort", "HttpBindAddresses", instead="use `deployment.compose` for what the host publishes"
    ),
    _protect(
        f"{_EDGE}; nginx ends TLS", "SslEnabled", instead="use `deployment.tls`", allows=_only_values(False)
    ),
    _protect(
        "without the authorization plugin everything is open, and the image lists the plugins itself",
        "Plugins",
        instead="enable a plugin by its section",
    ),
    # What nobody should be able to do through the web (the security FAQ of the Orthanc Book).
    _protect("anybody who may call it could run anything", "ExecuteLuaEnabled", allows=_only_values(False)),
    _protect(
        "requests could write files on the server",
        "RestApiWriteToFileSystemEnabled",
        allows=_only_values(False),
    ),
    _protect("WebDAV does not check permissions", "WebDavEnabled", allows=_only_values(False)),
    _protect("the legacy explorer sends no token", "OrthancExplorerEnabled", allows=_only_values(False)),
    _protect(
        "certificates of peers would not be checked",
        "HttpsVerifyPeers",
        allows=_only_values(True),
    ),
    _protect("the log would contain tokens and patients", "HttpVerbose", allows=_only_values(False)),
    _protect("the log would contain patients", "DeidentifyLogs", allows=_only_values(True)),
    # What must not be lost.
    _protect("the volume is mounted elsewhere", "StorageDirectory", "IndexDirectory"),
    _protect(
        "`Recycle` deletes the oldest patients without asking",
        "MaximumStorageMode",
        instead="set `MaximumStorageSize` alone: what is too much is refused",
        allows=_only_values("Reject"),
    ),
    _protect(
        "a second Orthanc could write to the same database", "PostgreSQL.Lock", allows=_only_values(True)
    ),
    _protect(
        "the database is set up for as many",
        "PostgreSQL.IndexConnectionsCount",
        instead="use `archive.storage.connections`",
    ),
    _protect(
        "the deployment carries its own database",
        *_each("PostgreSQL.", "Host", "Port", "Database", "Username", "EnableIndex", "EnableSsl"),
    ),
    # What a query may take.
    _protect(
        "a query for everything would read everything",
        "LimitFindResults",
        "LimitFindInstances",
        instead="set a number above 0",
        allows=_positive,
    ),
    # DICOM.
    _protect(
        "it follows from the modalities and the collections' AETs",
        "DicomServerEnabled",
        instead="use `archive.modalities` or `archive.dicom`",
    ),
    _protect("other parts name it", "DicomAet", instead="use `archive.aet`"),
    _protect("the host's ports lead to this one", "DicomPort", instead="use `archive.dicom.port`"),
    _protect("any called AET would be answered", "DicomCheckCalledAet", allows=_only_values(True)),
    _protect(
        "anybody who knows an AET could pass for the modality",
        "DicomCheckModalityHost",
        "DicomTlsRemoteCertificateRequired",
        allows=_only_values(True),
    ),
    _protect(
        "peers that nobody named could do it",
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
        "labels by called AET are part of the collections",
        "MultitenantDicom",
        instead="use `collections.….gather`",
    ),
    # Secrets that have a word of their own; all others are named where they stand.
    _protect(
        "`orthgen secrets` makes the password, and the address is that of the deployment's own database",
        *_each("PostgreSQL.", "Password", "ConnectionUri"),
    ),
    _protect(
        "the profile would contain a secret",
        *_each("AwsS3Storage.", "AccessKey", "SecretKey"),
        instead="use `archive.storage.files: {s3: {access-key: {secret: …}, secret-key: {secret: …}}}`",
    ),
    _protect(
        "the elements of a list have no names, and its password could not be named",
        "OrthancPeers.*",
        "DicomWeb.Servers.*",
        instead="write an object: `{Url: …, Username: …, Password: {secret: …}}`",
        allows=lambda value: not isinstance(value, list),
    ),
    # Who may do what.
    _protect(
        "labels are put on studies and links are made for studies",
        "Authorization.CheckedLevel",
        "Authorization.UncheckedLevels",
        allows=_only_values("studies"),
    ),
    _protect(
        "rights follow from the roles, and are checked at every render",
        "Authorization.Permissions",
        instead="use `roles`; `ExtraPermissions` can add rows",
    ),
    _protect(
        "a row that asks for no permission is open to everybody",
        "Authorization.ExtraPermissions",
        instead="name a permission in each row",
        allows=_names_permissions,
    ),
    _protect(
        "its contents are open to everybody",
        *_each("Authorization.", "UncheckedResources", "UncheckedFolders", "StandardConfigurations"),
        instead="use `viewers`",
    ),
    _protect(
        "the guard at the edge knows the headers and arguments that are rendered",
        *_each("Authorization.", "TokenHttpHeaders", "TokenGetArguments"),
        instead="use `identity.api-keys`",
    ),
    _protect("other parts follow it", "Authorization.EnableAuditLogs", instead="use `archive.audit-log`"),
    _protect(
        "the deployment's own auth-service answers",
        *_each("Authorization.WebService", "", "RootUrl", "UserProfileUrl", "TokenValidationUrl"),
        *_each("Authorization.WebService", "TokenCreationBaseUrl", "TokenDecoderUrl", "SettingsRolesUrl"),
        *_each("Authorization.WebService", "Username", "Password", "Identifier"),
    ),
    # What other files repeat.
    _protect("viewers need it", "DicomWeb.Enable", allows=_only_values(True)),
    _protect(
        "the authorization plugin protects this one only", "DicomWeb.Root", allows=_only_values("/dicom-web/")
    ),
    _protect(_ORIGIN, *_each("DicomWeb.", "PublicRoot", "Host", "Ssl"), instead="use `institution`"),
    _protect(
        "its addresses name no resource, so nothing checks it",
        "DicomWeb.EnableWado",
        allows=_only_values(False),
    ),
    _protect(
        "people would have no page that sends tokens",
        *_each("OrthancExplorer2.", "Enable", "IsDefaultOrthancUI"),
        allows=_only_values(True),
    ),
    _protect(
        "the authorization plugin lets this folder through by its name",
        "OrthancExplorer2.Root",
        allows=_only_values("/ui/"),
    ),
    _protect("Keycloak's own settings have to agree", "OrthancExplorer2.Keycloak", instead="use `identity`"),
    _protect("the proxy answers for it", "OrthancExplorer2.Inbox", instead="use `inbox`"),
    _protect(
        "links of viewers and downloads would carry no token",
        "OrthancExplorer2.Tokens.RequiredForLinks",
        allows=_only_values(True),
    ),
    _protect(
        "the auth-service and the guard at the edge have to agree",
        *_each("OrthancExplorer2.Tokens.", "ShareType", "InstantLinksValidity"),
        "OrthancExplorer2.UiOptions.EnableShares",
        instead="use `sharing`",
    ),
    _protect(
        "labels are those of the collections",
        "OrthancExplorer2.UiOptions.AvailableLabels",
        instead="use `collections`",
    ),
    _protect(
        "the legacy explorer is off",
        "OrthancExplorer2.UiOptions.EnableLinkToLegacyUi",
        allows=_only_values(False),
    ),
    _protect(
        "OHIF's own files have to agree",
        *_each("OrthancExplorer2.UiOptions.", "OhifViewer3PublicRoot", "EnableOpenInOhifViewer3"),
        *_each("OHIF.", "RouterBasename", "UserConfiguration"),
        instead="use `viewers.ohif`",
    ),
    _protect("reports and shares need it", "OHIF.DataSource", allows=_only_values("dicom-web")),
    _protect(_ORIGIN, "StoneWebViewer.DicomWebRoot"),
    _protect(
        "any page could steer the viewer",
        "StoneWebViewer.ExpectedMessageOrigin",
        instead="name the origin of the page that may",
        allows=lambda value: value != "*",
    ),
    # The script of the collections.
    _protect(
        "a list replaces orthgen's rows, and a script has every right",
        "LuaScripts",
        instead="use `collections.….gather`",
    ),
    _protect(
        "the script of the collections counts with the same number",
        "StableAge",
        instead="use `archive.stable-after`",
    ),
    _protect("the script of the collections keeps its notes there", "UserMetadata.GatheredLabels"),
    _protect(
        "the script of the collections changes its notes without naming a revision",
        "CheckRevisions",
        allows=_only_values(False),
    ),
)
