"""Raw settings that cannot work, and secrets in them: refused where they stand, with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orthgen.deployment.required_secrets import secrets_of
from orthgen.errors import ProfileError
from orthgen.field_types import SecretRef
from orthgen.formats.merging import nested
from orthgen.formats.yaml_writer import dump_yaml
from orthgen.products.orthanc import orthanc_secrets, orthanc_settings
from orthgen.profile.load import load
from orthgen.targets.services.networks import network_members
from tests.support.builders import make_deployment, make_tree

PEER = {"Url": "https://lyon.example.org/", "Username": "alice"}


def complaints(tmp_path: Path, **changes: Any) -> list[tuple[str, str]]:
    """The messages and hints about a profile with `changes`."""
    path = tmp_path / "test.yaml"
    path.write_text(dump_yaml({**make_tree(), **changes}), encoding="utf-8")
    try:
        load(str(path))
    except ProfileError as error:
        return [(finding.message, finding.hint) for finding in error.findings]
    return []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"MetricsEnabled": "yes"}, "`MetricsEnabled` takes `true` or `false`"),
        ({"MetricsEnabled": 1}, "`MetricsEnabled` takes `true` or `false`"),
        ({"MaximumPatientCount": "12"}, "`MaximumPatientCount` takes a whole number"),
        ({"MaximumPatientCount": 12.0}, "`MaximumPatientCount` takes a whole number"),
        ({"MaximumPatientCount": True}, "`MaximumPatientCount` takes a whole number"),
        ({"MaximumPatientCount": -1}, "`MaximumPatientCount` takes a whole number"),
        ({"DefaultEncoding": True}, "`DefaultEncoding` takes a text"),
        ({"AcceptedTransferSyntaxes": 5}, "`AcceptedTransferSyntaxes` takes a list"),
        ({"Warnings": 5}, "`Warnings` takes a mapping"),
        (
            {"Warnings": {"W001_TagsBeingReadFromStorage": "no"}},
            "`Warnings.W001_TagsBeingReadFromStorage` takes `true` or `false`",
        ),
        (
            {"DicomWeb": {"EnableMetadataCache": "no"}},
            "`DicomWeb.EnableMetadataCache` takes `true` or `false`",
        ),
    ],
)
def test_a_value_with_which_orthanc_does_not_start_is_refused(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    """Orthanc (1.12.7, 1.13.0) ends with `Bad type for a parameter`: the profile says so before."""
    ((found, hint),) = complaints(tmp_path, archive={"settings": settings})

    assert found.startswith(message)
    assert hint.startswith("write ")


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        (
            {"MaximumPduLength": 10},
            "`MaximumPduLength` takes a number from 4096 to 131072",
            "write a number within these limits",
        ),
        ({"HttpThreadsCount": 0}, "`HttpThreadsCount` takes a number of at least 1", "write a number within"),
        (
            {"OverwriteInstances": "yes"},
            "`OverwriteInstances` takes `true`, `false` or one of 3 words",
            "known here: `Always`, `Never`, `IfChanged`",
        ),
        (
            {"DicomScuPreferredTransferSyntax": "jpeg"},
            "`DicomScuPreferredTransferSyntax` takes the UID of a transfer syntax that Orthanc knows",
            "write the UID of a transfer syntax",
        ),
    ],
)
def test_a_value_that_orthanc_does_not_accept_is_refused(
    tmp_path: Path, settings: dict[str, Any], message: str, hint: str
) -> None:
    """Orthanc (1.12.7, 1.13.0) ends with `Parameter out of range`."""
    ((found, remedy),) = complaints(tmp_path, archive={"settings": settings})

    assert found == message
    assert remedy.startswith(hint)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ([], "not a list of three to five items"),
        ("LO", "not a list of three to five items"),
        (["LO", "Site"], "not a list of three to five items"),
        (["LO", "Site", 1, 1, "C", 1], "not a list of three to five items"),
        (["LO", 5, 1], "are texts"),
        (["LO", "Site", 1, 1, 5], "are texts"),
        (["LO", "Site", "1"], "are whole numbers"),
        (["LO", "Site", 1, True], "are whole numbers"),
        (["lo", "Site", 1], "not a value representation"),
        (["LO", "Site", 2, 1], "below the least"),
    ],
)
def test_a_definition_that_orthanc_does_not_read_is_refused(
    tmp_path: Path, entry: object, reason: str
) -> None:
    """Orthanc (1.12.7, 1.13.0) ends at its start."""
    ((message, hint),) = complaints(tmp_path, archive={"settings": {"Dictionary": {"0011,1010": entry}}})

    assert reason in message
    assert hint == "write `[LO, SiteNumber, 1, 1, CREATOR]`"


@pytest.mark.parametrize("entry", [["LO", "Site", 1], ["UI", "Site", 1, 0], ["LO", "Site", 1, 2, "C"]])
def test_a_definition_that_orthanc_reads_is_taken(tmp_path: Path, entry: object) -> None:
    """The largest count and the creator can be left out; 0 is no limit."""
    assert complaints(tmp_path, archive={"settings": {"Dictionary": {"0011,1010": entry}}}) == []


@pytest.mark.parametrize(
    "value", [None, True, 5, 1.5, "x", [], ["x"], [["x"]], {}, {"x": "y"}, {"secret": "x"}]
)
def test_a_value_of_any_kind_is_answered(tmp_path: Path, value: object) -> None:
    """Each key that a check looks into, with a value that it does not expect: an error or none, never a traceback."""
    for key in (
        ("OverwriteInstances",),
        ("StoreMD5ForAttachments",),
        ("DicomModalities",),
        ("DicomModalities", "ct"),
        ("Dictionary",),
        ("Dictionary", "0011,1010"),
        ("ExtraMainDicomTags",),
        ("ExtraMainDicomTags", "Study"),
        ("OrthancPeers",),
        ("OrthancPeers", "lyon"),
        ("OrthancPeers", "lyon", "Url"),
        ("DicomWeb", "Servers"),
        ("UserMetadata", "site"),
        ("MaximumPduLength",),
    ):
        complaints(tmp_path, archive={"settings": nested(key, value)}, **{"signed-out": {"can": ["upload"]}})


def test_an_own_setting_of_a_modality_is_let_through(tmp_path: Path) -> None:
    """The profile has the modality, with its AET and address."""
    archive = {
        "modalities": {"ct": {"aet": "CT", "host": "10.0.0.1"}},
        "settings": {"DicomModalities": {"ct": {"Timeout": 10}}},
    }

    assert complaints(tmp_path, archive=archive) == []


def test_replacing_what_changed_needs_checksums(tmp_path: Path) -> None:
    """Orthanc (1.13.0) ends at its start without them."""
    settings = {"OverwriteInstances": "IfChanged", "StoreMD5ForAttachments": False}

    ((message, hint),) = complaints(tmp_path, archive={"settings": settings})

    assert "compares checksums" in message
    assert hint == "remove one of the two"
    assert complaints(tmp_path, archive={"settings": {**settings, "StoreMD5ForAttachments": True}}) == []


@pytest.mark.parametrize("tag", ["Modality", "0010,0020", "0010-0020", "00100020", "SiteNumber"])
def test_tags_that_orthanc_reads_are_taken(tmp_path: Path, tag: str) -> None:
    """Keywords, numbers, and names of the private tags that the settings define."""
    settings = {
        "Dictionary": {"0011,1010": ["LO", "SiteNumber", 1, 1, "Site"]},
        "ExtraMainDicomTags": {"Study": [tag]},
    }

    assert complaints(tmp_path, archive={"settings": settings}) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"MetricsEnabled": False, "MaximumPatientCount": 0, "DefaultEncoding": "Utf8"},
        # One text instead of a list, and either kind for a port: Orthanc reads both.
        {"AcceptedTransferSyntaxes": "1.2.840.10008.1.*"},
        {"OverwriteInstances": "IfChanged"},
        {"UserMetadata": {"site": 1024}},
        {"OrthancPeers": {"lyon": {**PEER, "Timeout": "10", "Password": {"secret": "lyon-password"}}}},
    ],
)
def test_a_value_of_the_kind_that_orthanc_reads_is_taken(tmp_path: Path, settings: dict[str, Any]) -> None:
    """Nothing is said about it, nor about what stands below a name that people choose."""
    assert complaints(tmp_path, archive={"settings": settings}) == []


@pytest.mark.parametrize(
    ("settings", "key", "hint"),
    [
        ({"PythonScript": "/etc/orthanc/x.py"}, "PythonScript", "remove it"),
        ({"DicomTlsEnabled": True}, "DicomTlsEnabled", "VPN"),
        ({"AzureBlobStorage": {"ContainerName": "x"}}, "AzureBlobStorage", "archive.storage.files"),
        ({"GoogleCloudStorage": {"BucketName": "x"}}, "GoogleCloudStorage", "archive.storage.files"),
        ({"MySQL": {"Host": "db"}}, "MySQL", "archive.storage.database"),
        ({"AdvancedStorage": {"MultipleStorages": {}}}, "AdvancedStorage.MultipleStorages", "remove it"),
        ({"Education": {"Enable": True}}, "Education", "remove it"),
        ({"ServeFolders": {"Folders": {"/x": "/y"}}}, "ServeFolders", "remove it"),
        (
            {"OrthancExplorer2": {"CustomLogoPath": "/logo.png"}},
            "OrthancExplorer2.CustomLogoPath",
            "remove it",
        ),
        ({"HttpsCACertificates": "/etc/ca.pem"}, "HttpsCACertificates", "remove it"),
        ({"TemporaryDirectory": "/data"}, "TemporaryDirectory", "/var/lib/orthanc"),
        ({"StoneWebViewer": {"DateFormat": "DD"}}, "StoneWebViewer", "viewers.stone"),
        ({"Worklists": {"Enable": True}}, "Worklists", "archive.worklists: true"),
        ({"AwsS3Storage": {"RootPath": "x"}}, "AwsS3Storage", "s3"),
        ({"HttpProxy": "http://proxy:3128"}, "HttpProxy", "remove it"),
        ({"SslMinimumProtocolVersion": 5}, "SslMinimumProtocolVersion", "deployment.tls"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path: Path, settings: dict[str, Any], key: str, hint: str) -> None:
    """One finding, which names the key, the reason and the way out."""
    ((message, remedy),) = complaints(tmp_path, archive={"settings": settings})

    assert message.startswith(f"`{key}` cannot work: ")
    assert hint in remedy


def test_storage_plugins_are_for_a_volume(tmp_path: Path) -> None:
    """Orthanc takes one storage area: beside S3 another plugin would keep it from starting."""
    s3 = {
        "bucket": "images",
        "region": "r",
        "access-key": {"secret": "s3-id"},
        "secret-key": {"secret": "s3-key"},
    }
    settings = {"DelayedDeletion": {"Enable": True}}

    assert complaints(tmp_path, archive={"settings": settings}) == []
    ((message, _),) = complaints(tmp_path, archive={"settings": settings, "storage": {"files": {"s3": s3}}})
    assert message.startswith("`DelayedDeletion` cannot work: ")


def test_the_largest_encrypted_file_can_be_set(tmp_path: Path) -> None:
    """Only where files are encrypted: otherwise the plugin would look for a key."""
    s3 = {
        "bucket": "images",
        "region": "r",
        "access-key": {"secret": "s3-id"},
        "secret-key": {"secret": "s3-key"},
    }
    settings: dict[str, Any] = {"AwsS3Storage": {"StorageEncryption": {"MaxConcurrentInputSize": 4095}}}

    def found(bucket: dict[str, Any]) -> list[tuple[str, str]]:
        return complaints(tmp_path, archive={"settings": settings, "storage": {"files": {"s3": bucket}}})

    encrypted = {**s3, "encryption": {"key": {"secret": "master"}}}
    assert found(encrypted) == []
    ((message, _),) = found(s3)
    assert message.startswith("`AwsS3Storage.StorageEncryption` cannot work: the files are not encrypted")
    settings["AwsS3Storage"]["StorageEncryption"] = {"MasterKey": [1, "/run/secrets/key"]}
    ((message, _),) = found(encrypted)
    assert message.startswith("`AwsS3Storage.StorageEncryption.MasterKey` cannot work: the profile says")


def test_the_authorities_of_the_system_alone_are_not_enough_for_a_bucket(tmp_path: Path) -> None:
    """Where the bucket has an authority, the file of this key is made of both; the system's would replace it."""
    s3 = {
        "bucket": "images",
        "region": "r",
        "endpoint": "https://s3.example.org",
        "access-key": {"secret": "s3-id"},
        "secret-key": {"secret": "s3-key"},
    }
    settings = {"HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt"}

    def found(bucket: dict[str, Any]) -> list[tuple[str, str]]:
        return complaints(tmp_path, archive={"settings": settings, "storage": {"files": {"s3": bucket}}})

    assert found(s3) == []
    ((message, _),) = found({**s3, "authority": "/etc/ssl/s3.pem"})
    assert message.startswith("`HttpsCACertificates` cannot work: ")


