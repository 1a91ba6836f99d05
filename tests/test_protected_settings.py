"""Raw settings that would undo a protection are refused, with the reason; the others are let through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orthgen.products.orthanc import orthanc_settings
from orthgen.protected_settings import PROTECTED_SETTINGS, refused_settings
from tests.support.builders import EXAMPLES, example

UI_OPTIONS = ("OrthancExplorer2", "UiOptions")


def refused(settings: dict[str, Any], below: tuple[str, ...] = ()) -> list[str]:
    """The paths that are refused."""
    return [".".join(one.path) for one in refused_settings(settings, below)]


# Every protected key; after `=` a value that is allowed, because it keeps the protection.
KEYS = """
AuthenticationEnabled = false
RegisteredUsers
RemoteAccessAllowed = true
HttpServerEnabled = true
HttpPort
HttpBindAddresses
SslEnabled = false
Plugins
ExecuteLuaEnabled = false
RestApiWriteToFileSystemEnabled = false
WebDavEnabled = false
OrthancExplorerEnabled = false
HttpsVerifyPeers = true
HttpVerbose = false
DeidentifyLogs = true
StorageDirectory
IndexDirectory
MaximumStorageMode = "Reject"
PostgreSQL.Lock
ReadOnly
PostgreSQL.IndexConnectionsCount
PostgreSQL.Host
PostgreSQL.Port
PostgreSQL.Database
PostgreSQL.Username
PostgreSQL.EnableIndex
PostgreSQL.EnableSsl
LimitFindResults = 50
LimitFindInstances = 50
DicomServerEnabled
DicomAet
DicomPort
DicomCheckCalledAet = true
DicomCheckModalityHost = true
DicomTlsRemoteCertificateRequired = true
DicomAlwaysAllowEcho = false
DicomAlwaysAllowStore = false
DicomAlwaysAllowFind = false
DicomAlwaysAllowFindWorklist = false
DicomAlwaysAllowGet = false
DicomAlwaysAllowMove = false
DicomModalitiesInDatabase = false
OrthancPeersInDatabase = false
DicomWeb.ServersInDatabase = false
DicomModalities.*.AET
DicomModalities.*.Host
DicomModalities.*.Port
DicomModalities.*.AllowEcho
DicomModalities.*.AllowFind
DicomModalities.*.AllowFindWorklist
DicomModalities.*.AllowGet
DicomModalities.*.AllowMove
DicomModalities.*.AllowStore
DicomModalities.*.AllowStorageCommitment
DicomModalities.*.AllowNAction
DicomModalities.*.AllowEventReport
MultitenantDicom
PostgreSQL.Password
PostgreSQL.ConnectionUri
AwsS3Storage.AccessKey
AwsS3Storage.SecretKey
OrthancPeers.* = {}
DicomWeb.Servers.* = {}
Authorization.CheckedLevel = "studies"
Authorization.UncheckedLevels = "studies"
Authorization.Permissions
Authorization.ExtraPermissions = [["get", "^/x$", "api-view"]]
Authorization.UncheckedResources
Authorization.UncheckedFolders
Authorization.StandardConfigurations
Authorization.TokenHttpHeaders
Authorization.TokenGetArguments
Authorization.EnableAuditLogs
Authorization.WebService
Authorization.WebServiceRootUrl
Authorization.WebServiceUserProfileUrl
Authorization.WebServiceTokenValidationUrl
Authorization.WebServiceTokenCreationBaseUrl
Authorization.WebServiceTokenDecoderUrl
Authorization.WebServiceSettingsRolesUrl
Authorization.WebServiceUsername
Authorization.WebServicePassword
Authorization.WebServiceIdentifier
DicomWeb.Enable = true
DicomWeb.Root = "/dicom-web/"
DicomWeb.PublicRoot
DicomWeb.Host
DicomWeb.Ssl
DicomWeb.EnableWado = false
OrthancExplorer2.Enable = true
OrthancExplorer2.IsDefaultOrthancUI = true
OrthancExplorer2.Root = "/ui/"
OrthancExplorer2.Keycloak
OrthancExplorer2.Inbox
OrthancExplorer2.Tokens.RequiredForLinks = true
OrthancExplorer2.Tokens.ShareType
OrthancExplorer2.Tokens.InstantLinksValidity
OrthancExplorer2.UiOptions.EnableShares
OrthancExplorer2.UiOptions.AvailableLabels
OrthancExplorer2.UiOptions.EnableLinkToLegacyUi = false
OrthancExplorer2.UiOptions.OhifViewer3PublicRoot
OrthancExplorer2.UiOptions.EnableOpenInOhifViewer3
OHIF.RouterBasename
OHIF.UserConfiguration
OHIF.DataSource = "dicom-web"
StoneWebViewer.DicomWebRoot
StoneWebViewer.ExpectedMessageOrigin = "https://portal.example.org"
LuaScripts
StableAge
UserMetadata.GatheredLabels
CheckRevisions = false
"""
ROWS = [tuple(line.split(" = ")) for line in KEYS.strip().splitlines()]


def setting(key: str, value: Any) -> dict[str, Any]:
    """The settings in which `key` has `value`; `peer` is the name of whatever a person names."""
    for name in reversed(key.replace("*", "peer").split(".")):
        value = {name: value}
    return dict(value)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_protected_key_is_refused_by_its_path(row: tuple[str, ...]) -> None:
    """A value that a profile could want is refused, and the value that is allowed is not."""
    key, *allowed = row
    other = json.dumps(not json.loads(allowed[0])) if allowed and allowed[0] in {"true", "false"} else "[0]"
    if key == "StoneWebViewer.ExpectedMessageOrigin":
        other = '"*"'

    assert refused(setting(key, json.loads(other))) == [key.replace("*", "peer")]
    for value in allowed:
        assert refused(setting(key, json.loads(value))) == []


def test_every_protected_key_stands_in_the_table() -> None:
    """A key that is no longer protected is missed, and a new one is proved."""
    assert [row[0] for row in ROWS] == [key for setting in PROTECTED_SETTINGS for key in setting.keys]


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        pytest.param({"AuthenticationEnabled": True}, "AuthenticationEnabled", id="another way in"),
        pytest.param({"ExecuteLuaEnabled": True}, "ExecuteLuaEnabled", id="scripts by request"),
        pytest.param({"Plugins": []}, "Plugins", id="no authorization plugin"),
        pytest.param({"LimitFindResults": 0}, "LimitFindResults", id="no bound"),
        pytest.param({"DicomAlwaysAllowStore": True}, "DicomAlwaysAllowStore", id="strangers store"),
        pytest.param({"MaximumStorageMode": "Recycle"}, "MaximumStorageMode", id="patients are deleted"),
        pytest.param({"PostgreSQL": {"Password": "x"}}, "PostgreSQL.Password", id="a secret"),
        pytest.param(
            {"PostgreSQL": {"Host": "db.example.org"}}, "PostgreSQL.Host", id="another database server"
        ),
        pytest.param({"Authorization": {"Permissions": []}}, "Authorization.Permissions", id="another table"),
        pytest.param(
            {"Authorization": {"UncheckedFolders": ["/"]}}, "Authorization.UncheckedFolders", id="all open"
        ),
        pytest.param(
            {"Authorization": {"ExtraPermissions": [["get", "^/x$", ""]]}},
            "Authorization.ExtraPermissions",
            id="a row for everybody",
        ),
        pytest.param(
            {"DicomModalities": {"ct1": {"AllowMove": True}}},
            "DicomModalities.ct1.AllowMove",
            id="a peer may more",
        ),
        pytest.param(
            {"DicomModalities": {"ct2": ["CT2", "h", 104]}},
            "DicomModalities.ct2",
            id="a peer that may everything",
        ),
        pytest.param(
            {"OrthancPeers": {"x": ["http://x", "u", "p"]}}, "OrthancPeers.x", id="a peer with its password"
        ),
        pytest.param({"Authorization": None}, "Authorization", id="a section less"),
        pytest.param(
            {"StoneWebViewer": {"ExpectedMessageOrigin": "*"}},
            "StoneWebViewer.ExpectedMessageOrigin",
            id="any page",
        ),
    ],
)
def test_what_would_undo_a_protection_is_refused(settings: dict[str, Any], path: str) -> None:
    """The finding names the key, or the section that is replaced."""
    assert refused(settings) == [path]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"StorageCompression": True, "HttpThreadsCount": 100}, id="not protected"),
        pytest.param({"ExecuteLuaEnabled": False, "DicomCheckCalledAet": True}, id="the value that is there"),
        pytest.param({"LimitFindResults": 50}, id="another bound"),
        pytest.param({"MaximumStorageSize": 1000}, id="a full archive refuses"),
        pytest.param(
            {"DicomModalities": {"ct1": {"Timeout": 30, "UseDicomTls": True}}}, id="more about a peer"
        ),
        pytest.param(
            {"Authorization": {"ExtraPermissions": [["get", "^/x$", "api-view"]]}},
            id="a row with a permission",
        ),
        pytest.param({"PostgreSQL": {"EnableStorage": True}}, id="files in the database"),
    ],
)
def test_what_undoes_nothing_is_let_through(settings: dict[str, Any]) -> None:
    """The escape hatch stays open for what the profile has no word for."""
    assert refused(settings) == []


def test_settings_of_the_interface_are_seen_where_they_are_merged() -> None:
    """Their paths come back as the author wrote them."""
    assert refused({"EnableShares": True, "PageLoadSize": 10, "AvailableLabels": []}, UI_OPTIONS) == [
        "EnableShares",
        "AvailableLabels",
    ]
    assert refused({}, UI_OPTIONS) == []


def test_true_is_not_one() -> None:
    """A number does not pass for a flag."""
    assert refused({"ExecuteLuaEnabled": 0}) == ["ExecuteLuaEnabled"]


def test_every_reason_reads_on_and_every_remedy_is_an_order() -> None:
    """Lower case where no name begins, no final stop, never empty."""
    for setting in PROTECTED_SETTINGS:
        assert setting.keys
        assert setting.why
        assert not setting.why.endswith(".")
        assert setting.instead[0].islower()


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_rendered_keeps_the_fixed_values(name: str) -> None:
    """Where a protected setting allows one value only, an example has it."""
    settings = orthanc_settings(example(name))
    fixed = {key for setting in PROTECTED_SETTINGS for key in setting.keys if setting.allows is not _NEVER}

    broken = [path for path in refused(settings) if path in fixed]

    assert broken == []


_NEVER = next(setting.allows for setting in PROTECTED_SETTINGS if "Plugins" in setting.keys)