@pytest.mark.parametrize(
    "settings",
    [
        {"TemporaryDirectory": "/var/lib/orthanc"},
        {"HttpsCACertificates": "/etc/ssl/certs/ca-certificates.crt"},
        {"OrthancExplorer2": {"CustomLogoUrl": "https://www.example.org/logo.png"}},
        {"OrthancPeers": {"lyon": {**PEER, "Password": {"secret": "lyon-password"}}}},
        {"Housekeeper": {"Enable": True}},
        {"UserMetadata": {"secret": 1024}},
        {"OrthancExplorer2": {"UiOptions": {"EnableViewerQuickButton": False}}},
    ],
)
def test_what_works_is_let_through(tmp_path: Path, settings: dict[str, Any]) -> None:
    """What a container has, and what needs nothing."""
    assert complaints(tmp_path, archive={"settings": settings}) == []


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"OrthancPeers": {"lyon": {**PEER, "Password": "hunter2"}}}, "OrthancPeers.lyon.Password"),
        (
            {"OrthancPeers": {"lyon": {"Url": "https://alice:hunter2@lyon.example.org"}}},
            "OrthancPeers.lyon.Url",
        ),
        (
            {"DicomWeb": {"Servers": {"l": {"Url": "https://hunter2@l.example.org"}}}},
            "DicomWeb.Servers.l.Url",
        ),
        (
            {"DicomWeb": {"Servers": {"l": {"HttpHeaders": {"X-Key": "hunter2"}}}}},
            "DicomWeb.Servers.l.HttpHeaders.X-Key",
        ),
        (
            {"OrthancExplorer2": {"Emails": {"Server": {"ApiToken": "hunter2"}}}},
            "OrthancExplorer2.Emails.Server.ApiToken",
        ),
        (
            {"OrthancPeers": {"l": {**PEER, "Note": "AccountName=x;AccountKey=hunter2"}}},
            "OrthancPeers.l.Note",
        ),
        ({"OrthancPeers": {"l": {**PEER, "Note": "Bearer hunter2"}}}, "OrthancPeers.l.Note"),
        ({"OrthancPeers": {"l": {**PEER, "Password": {"secret": "Hunter 2"}}}}, "OrthancPeers.l.Password"),
        ({"OrthancPeers": {"l": ["https://l.example.org", "alice", "hunter2"]}}, "OrthancPeers.l"),
        ({"OrthancPeers": {"a_b": {**PEER, "Password": {"secret": "hunter2"}}}}, "OrthancPeers.a_b.Password"),
        ({"RejectedSopClasses": [{"secret": "hunter2"}]}, "RejectedSopClasses.0"),
        (
            {"OrthancExplorer2": {"UiOptions": {"DateFormat": {"secret": "hunter2"}}}},
            "OrthancExplorer2.UiOptions.DateFormat",
        ),
    ],
)
def test_a_secret_is_named_where_the_image_can_be_given_it(
    tmp_path: Path, settings: dict[str, Any], key: str
) -> None:
    """Told by its key and by its shape; no message repeats it, and one way out is told."""
    ((message, hint),) = complaints(tmp_path, archive={"settings": settings})

    assert message.startswith(f"`{key}` ")
    assert "hunter2" not in message + hint
    assert hint


def test_a_named_secret_reaches_orthanc_as_a_file() -> None:
    """It stands in no file of the deployment, is asked for, and is mounted under the key's own name."""
    deployment = make_deployment(
        archive={"settings": {"OrthancPeers": {"lyon": {**PEER, "Password": {"secret": "lyon-password"}}}}}
    )

    assert orthanc_settings(deployment)["OrthancPeers"] == {"lyon": PEER}
    assert ("lyon-password", "ORTHANC__ORTHANC_PEERS__lyon__PASSWORD") in orthanc_secrets(deployment)
    (asked,) = [secret for secret in secrets_of(deployment.profile) if secret.name == "lyon-password"]
    assert (asked.origin, asked.purpose) == ("given", "archive.settings.OrthancPeers.lyon.Password")
    assert deployment.profile.archive.settings["OrthancPeers"]["lyon"]["Password"] == SecretRef(
        secret="lyon-password"
    )


def test_other_servers_bring_a_network() -> None:
    """Orthanc has internal networks only, unless something that is configured is elsewhere."""
    alone = make_deployment()
    with_peer = make_deployment(archive={"settings": {"OrthancPeers": {"lyon": PEER}}})

    assert "orthanc-to-outside" not in [network.name for network in network_members(alone)]
    (network,) = [one for one in network_members(with_peer) if one.name == "orthanc-to-outside"]
    assert network.reaches_out
    assert not network.publishes
